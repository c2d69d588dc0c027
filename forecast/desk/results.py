"""Results as a notebook shows them: levels and effects side by side, two gates, and what drives a number."""

from typing import Any

import IPython.display
import pandas as pd

from forecast.breadth import choice_table, forms_table, goods_rows, goods_table, hosts_table, shadow_rows, shadow_table
from forecast.desk.view import Listed, Shown, View, inputs_of, listed, result_of
from forecast.figures import tornado_chart
from forecast.gates import gates_table, two_gates
from forecast.sensitivity import Outcome, outcome_draws, tornado
from forecast.tables import WHERE, channels_table, effect_table, headline_table, signed, two_digits, year_end

FEW = 256
"""Draws on which side questions are answered."""


def levels(view: View, by: str = "year") -> Listed:
    """Stocks by regime: at year-ends, or by channel at the headline date."""
    table = headline_table if by == "year" else channels_table
    return listed(table(view.rows, view.scope))


def effects(view: View) -> Listed:
    """Paired effects at the headline date with the probabilities of a change beyond a tenth."""
    return listed(effect_table(view.rows, view.scope))


def gates(view: View, gpu_class: str, year: int) -> Listed:
    """Washington's answer times Beijing's acceptance for one class, on the first draws of the run."""
    few = inputs_of(view).isel(draw=slice(FEW))
    held = view.context["classes"][gpu_class]
    return listed(gates_table(two_gates(few, gpu_class, year), held["label"]))


class Drivers:
    """What drives one number: the table, the figure and the words to it."""

    def __init__(self, view: View, outcome: Outcome) -> None:
        self.view, self.outcome = view, outcome
        self.values = outcome_draws(result_of(view), outcome)
        self.table = tornado(inputs_of(view), self.values, outcome.quarter)

    @property
    def title(self) -> str:
        """The outcome in words."""
        titles, where = self.view.scope.titles, WHERE.get(self.outcome.channel, self.outcome.channel)
        regime = titles.get(self.outcome.regime, self.outcome.regime)
        if self.outcome.against:
            against = titles.get(self.outcome.against, self.outcome.against)
            return f"What drives the effect of {regime} against {against} on {where} compute at {year_end(self.outcome.quarter)}"
        return f"What drives {where} compute at {year_end(self.outcome.quarter)} under {regime}"

    def figure(self) -> Any:
        """The tornado, or a sentence when nothing stands out."""
        if self.table["within_noise"].all():
            text: Any = IPython.display.Markdown
            return text(f"*{self.title}*: no input stands out from the noise of {len(self.values)} draws. Take more draws.")
        return Shown(tornado_chart(self.table, self.title))

    def listed(self, most: int = 12) -> Listed:
        """The largest effects as a table."""
        rows = [
            {
                "input": row.input, "what it is": row.about, "rank correlation": f"{row.rho:+.2f}".replace("-", "−"),
                "from": two_digits(row.low / 1e6), "to": two_digits(row.high / 1e6), "change": signed(row.change / 1e6),
                "sampling error": two_digits(row.mc_error / 1e6), "within noise": "yes" if row.within_noise else "no",
            }
            for row in self.table.head(most).itertuples()
        ]  # fmt: skip
        note = "From and to: median in the lowest and in the highest tenth of the input, million H100e."
        return Listed(pd.DataFrame(rows), self.title, note)


def drivers(view: View, regime: str = "", channel: str = "onshore", quarter: str = "", against: str = "") -> Drivers:
    """What drives a stock at a quarter's end (the headline date) under a regime (the base), or its effect against another."""
    return Drivers(view, Outcome("compute_nominal", quarter or view.scope.headline, regime or view.scope.base, channel, against))


def goods(view: View) -> Listed:
    """Price and purchases of training and serving compute."""
    return listed(goods_table(goods_rows(result_of(view), view.scope), view.scope))


def hosts(view: View) -> Listed:
    """Compute abroad by host country, owned and rented."""
    return listed(hosts_table(result_of(view), view.scope))


def forms(view: View) -> Listed:
    """The spread between the forms of each structural fork beside the spread within."""
    return listed(forms_table(view.scenario.model_copy(update={"draws": min(FEW, view.scenario.draws)}), view.scope))


def shadows(view: View) -> Listed:
    """What one percent more of each constraint would add."""
    asked = view.scenario.model_copy(update={"draws": min(FEW, view.scenario.draws)})
    return listed(shadow_table(shadow_rows(asked, view.scope), view.scope, asked.draws))


def choice(view: View, gpu_class: str = "h20", year: int = 2024) -> Listed:
    """What buyers of a past year would have chosen beside what they bought."""
    return listed(choice_table(inputs_of(view), gpu_class, year))
