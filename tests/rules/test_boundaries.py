"""Every number and date in every enacted step: just under, at and just over it, tried from the file's own words.

What a relation means is written out here once more, so that neither the reader of tests nor the evaluator is its own judge.
"""

import datetime as dt
import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from forecast.catalogue.law import load_regimes
from forecast.items import facts_given
from forecast.regime import Rule, lineage
from forecast.rulebook import classify
from forecast.stages.permissions import FAILED, MET, METRICS, catches

PARAMS = Path(__file__).parents[2] / "params"

HOLDS = {">=": (False, True, True), ">": (False, False, True), "<": (True, False, False), "<=": (True, True, False)}
"""Whether a value just under, at and just over the bound meets a relation."""

WORD = re.compile(r"^(.+) (>=|<=|==|>|<) (\S+)$")


def numbered(text):
    """A test in its parts: facts, relation, bound as a number (a date as days)."""
    left, relation, right = WORD.match(text).groups()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", right):
        return left.split(" + "), relation, float((dt.date.fromisoformat(right) - dt.date(1970, 1, 1)).days)
    return left.split(" + "), relation, 1.0 if right == "yes" else 0.0 if right == "no" else float(right)


def inside(tests):
    """For each fact a value that meets all tests of a branch on it alone: midway between its bounds, or well beyond one."""
    low, high, exact = {}, {}, {}
    for names, relation, bound in map(numbered, tests):
        if len(names) > 1:
            low |= {name: max(bound, low.get(name, 0.0)) for name in names}
        elif relation == "==":
            exact[names[0]] = bound
        elif relation in (">=", ">"):
            low[names[0]] = max(bound, low.get(names[0], 0.0))
        else:
            high[names[0]] = min(bound, high.get(names[0], np.inf))
    values = dict(exact)
    for name in {*low, *high}:
        bottom, top = low.get(name, 0.0), high.get(name, np.inf)
        values[name] = (bottom + top) / 2 if np.isfinite(top) else bottom * 2 + 1
    return values


def rules_of(regimes):
    for step in lineage("current", regimes):
        for move in step.moves:
            if isinstance(move.value, Rule):
                yield step.name, move, move.value


def branches(regimes):
    """Every branch with every test in it that has an order: (id, rule, branch, place of the test)."""
    for name, move, rule in rules_of(regimes):
        for k, branch in enumerate(rule.any_of):
            for n, text in enumerate(branch):
                if numbered(text)[1] != "==":
                    yield pytest.param(move, rule, branch, n, id=f"{name}-{move.lever}-{k}-{text}".replace(" ", ""))


CASES = list(branches(load_regimes(PARAMS)))


def item(rule, values):
    """Facts of an item that the rule addresses, with these values."""
    facts = facts_given({})
    facts |= {name: np.array([value]) for name, value in values.items()}
    words = {"vendor": (rule.vendors or ("",))[0], "origin": (rule.origins or ("US",))[0], "chip": ""}
    return facts | {name: np.array([word], dtype=object) for name, word in words.items()}


@pytest.mark.parametrize(("move", "rule", "branch", "place"), CASES)
def test_a_test_turns_exactly_at_its_bound(move, rule, branch, place):
    names, relation, bound = numbered(branch[place])
    step = 1.0 if METRICS[names[0]].kind == "date" else max(abs(bound), 1.0) * 1e-9
    alone = rule.model_copy(update={"any_of": (branch,), "named": ()}).provision(move.lever)
    others = inside([text for n, text in enumerate(branch) if n != place])
    for value, wanted in zip((bound - step, bound, bound + step), HOLDS[relation], strict=True):
        values = others | (
            dict(zip(names, [value / len(names)] * len(names), strict=True)) if len(names) > 1 else {names[0]: value}
        )
        rest = [numbered(text) for n, text in enumerate(branch) if n != place and names == numbered(text)[0]]
        if any(not _holds(values[names[0]], one, limit) for _, one, limit in rest if len(names) == 1):
            continue
        total = sum(values[name] for name in names)
        if len(names) > 1 and total != value:
            values[names[0]] += value - total
        assert catches(alone, item(rule, values))[0] == (MET if wanted else FAILED), f"{branch[place]} at {value!r}"


def _holds(value, relation, bound):
    return HOLDS[relation][1 + int(np.sign(value - bound))]


STEPPED = (
    "2022-01", "2022-08", "2022-10", "2023-01", "2023-09-netherlands", "2023-10-letter", "2023-10", "2023-10-tools", "2024-04",
    "2024-09-netherlands", "2024-11-letter", "2024-12", "2025-01-diffusion", "2025-01-foundry", "2025-04", "2025-05", "2025-08",
    "2025-09-affiliates", "2025-11-stay", "2026-01", "2026-01-duty", "2026-07",
)  # fmt: skip
BOUNDS = {
    "600", "4800", "5.92", "3.2", "1.6", "2400", "1600", "2", "3.3", "1400", "1100", "1700", "21000", "6500", "2026-01-15",
    "14000", "17500", "4500", "5000", "20800", "21100", "5800", "6200", "45", "1.5", "2.4", "193", "30", "35", "40", "50",
    "16", "7",
}  # fmt: skip
"""Every number of the public record, typed from it."""


