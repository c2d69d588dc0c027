"""What a part with missing facts could be: no more and no less than what some value of the missing facts gives."""

import datetime as dt
import itertools

import numpy as np
import pytest

from forecast.regime import resolve
from forecast.rulebook import facts_given, law_of, provisions_on
from forecast.stages.permissions import STATUSES, judge
from forecast.unknowns import possible

VALUES = {
    "tpp": [0, 1599, 1600, 2399, 2400, 4799, 4800, 20999, 21000, 31999, 32000, 1e6],
    "dram_bandwidth": [0, 700, 1399, 1400, 4099, 4100, 6499, 6500, 9000],
    "io_bandwidth": [0, 599, 600, 900, 1099, 1100],
    "die_area": [10, 100, 300, 500, 814, 2000, 20000],
    "datacenter": [True, False],
    "prc_designed": [True, False],
    "first_us_sale": [dt.date(2024, 1, 1), dt.date(2026, 1, 15), dt.date(2026, 1, 16), dt.date.max],
    "vendor": ["NVIDIA", "AMD", "Google"],
}
WHOLE = {"tpp": 5000, "dram_bandwidth": 2000, "io_bandwidth": 600, "die_area": 814, "datacenter": True, "prc_designed": False,
         "first_us_sale": dt.date(2024, 1, 1), "vendor": "NVIDIA"}  # fmt: skip
ASKED = [("2022-12-01", "current"), ("2024-06-01", "current"), ("2025-05-20", "current"), ("2026-06-01", "current"),
         ("2027-06-01", "open-blackwell"), ("2027-06-01", "strict-denial")]  # fmt: skip


def told(facts, on, regime):
    law = law_of(None)
    rules = provisions_on(resolve(regime, law.regimes), dt.date.fromisoformat(on))
    given = facts_given(facts)
    return set(possible(given, *rules, "CN", None).statuses), STATUSES[int(judge(*rules, given, "CN").code[0])]


@pytest.mark.parametrize(("on", "regime"), ASKED)
@pytest.mark.parametrize("missing", [*itertools.combinations(VALUES, 1), *itertools.combinations(VALUES, 2)], ids="-".join)
def test_the_statuses_left_open_are_those_that_values_of_the_missing_facts_give(missing, on, regime):
    known = {name: value for name, value in WHOLE.items() if name not in missing}
    found, _ = told(known, on, regime)
    tried = {told({**known, **dict(zip(missing, values, strict=True))}, on, regime)[1]
             for values in itertools.product(*(VALUES[name] for name in missing))}  # fmt: skip
    assert tried <= found
    assert found == tried or "die_area" in missing, "only a density between the areas tried may add one"


@pytest.mark.parametrize(("on", "regime"), ASKED)
def test_with_every_fact_known_there_is_one_status(on, regime):
    found, status = told(WHOLE, on, regime)
    assert found == {status}


def test_a_fact_that_no_rule_asks_for_leaves_nothing_open():
    law = law_of(None)
    rules = provisions_on(resolve("current", law.regimes), dt.date(2024, 6, 1))
    left = possible(facts_given({**WHOLE, "memory": None, "released": None}), *rules, "CN", None)
    assert (len(left.statuses), left.facts, left.tests) == (1, (), ())


def test_what_is_missing_and_matters_is_named_and_nothing_else():
    law = law_of(None)
    rules = provisions_on(resolve("current", law.regimes), dt.date(2024, 6, 1))
    known = {name: value for name, value in WHOLE.items() if name not in ("die_area", "dram_bandwidth")} | {"tpp": 2000}
    left = possible(facts_given(known), *rules, "CN", None)
    assert left.facts == ("performance_density",)
    assert "performance_density >= 5.92" in left.tests
    assert np.all([text.startswith("performance_density") for text in left.tests])
