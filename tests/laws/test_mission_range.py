"""Each lever turned over its range, low end to high end: the result of its row of the mission follows in one direction."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import parse_quarter
from forecast.regime import LEVERS, NO_EFFECT
from tests.laws.test_levers import made_up

DAY = dt.date(2027, 1, 1)
POINTS = ("low", "middle", "high")
FOLLOWS: dict[str, tuple[str, dict[str, str], int]] = {
    "duty": ("price_paid", {}, 1),
    "revenue_share": ("price_paid", {}, 1),
    "cn_accept": ("additions", {"channel": "licensed"}, 1),
    "hostility": ("acceptance", {}, -1),
    "sovereign_only": ("spending", {"channel": "diverted"}, -1),
    "hq_rule": ("offshore_owned", {}, -1),
    "cloud_rule": ("offshore_rented", {}, -1),
    "diversion": ("additions", {"channel": "diverted"}, 1),
    "tool_sales": ("dies_made", {}, 1),
    "tool_servicing": ("yield_7nm", {}, 1),
    "subcomponents": ("dies_made", {}, 1),
    "memory_tools": ("stacks_supplied", {}, 1),
    "proxy_foundry": ("dies_foreign", {}, 1),
    "public_funding": ("stacks_supplied", {}, 1),
    "training_programmes": ("software_reached", {}, 1),
    "hbm_access": ("stacks_supplied", {}, 1),
}
"""The result that follows a lever, where, and whether it rises or falls with it."""

ELSEWHERE = {
    "counter_answer": "tests/hand/test_answers_in_the_model.py turns it where a vendor has answered",
    "network_parts": "tests/laws/test_systems.py turns it: the largest system is derived from a run",
}


def value(lever, point):
    row = LEVERS[lever]
    return {"low": row.low, "middle": (row.low + row.high) / 2, "high": row.high}[point]


@pytest.fixture(scope="module")
def turned(scenario, catalogue):
    regimes = {
        (lever, point): made_up(f"{lever.replace('_', '-')}-{point}", [(lever, DAY, value(lever, point))])
        for lever in LEVERS
        for point in POINTS
    }
    book = {**catalogue.regimes, **{one.name: one for one in regimes.values()}}
    names = tuple(one.name for one in regimes.values())
    asked = scenario.model_copy(update={"regimes": ("current", *names), "draws": 16, "last": "2029Q4"})
    return run(build_inputs(asked, replace(catalogue, regimes=book)))


def test_every_lever_has_a_result_that_follows_it_or_says_that_it_has_none():
    silent = {name for name, row in LEVERS.items() if row.acts_on == NO_EFFECT}
    assert {*FOLLOWS, *ELSEWHERE, *silent} == set(LEVERS)


@pytest.mark.parametrize("lever", FOLLOWS)
def test_a_lever_turned_over_its_range_moves_its_result_one_way(turned, lever):
    name, where, way = FOLLOWS[lever]
    held = turned[name].sel(where) if where else turned[name]
    time = "quarter" if "quarter" in held.dims else "bound"
    late = held.sel({time: slice(parse_quarter("2027Q2"), None)}).astype(float)
    whole = [float(late.sel(regime=f"{lever.replace('_', '-')}-{point}").sum()) for point in POINTS]
    steps = way * np.diff(whole)
    assert (steps >= -1e-9 * abs(whole[0])).all(), whole
    assert steps.sum() > 1e-6 * abs(whole[0]), whole


@pytest.mark.parametrize("lever", [name for name, row in LEVERS.items() if row.acts_on == NO_EFFECT])
def test_a_lever_that_declares_no_effect_has_none_anywhere_in_its_range(turned, lever):
    for point in POINTS:
        for name in turned.data_vars:
            if "regime" in turned[name].dims:
                one, base = (turned[name].sel(regime=each).values for each in (f"{lever.replace('_', '-')}-{point}", "current"))
                assert np.array_equal(one, base), name