def test_every_enacted_step_with_numbers_and_every_number_of_the_record_is_tried(law):
    assert {case.id.split("-control.")[0].split("-relief.")[0].split("-levy.")[0] for case in CASES} == set(STEPPED)
    assert {case.values[2][case.values[3]].split()[-1] for case in CASES} == BOUNDS


STEPS = [
    # item facts, the fact that moves, under, at, over, day and place; then the status of each
    ({"tool": "yes", "vendor": "ASML", "resolution": 36.0}, "overlay", (1.499, 1.5, 1.501), "2024-02-01", "CN", "DDF"),
    ({"tool": "yes", "vendor": "ASML", "resolution": 36.0}, "overlay", (1.499, 1.5, 1.501), "2025-02-01", "CN", "DDC"),
    ({"tool": "yes", "vendor": "ASML", "resolution": 36.0}, "overlay", (2.399, 2.4, 2.401), "2025-02-01", "CN", "CCF"),
    ({"tool": "yes", "vendor": "ASML", "overlay": 1.0}, "resolution", (44.9, 45.0, 45.1), "2025-02-01", "CN", "DDF"),
    ({"tool": "yes", "vendor": "ASML", "overlay": 1.0}, "wavelength", (192.9, 193.0, 193.1), "2023-01-01", "CN", "DFF"),
    ({"foundry_order": "yes", "tpp": 100, "die_area": 100}, "process_node", (15.9, 16.0, 16.1), "2025-03-01", "CN", "DDF"),
    ({"foundry_order": "yes", "process_node": 5, "made_outside": "yes", "tpp": 100, "die_area": 100}, "transistors",
     (29.9, 30.0, 30.1), "2025-03-01", "CN", "FDD"),
    ({"foundry_order": "yes", "process_node": 5, "osat_approved": "yes", "hbm_copackaged": "no", "tpp": 100, "die_area": 100},
     "transistors", (34.9, 35.0, 35.1), "2027-03-01", "CN", "FDD"),
    ({"foundry_order": "yes", "process_node": 5, "osat_approved": "yes", "hbm_copackaged": "no", "tpp": 100, "die_area": 100},
     "transistors", (39.9, 40.0, 40.1), "2029-03-01", "CN", "FDD"),
    ({"tpp": 100, "die_area": 100}, "listed_share", (49.9, 50.0, 50.1), "2025-10-15", "CN", "FDD"),
    ({"tpp": 0.0, "io_bandwidth": 600.0}, "primitive_tpp", (4799.0, 4800.0, 4801.0), "2022-12-01", "CN", "FDD"),
    ({"tpp": 0.0, "io_bandwidth": 600.0}, "analog_tpp", (4799.0, 4800.0, 4801.0), "2022-12-01", "CN", "FDD"),
    ({"tpp": 2000.0, "primitive_tpp": 1000.0, "io_bandwidth": 600.0}, "analog_tpp", (1799.0, 1800.0, 1801.0), "2022-12-01", "CN",
     "FDD"),
]  # fmt: skip
LETTERS = {"F": "free", "C": "licence_case_by_case", "D": "licence_presumption_of_denial"}


@pytest.mark.parametrize(("facts", "fact", "values", "on", "to", "wanted"), STEPS)
def test_a_status_turns_exactly_where_the_text_puts_it(law, facts, fact, values, on, to, wanted):
    usual = {"vendor": "NVIDIA", "datacenter": "yes", "prc_designed": "no", "dram_bandwidth": 100.0, "io_bandwidth": 64.0}
    usual = {} if "tool" in facts else usual
    found = [classify({**usual, **facts, fact: value}, on=on, to=to, params=law).status for value in values]
    assert found == [LETTERS[letter] for letter in wanted]


BANDS = [
    ("tpp", (14000.0, 17500.0), {"dram_bandwidth": 4800.0}), ("dram_bandwidth", (4500.0, 5000.0), {"tpp": 15832.0}),
    ("tpp", (20800.0, 21100.0), {"dram_bandwidth": 6000.0}), ("dram_bandwidth", (5800.0, 6200.0), {"tpp": 20919.0}),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "band", "rest"), BANDS)
def test_the_duty_falls_strictly_inside_its_bands(law, fact, band, rest):
    for edge, (side, wanted) in itertools.product(band, ((-1.0, None), (0.0, 0.0), (1.0, None))):
        inward = side * (1 if edge == band[0] else -1) > 0
        facts = {"vendor": "NVIDIA", "datacenter": "yes", "die_area": 814.0, "io_bandwidth": 900.0, **rest, fact: edge + side}
        duty = classify(facts, on="2026-02-01", params=law).duty
        assert duty == (wanted if wanted is not None else 0.25 if inward else 0.0), (fact, edge + side)
