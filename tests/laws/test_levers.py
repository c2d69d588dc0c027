"""Every lever moves something over its range or says that it does not; a regime changes nothing before its time."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import parse_quarter
from forecast.regime import LEVERS, NO_EFFECT, Move, Regime, Rule

DRAWS = 16
ABOUT = {
    "title": "A made-up step of law",
    "short": "Made-up step",
    "author": "nobody",
    "parent": "current",
    "citation": "none, made up for a test",
    "url": "https://example.org/",
    "sources": ("made_up",),
    "confidence": "low",
    "summary": "Moves one lever to see what happens.",
}


SHUT = Rule.model_validate({
    "paragraph": "a made-up control", "any_of": (("tpp >= 1",),), "destinations": ("CN",), "policy": "prohibited",
})  # fmt: skip


def made_up(title, moves, announced=dt.date(2027, 1, 1), **more):
    steps = tuple(Move(lever=name, since=day, value=value, tag="M", reason="made up for a test") for name, day, value in moves)
    first = min(move.since for move in steps)
    return Regime(name=title, announced=announced, effective=first, moves=steps, status="what_if", **ABOUT, **more)


def ran(scenario, catalogue, regimes):
    """Current law and made-up regimes on few draws."""
    book = {**catalogue.regimes, **{regime.name: regime for regime in regimes}}
    one = scenario.model_copy(update={"regimes": ("current", *(r.name for r in regimes)), "draws": DRAWS})
    return run(build_inputs(one, replace(catalogue, regimes=book)))


def differs(result, regime, **where):
    """Names of the results that a regime moves against current law."""
    chosen = result.sel(**where) if where else result
    return [
        name for name in chosen.data_vars if {"regime", *where} <= set(chosen[name].dims)
        and not np.array_equal(chosen[name].sel(regime=regime).values, chosen[name].sel(regime="current").values)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def ends(scenario, catalogue):
    """Every lever at both ends of its range and at its default, in one run."""
    day = dt.date(2027, 1, 1)
    places = [(lever, place, getattr(row, place)) for lever, row in LEVERS.items() for place in ("low", "high", "default")]
    regimes = [made_up(f"{lever.replace('_', '-')}-{place}", [(lever, day, float(value))]) for lever, place, value in places]
    return ran(scenario, catalogue, regimes)


@pytest.mark.parametrize("lever", [name for name in LEVERS if name not in ("counter_answer", "network_parts")])
def test_every_lever_moves_something_over_its_range_or_says_that_it_does_not(ends, lever):
    """Closing a vendor's answer moves something where there is one: tests/hand/test_answers_in_the_model.py.

    Parts for networks move the largest system, which is derived from a run: tests/laws/test_systems.py.
    """
    name, row = lever.replace("_", "-"), LEVERS[lever]
    moved = differs(ends, f"{name}-low") + differs(ends, f"{name}-high")
    if row.acts_on == NO_EFFECT:
        assert moved == []
    else:
        assert set(moved) - {"binding_procurement", "binding_fabrication"}


@pytest.mark.parametrize("lever", [name for name in LEVERS if name not in ("duty", "revenue_share", "quota_ratio", "hq_rule")])
def test_a_lever_set_to_its_default_changes_nothing_bit_for_bit(ends, lever):
    """The four left out stand off their defaults under current law."""
    assert differs(ends, f"{lever.replace('_', '-')}-default") == []


def test_acceptance_scales_what_beijing_lets_in_and_never_exceeds_one(ends):
    later = ends["acceptance"].sel(quarter=slice(parse_quarter("2027Q1"), None))
    base, none, most = (later.sel(regime=name).values for name in ("current", "cn-accept-low", "cn-accept-high"))
    assert none.max() == 0.0
    assert np.allclose(most, np.minimum(base * 3.0, 1.0), rtol=0.2)
    assert most.max() <= 1.0
    licensed = ends["additions"].sel(regime="cn-accept-low", channel="licensed")
    assert float(licensed.sel(quarter=slice(parse_quarter("2027Q1"), None)).max()) == 0.0


def test_a_regime_announced_for_2028_and_expected_from_2027_changes_nothing_before_2027(scenario, catalogue):
    day = dt.date(2028, 1, 1)
    ends = {
        "licensed": ("cn_accept", 3.0),
        "tools": ("tool_sales", 0.0),
        "cloud": ("cloud_rule", 1.0),
        "ways": ("diversion", 0.0),
        "stacks": ("hbm_access", 0.0),
        "chips": ("control.all", SHUT),
    }
    late = [
        made_up(name, [(lever, day, value)], announced=dt.date(2027, 11, 1), expected_from=dt.date(2027, 1, 1))
        for name, (lever, value) in ends.items()
    ]
    result = ran(scenario, catalogue, late)
    for name in ends:
        assert differs(result, name), name
        assert differs(result, name, quarter=slice(None, parse_quarter("2026Q4"))) == []
        assert differs(result, name, bound=slice(None, parse_quarter("2027Q1"))) == []
    year = slice(parse_quarter("2027Q1"), parse_quarter("2027Q4"))
    flows = result.sel(quarter=year)
    stacks = flows["stacks_supplied"]
    assert (stacks.sel(regime="stacks") > stacks.sel(regime="current")).all()
    sold = flows["additions"].sel(channel="licensed", gpu_class="h200")
    assert (sold.sel(regime="chips") >= sold.sel(regime="current")).all()
    assert float(sold.sel(regime="chips").sum()) > float(sold.sel(regime="current").sum())
    for name in ("licensed", "cloud", "ways"):
        assert set(differs(result, name, quarter=year)) <= {"binding_procurement"}


def test_tools_bought_ahead_raise_what_is_made_before_the_stop_bites_and_lower_nothing(scenario, catalogue):
    """A stop in 2030 expected from 2027: until it bites no world makes fewer dies, and some make more."""
    late = made_up("tools", [("tool_sales", dt.date(2030, 1, 1), 0.0)], expected_from=dt.date(2027, 1, 1))
    dies = ran(scenario, catalogue, [late])["dies_made"].sel(quarter=slice(None, parse_quarter("2030Q1")))
    assert (dies.sel(regime="tools") >= dies.sel(regime="current") * (1 - 1e-6)).all()
    assert (dies.sel(regime="tools") > dies.sel(regime="current") * 1.001).any()


def test_tighter_tools_never_raise_what_is_made_with_every_response_off(scenario, catalogue):
    """Nothing is bought ahead and nobody answers; words come on the day."""
    stop = made_up("tools", [("tool_sales", dt.date(2027, 7, 1), 0.0)], announced=dt.date(2027, 1, 1))
    book = {**catalogue.regimes, stop.name: stop}
    inputs = build_inputs(
        scenario.model_copy(update={"regimes": ("current", "tools"), "draws": DRAWS}), replace(catalogue, regimes=book)
    )
    names = ("prebuy_tools", "scarcity_response", "learning_lost", "gap_elasticity", "fork_bottlenecks")
    dies = run(inputs.assign({name: inputs[name] * 0 for name in names}))["dies_made"]
    assert (dies.sel(regime="tools") <= dies.sel(regime="current") * (1 + 1e-6)).all()


def test_tools_bought_ahead_are_a_step_in_time_and_leave_nothing_when_the_stop_is_taken_back(scenario, catalogue):
    """A stop of one month, expected for a year: years later capacity is where it would have been."""
    moves = [("tool_sales", dt.date(2027, 12, 1), 0.0), ("tool_sales", dt.date(2028, 1, 1), 1.0)]
    short = made_up("short", moves, announced=dt.date(2027, 11, 1), expected_from=dt.date(2026, 12, 1))
    dies = ran(scenario, catalogue, [short])["dies_made"].sel(quarter=parse_quarter("2032Q4"))
    ratio = (dies.sel(regime="short") / dies.sel(regime="current")).values
    assert np.median(ratio) == np.clip(np.median(ratio), 0.95, 1.01)


def test_a_rise_that_falls_back_is_not_bought_ahead(scenario, catalogue):
    moves = [("hbm_access", dt.date(2027, 7, 1), 5.0), ("hbm_access", dt.date(2027, 7, 2), 1.0)]
    blip = made_up("blip", moves, announced=dt.date(2026, 12, 1))
    stacks = ran(scenario, catalogue, [blip])["stacks_supplied"].sel(quarter=slice(None, parse_quarter("2027Q2")))
    assert np.array_equal(stacks.sel(regime="blip").values, stacks.sel(regime="current").values)


def test_chips_kept_abroad_close_no_gap_at_home(scenario, catalogue):
    """With all of them kept abroad, licences change nothing that is diverted."""
    shut = made_up("shut", [("control.all", dt.date(2027, 1, 1), SHUT)], announced=dt.date(2027, 1, 1))
    one = scenario.model_copy(update={"regimes": ("current", "shut"), "draws": DRAWS})
    inputs = build_inputs(one, replace(catalogue, regimes={**catalogue.regimes, "shut": shut}))
    gone = run(inputs.assign(offshore_placement=inputs["offshore_placement"] * 0 + 1.0 - 1e-12))["additions"].sel(
        channel="diverted"
    )
    assert np.allclose(gone.sel(regime="shut").values, gone.sel(regime="current").values, rtol=1e-5)


def test_the_model_levies_what_the_bands_of_the_law_hold(scenario, catalogue):
    """The duty of January 2026 has bands for the H200 and the MI325X; a B30A lies in none until a rule widens it."""
    regimes = ("current", "open-blackwell", "full-liberalisation")
    levy = build_inputs(scenario.model_copy(update={"regimes": regimes, "draws": 16}), catalogue)["levy"]
    late = levy.sel(quarter="2028-04-01")
    assert late.sel(gpu_class="h200").values.tolist() == [0.25, 0.25, 0.25]
    assert late.sel(gpu_class="b30a").values.tolist() == [0.0, 0.25, 0.0]
