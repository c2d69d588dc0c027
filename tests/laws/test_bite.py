"""Time to bite and half-life: by pencil, and a repeal that is one."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecast.bite import COLUMNS, _row, alone, bite, half_life, own_layers, taken_back, time_to_bite, timing_of_regimes
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import parse_quarter
from forecast.regime import resolve, state_on
from tests.laws.test_levers import made_up

DRAWS = 64


@pytest.fixture(scope="module")
def one(scenario):
    return scenario.model_copy(update={"draws": DRAWS, "regimes": ("current",)})


@pytest.fixture(scope="module")
def told(one, catalogue):
    return time_to_bite(one, ("remote-access", "wider-duty", "chip-exception"), catalogue=catalogue).set_index("instrument")


def worlds(*medians):
    """Three worlds around a median by bound."""
    return np.array(medians)[:, None] * np.array([0.5, 1.0, 2.0])


def test_time_to_bite_by_pencil():
    found = bite(worlds(0.0, 0.01, -0.04, -0.06, -0.09, -0.02), begins=1, size=0.05)
    assert found == (2, pytest.approx(-0.09), 4)
    assert bite(worlds(0.0, 0.01, 0.04), begins=1, size=0.05).quarters is None
    assert bite(worlds(0.0, 0.06, 0.1), begins=2, size=0.05).quarters == -1


def test_half_life_by_pencil():
    assert half_life(worlds(0, 4, 8, 10, 9, 5, 4), ends=2) == (3, pytest.approx(10), 3)
    assert half_life(worlds(0, 4, 8, 10, 9, 8, 7), ends=2).quarters is None
    assert half_life(worlds(0, -8, -4), ends=1) == (1, pytest.approx(-8), 1)


def test_effect_and_what_is_left_by_pencil(catalogue):
    """100 under the base; 80 a year after the start, 60 in the end if it stays; taken back at bound 8 it halves by 10."""
    base, stays = np.full(13, 100.0), np.array([100.0] * 6 + [80.0] * 4 + [60.0] * 3)
    back = np.array([100.0] * 6 + [80.0] * 3 + [85.0] + [92.0] * 3)
    bounds = pd.date_range("2027-01-01", periods=13, freq="QS")
    each = catalogue.regimes["chip-security"]
    three = [np.repeat(path[:, None], 3, axis=1) for path in (base, stays, back)]
    row = _row(each, "current", bounds, (2, 8), 0.05, tuple(three))
    assert (row["bites_after"], row["peak"], row["peak_at"]) == (4, pytest.approx(-0.4), "2029Q2")
    assert (row["gap_at_repeal"], row["largest_gap"], row["half_life"]) == (-20.0, -20.0, 2)
    assert row["left"] == pytest.approx(0.4)
    assert row["worlds"] == 1.0


def test_the_share_of_worlds_is_not_the_median_world():
    effect = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.01, 0.2]])
    assert bite(effect, 0, 0.05).quarters is None


@pytest.mark.parametrize("name", ["enforcement-drive", "chip-exception", "gain-ai", "match-tools", "remote-access"])
def test_after_repeal_the_law_is_that_of_the_base(catalogue, name):
    book = catalogue.regimes
    stays, ends, piece = alone(book[name], "current", 2, book)
    book = {**book, **{each.name: each for each in (stays, ends, piece)}}
    for day in (dt.date(2026, 12, 1), ends.effective, dt.date(2032, 1, 1)):
        assert state_on(resolve(ends.name, book), day) == state_on(resolve("current", book), day)
    before = ends.effective - dt.timedelta(days=1)
    assert state_on(resolve(ends.name, book), before) == state_on(resolve(stays.name, book), before)
    assert state_on(resolve(stays.name, book), dt.date(2032, 1, 1)) != state_on(resolve("current", book), dt.date(2032, 1, 1))


def test_until_the_repeal_both_worlds_are_the_same_bit_for_bit(one, catalogue):
    pieces = alone(catalogue.regimes["chip-security"], "current", 2, catalogue.regimes)
    book = {**catalogue.regimes, **{each.name: each for each in pieces}}
    asked = one.model_copy(update={"regimes": (pieces[0].name, pieces[1].name)})
    stock = run(build_inputs(asked, dataclasses.replace(catalogue, regimes=book)))["compute_training"]
    repeal = parse_quarter("2029Q3")
    same = stock.sel(bound=stock["bound"] <= repeal)
    assert np.array_equal(same.values[0], same.values[1])
    assert not np.array_equal(stock.values[0], stock.values[1])


def test_what_moves_nothing_never_bites_and_leaves_nothing(told):
    row = told.loc["wider-duty"]
    assert row["bites"].startswith("never within the horizon")
    assert row["outlives"] == "no effect to outlive"
    assert row["worlds"] == 0
    assert row[["bites_after", "half_life"]].isna().all()


def test_what_is_rented_comes_back_after_a_repeal_and_what_is_bought_stays(told):
    assert told.loc["remote-access", "left"] == pytest.approx(0, abs=1e-3)
    assert told.loc["chip-exception", "left"] > 0
    assert told.loc["chip-exception", "bites"] == f"{told.loc['chip-exception', 'bites_after']} quarters"


def test_a_table_names_its_columns_and_goes_by_date(told):
    assert list(told.reset_index().columns) == list(COLUMNS)
    assert list(told["effective"]) == sorted(told["effective"])


def test_a_smaller_size_is_reached_no_later(one, told, catalogue):
    fine = time_to_bite(one, ("remote-access",), size=0.01, catalogue=catalogue).set_index("instrument")
    assert fine.loc["remote-access", "bites_after"] <= told.loc["remote-access", "bites_after"]


def test_what_cannot_be_asked_is_refused(one, catalogue):
    with pytest.raises(BadInput, match="did you mean 'gain-ai'"):
        time_to_bite(one, ("gain-a",), catalogue=catalogue)
    with pytest.raises(BadInput, match="outside the run"):
        time_to_bite(one.model_copy(update={"last": "2029Q4"}), ("remote-access",), catalogue=catalogue)


@pytest.fixture(scope="module")
def whole(scenario, catalogue):
    asked = scenario.model_copy(update={"draws": DRAWS, "regimes": ("current", "strict-denial", "current+beijing-refusal")})
    return timing_of_regimes(asked, catalogue=catalogue).set_index("instrument")


def test_a_regime_taken_back_stands_where_the_base_does(catalogue):
    book = dict(catalogue.regimes)
    ends, *pieces = taken_back("strict-denial", "current", 2, book)
    book |= {piece.name: piece for piece in (ends, *pieces)}
    begins = min(move.since for layer in own_layers("strict-denial", "current", catalogue.regimes) for move in layer.moves)
    day = dt.date(begins.year + 2, begins.month, begins.day)
    for later in (day, dt.date(2032, 12, 31)):
        assert state_on(resolve(ends.name, book), later) == state_on(resolve("current", book), later)
    before = day - dt.timedelta(days=1)
    assert state_on(resolve(ends.name, book), before) == state_on(resolve("strict-denial", book), before)


def test_steps_that_were_still_to_come_fall_away_with_a_repeal(catalogue):
    """Stricter in 2027 and again in 2030: taken back in 2029, the second step never comes."""
    steps = made_up("steps", [("diversion", dt.date(2027, 1, 1), 0.5), ("diversion", dt.date(2030, 1, 1), 0.2)])
    book = {**catalogue.regimes, "steps": steps}
    ends, *pieces = taken_back("steps", "current", 2, book)
    book |= {piece.name: piece for piece in (ends, *pieces)}
    for day in (dt.date(2029, 1, 1), dt.date(2030, 1, 1), dt.date(2032, 12, 31)):
        assert state_on(resolve(ends.name, book), day) == state_on(resolve("current", book), day)
    assert state_on(resolve(ends.name, book), dt.date(2028, 1, 1)) == state_on(resolve("steps", book), dt.date(2028, 1, 1))


def test_until_its_repeal_a_regime_is_the_one_that_stays(scenario, catalogue):
    ends, *pieces = taken_back("strict-denial", "current", 2, catalogue.regimes)
    book = {**catalogue.regimes, **{piece.name: piece for piece in (ends, *pieces)}}
    asked = scenario.model_copy(update={"draws": DRAWS, "regimes": ("strict-denial", ends.name)})
    stock = run(build_inputs(asked, dataclasses.replace(catalogue, regimes=book)))["compute_nominal"]
    before = stock["bound"].values <= np.datetime64(ends.announced)
    stays, taken = (stock.sel(regime=name).transpose("bound", ...).values for name in asked.regimes)
    assert (stays[before] == taken[before]).all()
    assert (stays[~before] != taken[~before]).any()


def test_a_regime_bites_and_outlives_its_repeal_or_says_that_there_is_nothing(whole):
    assert set(COLUMNS) - {"instrument"} <= set(whole.columns)
    strict = whole.loc["strict-denial"]
    assert strict["peak"] < 0 or strict["bites"].startswith("never")
    assert strict["repealed"] == "2029-01-01"
    refusal = whole.loc["current+beijing-refusal"]
    assert refusal["outlives"] == "nothing to take back"
    assert refusal["repealed"] == ""
