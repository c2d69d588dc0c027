"""A law that turns by chance: worlds that never turn are those of current law, and those that turn live under their branch."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.switching import CHANNELS, NAME, odds, paths, switching_inputs


def with_odds(catalogue, weights, points):
    """The catalogue with other weights by regime (zero where not named) and other turning points."""
    tables = dict(catalogue.tables)
    branches = tables["branches.csv"].copy()
    branches["weight"] = [weights.get(name, 0.0) for name in branches["regime"]]
    tables["branches.csv"] = branches
    tables["turning_points.csv"] = pd.DataFrame({"when": list(points), "chance": list(points.values())})
    return replace(catalogue, tables=tables)


@pytest.fixture(scope="module")
def few(scenario):
    return scenario.model_copy(update={"draws": 64})


def test_where_nothing_turns_every_world_is_that_of_current_law_bit_for_bit(few, catalogue):
    still = with_odds(catalogue, {"current": 1.0, "beijing-refusal": 0.35}, {"every": 0.0})
    free = run(switching_inputs(few, still)).isel(regime=0, drop=True)
    beside = few.model_copy(update={"regimes": ("current", "strict-denial")})
    fixed = run(build_inputs(beside, catalogue)).isel(regime=0, drop=True)
    assert free.drop_attrs().equals(fixed.drop_attrs())
    alone = run(build_inputs(few.model_copy(update={"regimes": ("current",)}), catalogue)).isel(regime=0, drop=True)
    assert np.array_equal(free["compute_nominal"].values, alone["compute_nominal"].values)


def test_a_sure_turn_puts_every_world_under_the_branch_from_the_next_quarter_on(few, catalogue):
    sure = with_odds(catalogue, {"strict-denial": 1.0}, {"every": 0.0, "2027Q2": 1.0})
    inputs = switching_inputs(few, sure)
    held = inputs["permitted"].sel(regime=NAME, gpu_class="h200")
    fixed = build_inputs(few.model_copy(update={"regimes": ("current", "strict-denial")}), catalogue)["permitted"]
    law = fixed.sel(gpu_class="h200")
    assert (held.sel(quarter="2027-04-01") == law.sel(regime="current", quarter="2027-04-01")).all()
    begins = np.flatnonzero((law.sel(regime="strict-denial") != law.sel(regime="current")).values)[0]
    full = law.sel(regime="strict-denial").values[begins + 4]
    assert (held.sel(quarter="2030-01-01") == full).all()
    assert full == 0.0


def test_a_turn_changes_nothing_before_it(few, catalogue):
    sure = with_odds(catalogue, {"full-liberalisation": 1.0}, {"every": 0.0, "2028Q4": 1.0})
    free = run(switching_inputs(few, sure)).isel(regime=0, drop=True)
    fixed = run(build_inputs(few.model_copy(update={"regimes": ("current",)}), catalogue)).isel(regime=0, drop=True)
    before, after = slice(None, "2029-01-01"), slice("2030-01-01", None)
    stock = [one["compute_nominal"] for one in (free, fixed)]
    assert stock[0].sel(bound=before).equals(stock[1].sel(bound=before))
    assert (stock[0].sel(bound=after).sum("channel") >= stock[1].sel(bound=after).sum("channel")).mean() > 0.9


def test_shares_of_worlds_follow_the_weights_and_nothing_turns_up_to_the_origin(scenario, catalogue):
    many = scenario.model_copy(update={"draws": 4096})
    quarters = pd.DatetimeIndex(build_inputs(scenario.model_copy(update={"draws": 16}), catalogue)["quarter"].values)
    branch, age, layers = paths(many, catalogue, quarters)
    assert not branch[: many.observed].any()
    assert not layers[:, : many.observed].any()
    table = catalogue.table("branches.csv")
    for k, weight in enumerate(table.loc[table["kind"] == "branch", "weight"]):
        assert (branch[-1] == k).mean() == pytest.approx(weight, abs=0.03)
    for k, weight in enumerate(table.loc[table["kind"] == "layer", "weight"]):
        assert layers[k, -1].mean() == pytest.approx(weight, abs=0.03)
    moved = np.diff(branch, axis=0) != 0
    assert (age[1:][moved] == 0).all()


def test_the_rate_of_turns_is_one_in_two_and_a_half_quarters():
    """Seven material changes in seventeen quarters: exp(-1/2.4) is the chance that a quarter passes without one."""
    points = open_catalogue().table("turning_points.csv").set_index("when")["chance"]
    assert points["every"] == pytest.approx(1.0 - np.exp(-7 / 17), abs=0.005)


def test_the_unconditional_forecast_lies_within_its_branches(few, catalogue):
    table = odds(few, 2028, catalogue)
    assert set(table["channel"]) == set(CHANNELS)
    effects = table[(table["quantity"] == "effect") & (table["channel"] == "accessible")].set_index("regime")["p50"]
    assert effects["strict-denial"] < effects[NAME] < effects["full-liberalisation"]
    assert effects["current"] == 0.0


@pytest.mark.parametrize("year", [2025, 2033])
def test_a_year_that_the_run_does_not_reach_is_refused(few, catalogue, year):
    with pytest.raises(BadInput, match="does not reach"):
        odds(few, year, catalogue)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("branches.csv", "current,branch,0.4", "current,branch,0.5", "weights of branches do not add up"),
        ("branches.csv", "match,branch", "matsch,branch", "a branch that is no regime"),
        ("branches.csv", "match,branch", "safe-chips,branch", "a branch that is no regime"),
        ("turning_points.csv", "2027Q1", "2027Q5", "a turning point that is no quarter"),
        ("turning_points.csv", "every", "2026Q3", "no chance for the quarters"),
        ("turning_points.csv", "0.341", "1.341", "turning_points.csv"),
    ],
)
def test_tables_that_cannot_be_sampled_are_refused(desk_copy, file, old, new, says):
    path = desk_copy / "params" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=says) as problem:
        open_catalogue(desk_copy)
    assert file in str(problem.value)
