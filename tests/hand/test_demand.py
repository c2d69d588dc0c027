"""Demand: money answers prices, sovereign money is barred from foreign chips from a date, hostility fades by half-life."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import parse_quarter
from forecast.stages import demand, imports, procurement
from tests.laws.test_levers import made_up

AHEAD = slice(parse_quarter("2026Q4"), None)


def one(value):
    return np.array([value])


@pytest.mark.parametrize(("elasticity", "money"), [(1.0, 1.0), (0.5, 2.0**0.5), (2.0, 0.5)])
def test_money_at_twice_the_price_by_pencil(elasticity, money):
    """At elasticity one it stays; chips wanted are money over price: a half, 2 ** -0.5, a quarter."""
    found = demand.response(one(2.0), one(elasticity))
    assert found == pytest.approx(money)
    assert found / 2.0 == pytest.approx(2.0**-elasticity)


def test_nothing_bought_has_no_mark_up():
    assert demand.markup(one(0.0), one(0.0)).tolist() == [1.0]
    assert demand.markup(one(3.0), one(2.0)).tolist() == [1.5]


def test_barred_money_by_pencil():
    """A third of the quarter, a quarter of the money; a reach of four and more is all of it."""
    found = demand.barred(
        np.array([0.0, 1 / 3, 1.0]), np.full((3, 1), 0.3), np.array([1.0, 4.0])[:, None, None] * np.ones((2, 3, 1))
    )
    assert found[0, :, 0] == pytest.approx([0.0, 0.1, 0.3])
    assert found[1, :, 0] == pytest.approx([0.0, 0.4, 1.0])


def test_a_campaign_is_felt_at_once_and_halves_with_its_half_life():
    called = np.array([[[0.0], [2.0], [2.0], [0.0], [0.0], [0.0], [0.0]]])
    felt = imports.campaign(called, one(2.0))[0, :, 0]
    assert felt[:3].tolist() == [0.0, 2.0, 2.0]
    assert felt[4] == pytest.approx(1.0)
    assert felt[6] == pytest.approx(0.5)


def test_hostility_is_taken_off_the_log_odds():
    zero = one(0.0)
    odds = 1.5 - 1.0
    assert imports.acceptance(one(0.5), one(1.5), zero, one(1.0), zero, one(1.0)) == pytest.approx(1 / (1 + np.exp(-odds)))


@pytest.mark.parametrize("dispersion", [0.0, 0.4])
def test_barred_money_waits_where_chinese_chips_run_out(dispersion):
    """Money 100, 60 of it barred; Chinese chips for 20, foreign ones without end: 20 + 40 are spent and 40 wait."""
    price, usable = np.array([[10.0], [1.0]]), np.ones((2, 2, 1))
    ceiling, home = np.array([[2.0], [1e6]]), np.array([True, False])
    zero = one(0.0)
    done = procurement.buy(price, usable, ceiling, one(100.0), zero, home, zero, one(dispersion), one(0.6))
    spent = (done.bought.sum(axis=0) * price)[:, 0]
    assert spent == pytest.approx([20.0, 40.0])
    assert done.left == pytest.approx([40.0])
    free = procurement.buy(price, usable, ceiling, one(100.0), zero, home, zero, one(dispersion))
    assert free.left == pytest.approx([0.0])


def test_the_bar_holds_from_the_day_in_the_table(inputs):
    held = inputs["sovereign_bar"]
    assert float(held.sel(quarter=parse_quarter("2025Q3"))) == 0.0
    assert float(held.sel(quarter=parse_quarter("2025Q4"))) == pytest.approx(57 / 92)
    assert (held.sel(quarter=AHEAD) == 1.0).all()


@pytest.fixture(scope="module")
def built(scenario, catalogue):
    """A wide bar from 2028, and a campaign of the year 2027 that is called off."""
    day = dt.date(2028, 1, 1)
    wide = made_up("wide", [("sovereign_only", day, 4.0)])
    short = made_up("short", [("hostility", dt.date(2027, 1, 1), 3.0), ("hostility", day, 0.0)])
    book = {**catalogue.regimes, "wide": wide, "short": short}
    asked = scenario.model_copy(update={"regimes": ("current", "wide", "short"), "draws": 32})
    return build_inputs(asked, replace(catalogue, regimes=book))


@pytest.fixture(scope="module")
def ran(built):
    return run(built)


def test_a_wider_bar_takes_money_from_foreign_chips_from_its_date_on(ran):
    foreign = ran["spending"].sel(channel=["licensed", "diverted"]).sum("channel")
    before, after = slice(None, parse_quarter("2027Q4")), parse_quarter("2028Q1")
    assert np.array_equal(foreign.sel(regime="wide", quarter=before).values, foreign.sel(regime="current", quarter=before).values)
    assert (foreign.sel(regime="wide", quarter=after) <= foreign.sel(regime="current", quarter=after) * (1 + 1e-6)).all()
    assert float(foreign.sel(regime="wide", quarter=after).sum()) < 0.9 * float(
        foreign.sel(regime="current", quarter=after).sum()
    )


def test_a_campaign_that_is_called_off_goes_on_fading(built, ran):
    accepted = ran["acceptance"].sel(gpu_class="h200")

    def missing(quarter):
        at = accepted.sel(quarter=parse_quarter(quarter))
        odds = {name: np.log(at.sel(regime=name).values / (1 - at.sel(regime=name).values)) for name in ("current", "short")}
        return odds["current"] - odds["short"]

    assert np.allclose(missing("2027Q4"), 3.0, atol=0.5)
    later = 0.5 ** (8 / built["hostility_half_life"].values)
    assert np.allclose(missing("2029Q4"), 3.0 * later, atol=0.5)
    assert (missing("2028Q1") > 0).all()


def test_a_campaign_is_felt_in_the_quarter_in_which_it_is_called_and_not_before(ran):
    accepted = ran["acceptance"].sel(gpu_class="h200")
    now, before = (accepted.sel(quarter=parse_quarter(quarter)) for quarter in ("2027Q1", "2026Q4"))
    assert (now.sel(regime="short") < now.sel(regime="current")).all()
    assert np.array_equal(before.sel(regime="short").values, before.sel(regime="current").values)


def test_dear_ways_in_cut_money_where_demand_is_elastic_and_raise_it_where_it_is_not(built):
    """Twice the premium from 2027 on: the budget a year later, against prices as they were."""
    dear = built["diverted_premium"] * xr_from(built, "2027Q1", 2.0)
    budgets = []
    for elasticity in (0.5, 1.0, 1.8):
        fixed = built.sel(regime=["current"]).assign(price_elasticity=built["price_elasticity"] * 0 + elasticity)
        pair = [
            run(each)["budget"].sel(quarter=parse_quarter("2028Q1")).values
            for each in (fixed, fixed.assign(diverted_premium=dear))
        ]
        budgets.append(pair[1] / pair[0])
    assert (budgets[0] >= 1 - 1e-6).all()
    assert np.median(budgets[0]) > 1.01
    assert np.array_equal(budgets[1], np.ones_like(budgets[1]))
    assert (budgets[2] <= 1 + 1e-6).all()
    assert np.median(budgets[2]) < 0.99


def xr_from(built, quarter, factor):
    held = built["sovereign_bar"] * 0 + 1.0
    return held.where(held["quarter"] < parse_quarter(quarter), factor)


def test_the_premium_of_past_years_is_theirs(inputs):
    """1.5 in 2024 and 2025; near two after the prosecutions of 2026."""
    middle = inputs["diverted_premium"].median("draw")
    assert float(middle.sel(quarter=parse_quarter("2024Q3"))) == pytest.approx(1.5, rel=0.05)
    assert float(middle.sel(quarter=parse_quarter("2026Q3"))) == pytest.approx(1.95, rel=0.05)


def test_nobody_sells_diverted_chips_below_list(scenario, catalogue):
    """Many worlds: the premium is never below one, so middlemen never pay to sell."""
    many = build_inputs(scenario.model_copy(update={"draws": 2048, "regimes": ("current",)}), catalogue)
    assert float(many["diverted_premium"].min()) >= 1.0
