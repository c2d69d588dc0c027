"""Parts that vendors bring in answer to a change of law: which, when, at what price, and what closes them again."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from forecast.catalogue.load import load, open_catalogue
from forecast.inputs import build_inputs
from forecast.inputs.answers import CLOSE, answers_of
from forecast.inputs.market import OFFERED
from forecast.model import run
from forecast.names import PROCUREMENT_BOUNDS
from forecast.regime import Move, Regime, Rule
from forecast.stages.imports import brought

DRAWS = 64
LINE = Rule.model_validate({
    "paragraph": "a made-up line", "any_of": (("tpp >= 15000",),), "destinations": ("CN",), "policy": "prohibited",
})  # fmt: skip


def made_up_move(lever, value):
    return Move(lever=lever, since=dt.date(2027, 1, 1), value=value, tag="M", reason="made up for a test")


@pytest.fixture(scope="module")
def catalogue():
    return open_catalogue()


@pytest.fixture(scope="module")
def scenario():
    return load("baseline").model_copy(update={"draws": DRAWS})


@pytest.fixture(scope="module")
def strict(scenario, catalogue):
    return build_inputs(scenario.model_copy(update={"regimes": ("current", "strict-denial")}), catalogue)


def asked(catalogue, scenario, regime, as_of):
    return answers_of(catalogue, scenario.model_copy(update={"regimes": (regime,), "as_of": as_of}))


@pytest.mark.parametrize("regime", ["current", "match", "chokepoint", "enforcement-only", "current+beijing-refusal"])
def test_law_on_chips_that_stands_still_calls_for_no_part(regime, catalogue, scenario):
    assert asked(catalogue, scenario, regime, scenario.as_of) == ()


def test_what_vendors_would_sell_anyway_is_answer_enough(catalogue, scenario):
    assert asked(catalogue, scenario, "open-blackwell", scenario.as_of) == ()
    assert asked(catalogue, scenario, "full-liberalisation", scenario.as_of) == ()
    assert 0.5 < CLOSE < 1.0


def test_october_2022_calls_for_parts_with_links_cut_and_rate_kept_as_the_a800_and_h800(catalogue, scenario):
    found = [one for one in asked(catalogue, scenario, "2022-10", "2022Q2") if one.rate == 1.0]
    assert found
    assert all(one.facts["io_bandwidth"] < 600.0 for one in found)


def test_october_2023_calls_for_a_part_with_rate_cut_and_memory_kept_as_the_h20(catalogue, scenario, monkeypatch):
    """H20: TPP 2368 of 15 832, memory bandwidth whole; it is on sale in the package and so must be left out here."""
    assert asked(catalogue, scenario, "2023-10", "2023Q3") == ()
    monkeypatch.delitem(OFFERED, "h20")
    found = asked(catalogue, scenario, "2023-10", "2023Q3")
    assert any(2300.0 < one.facts["tpp"] < 2400.0 and one.memory == 1.0 for one in found)


def test_strict_denial_calls_for_a_part_like_the_rtx_pro_6000d(catalogue, scenario, strict):
    """Published: memory bandwidth 1398 GB/s, TPP below 2400, 6500 to 8000 dollars, 600 W."""
    (one,) = asked(catalogue, scenario, "strict-denial", scenario.as_of)
    assert one.facts["dram_bandwidth"] == pytest.approx(1398.0, abs=2.0)
    assert 2000.0 < one.facts["tpp"] < 2400.0
    sheet = strict.sel(gpu_class=one.name)
    price = np.quantile(sheet["price"], [0.05, 0.95])
    assert price[0] < 6500.0
    assert price[1] > 8000.0
    assert np.quantile(sheet["tdp"], 0.05) < 600.0 <= float(sheet["tdp"].max())
    assert np.allclose(sheet["h100e"], one.facts["tpp"] / 8 / 1979, rtol=1e-3)


def test_a_part_is_sold_only_under_the_law_that_calls_for_it_and_not_before_its_lag(strict):
    result, name = run(strict), str(strict["gpu_class"].values[-1])
    sold = result["additions"].sel(gpu_class=name)
    assert float(sold.sel(regime="current").sum()) == 0.0
    ours = sold.sel(regime="strict-denial", channel="licensed")
    assert float(ours.sum()) > 0.0
    first = strict["quarter"].values.searchsorted(np.datetime64("2027-01-01"))
    for late, flow in zip(strict["answer_lag"].values, ours.transpose("draw", "quarter").values, strict=True):
        assert flow[: first + int(np.floor(late))].max() == 0.0
    absent = PROCUREMENT_BOUNDS.index("not on the market")
    bound = result["binding_procurement"].sel(gpu_class=name).isel(quarter=slice(int(first), None))
    assert (bound.sel(regime="current") == absent).all()
    assert (bound.sel(regime="strict-denial").isel(quarter=-1) != absent).all()


def test_answers_leave_every_other_regime_as_it_was_bit_for_bit(scenario, catalogue):
    alone, beside = (
        run(build_inputs(scenario.model_copy(update={"regimes": regimes}), catalogue)).sel(regime="current")
        for regimes in (("current",), ("current", "strict-denial"))
    )
    for name in ("compute_nominal", "compute_training", "spending", "price_paid", "us_compute"):
        assert np.array_equal(alone[name].values, beside[name].values), name


def test_a_line_at_15_000_and_no_other_control_is_answered_just_below_it(scenario, catalogue):
    """An H200 with 0.95 of its rate, or the flagship with all of its memory; they add to what comes in."""
    moves = (made_up_move("control.line", LINE),)
    about = {
        name: getattr(catalogue.regimes["strict-denial"], name) for name in ("author", "citation", "url", "sources", "summary")
    }
    day = dt.date(2027, 1, 1)
    line = Regime(name="line", title="A line at 15 000", short="Line at 15 000", parent="full-liberalisation", announced=day,
                  effective=day, status="what_if", confidence="low", moves=moves, **about)  # fmt: skip
    one = scenario.model_copy(update={"regimes": ("current", "line")})
    inputs = build_inputs(one, replace(catalogue, regimes={**catalogue.regimes, "line": line}))
    names = [str(name) for name in inputs["gpu_class"].values if str(name).startswith("answer_")]
    assert {name.split("_")[2] for name in names} == {"14999"}
    assert "answer_h200_14999_4800" in names
    with_it, without = (run(inputs.assign(supply_answer=inputs["supply_answer"], vendor_supply=inputs["vendor_supply"] * kept))
                        for kept in (1.0, inputs["is_answer"] == 0))  # fmt: skip
    held = [one["compute_nominal"].sel(regime="line").isel(bound=-1).sum("channel") for one in (with_it, without)]
    assert float((held[0] - held[1]).median()) > 0.0


def test_the_share_that_an_answer_has_reached_by_hand():
    """Due for six quarters, lag 1.5, patience 2: nothing, then half, then all; a regulator closes it after two."""
    due = np.array([0.0, 1, 1, 1, 1, 1, 1, 0]).reshape(1, 1, 8, 1)
    lag, patience = np.array([1.5]), np.array([2.0])
    free = brought(due, lag, patience, np.zeros((1, 8, 1)))
    assert free[0, 0, :, 0].tolist() == [0, 0, 0.5, 1, 1, 1, 1, 0]
    countered = brought(due, lag, patience, np.ones((1, 8, 1)))
    assert countered[0, 0, :, 0].tolist() == [0, 0, 0.5, 1, 0.5, 0, 0, 0]
    two = brought(np.repeat(due, 2, axis=1), lag, patience, np.zeros((1, 8, 1)))
    assert two.sum(axis=1)[0, :, 0].tolist() == free[0, 0, :, 0].tolist()


def test_a_regulator_who_counters_lets_less_in_world_by_world(strict):
    name = str(strict["gpu_class"].values[-1])
    both = [run(strict), run(strict.assign(lever_counter_answer=strict["lever_counter_answer"] * 0 + 1.0))]
    sold = [one["additions"].sel(gpu_class=name, channel="licensed", regime="strict-denial").sum("quarter") for one in both]
    assert (sold[1] <= sold[0] * (1 + 1e-6)).all()
    assert float(sold[1].sum()) < 0.9 * float(sold[0].sum())
