"""What notebooks stand on: one function per table or figure, so that a cell asks, shows and says, and computes nothing."""

from forecast.desk.box import box, use_boxes
from forecast.desk.domestic import (
    levers,
    policy_on_supply,
    sovereignty,
    supply_bounds,
    supply_dies,
    supply_flow,
    supply_lines,
    supply_memory,
    supply_packages,
    supply_stockpile,
    supply_vendors,
    supply_views,
    supply_yields,
)
from forecast.desk.evidence import comparators, lineages, observed, sources, who_says
from forecast.desk.explore import controls_table, explore
from forecast.desk.frontier import frontier
from forecast.desk.inputs import correlations, input_table, least_certain, sampled
from forecast.desk.question import changed_inputs, ledger, scenario_text, scenarios
from forecast.desk.results import choice, drivers, effects, forms, gates, goods, hosts, levels, shadows
from forecast.desk.rules import (
    answer,
    answer_reasons,
    chips_through_time,
    differences,
    differences_table,
    law_steps,
    rules_in_force,
    threshold_plane,
    vendors_answer,
    what_changes,
)
from forecast.desk.view import View, beside_published, effect_figure, headline, open_run, question, show

__all__ = [
    "View",
    "answer",
    "answer_reasons",
    "beside_published",
    "box",
    "changed_inputs",
    "chips_through_time",
    "choice",
    "comparators",
    "controls_table",
    "correlations",
    "differences",
    "differences_table",
    "drivers",
    "effect_figure",
    "effects",
    "explore",
    "forms",
    "frontier",
    "gates",
    "goods",
    "headline",
    "hosts",
    "input_table",
    "law_steps",
    "least_certain",
    "ledger",
    "levels",
    "levers",
    "lineages",
    "observed",
    "open_run",
    "policy_on_supply",
    "question",
    "rules_in_force",
    "sampled",
    "scenario_text",
    "scenarios",
    "shadows",
    "show",
    "sources",
    "sovereignty",
    "supply_bounds",
    "supply_dies",
    "supply_flow",
    "supply_lines",
    "supply_memory",
    "supply_packages",
    "supply_stockpile",
    "supply_vendors",
    "supply_views",
    "supply_yields",
    "threshold_plane",
    "use_boxes",
    "vendors_answer",
    "what_changes",
    "who_says",
]

use_boxes()
