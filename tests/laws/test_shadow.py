"""Laws of shadow values: nothing more adds nothing, what binds adds, the past stands."""

import numpy as np
import pytest

from forecast.inputs import build_inputs
from forecast.model import run
from forecast.shadow import CONSTRAINTS, _raised, shadow_values


@pytest.fixture(scope="module")
def table(scenario, catalogue):
    return shadow_values(scenario, "2029-01-01", catalogue=catalogue).set_index(["constraint", "form"])


def test_every_constraint_and_both_forms_have_a_row(table):
    assert len(table) == 2 * len(CONSTRAINTS)
    assert (table[["p05", "p50", "p95"]].apply(np.diff, axis=1).apply(min) >= 0).all()


def test_what_binds_in_most_worlds_adds_in_most_and_what_binds_in_few_in_few(table):
    """Memory binds in more than eight of ten worlds of 2028, logic in fewer than one; with investment as planned."""
    assert table.loc[("memory stacks", "independent"), "share_moved"] > 0.8
    assert table.loc[("logic wafers", "independent"), "share_moved"] < 0.2
    assert table.loc[("memory stacks", "independent"), "p50"] > 100 * table.loc[("logic wafers", "independent"), "p50"]


def test_planners_make_surplus_logic_count_in_more_worlds(table):
    assert table.loc[("logic wafers", "rebalancing"), "share_moved"] > table.loc[("logic wafers", "independent"), "share_moved"]


def test_more_after_the_origin_leaves_the_past_as_it_was(inputs, result):
    for names in CONSTRAINTS.values():
        more = run(_raised(inputs, names, 1.5))["additions"]
        past = {"quarter": more["quarter"].values <= inputs["quarter"].values[inputs.attrs["observed_quarters"] - 1]}
        assert np.array_equal(more.isel(past).values, result["additions"].isel(past).values), names


def test_nothing_more_adds_nothing(scenario, catalogue):
    few = scenario.model_copy(update={"draws": 16})
    none = shadow_values(few, "2029-01-01", more=1e-12, catalogue=catalogue)
    assert none["share_moved"].max() == 0.0


def test_inputs_of_every_constraint_exist(scenario, catalogue):
    inputs = build_inputs(scenario.model_copy(update={"draws": 16}), catalogue)
    assert {name for names in CONSTRAINTS.values() for name in names} <= set(inputs.data_vars)
