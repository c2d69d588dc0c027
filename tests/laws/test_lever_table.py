"""One table from lever to input: complete, and true: every input that it names shapes what the lever does."""

import datetime as dt

import numpy as np
import pytest

from forecast.frontier import frontier_runs
from forecast.inputs import build_inputs
from forecast.levers import ALSO, lever_table
from forecast.model import run
from forecast.regime import BY_FIRM, BY_VENDOR, LEVERS, NO_EFFECT
from tests.laws.test_levers import DRAWS, made_up

PAIRS = [(lever, name) for lever, names in ALSO.items() for name in (*names, LEVERS[lever].acts_on)]
RESULTS = (
    "additions",
    "compute_nominal",
    "compute_bandwidth",
    "compute_training",
    "dies_made",
    "stacks_supplied",
    "yield_7nm",
    "memory_speed",
)


def test_every_lever_has_one_row_with_the_input_that_it_acts_on(catalogue):
    table = lever_table(catalogue).set_index("lever")
    assert list(table.index) == list(LEVERS)
    for name, row in table.iterrows():
        assert row["acts_on"] == LEVERS[name].acts_on
        if row["acts_on"] != NO_EFFECT:
            assert row["input"] == catalogue.quantities[row["acts_on"]].about
            assert row["median"]
        for also in row["also"].split():
            assert also in catalogue.quantities, also
    assert set(table.index[table["by_firm"]]) == {*BY_FIRM, *BY_VENDOR}


@pytest.fixture(scope="module")
def inputs_by_lever(scenario, catalogue):
    """Inputs under current law and with one lever at the low end of its range from 2029 on, told in 2027.

    Lifting a bar that binds nobody moves nothing, so that one is widened; a campaign is called off, so that it can fade.
    """
    from dataclasses import replace

    out = {}
    for lever in ALSO:
        row = LEVERS[lever]
        value = row.low if row.low < row.default and lever != "sovereign_only" else row.high
        moves = [(lever, dt.date(2029, 1, 1), float(value))]
        moves += [(lever, dt.date(2030, 1, 1), row.default)] if lever == "hostility" else []
        regime = made_up("moved", moves, announced=dt.date(2027, 1, 1))
        book = replace(catalogue, regimes={**catalogue.regimes, "moved": regime})
        asked = scenario.model_copy(update={"regimes": ("current", "moved"), "draws": DRAWS})
        out[lever] = build_inputs(asked, book)
    return out


def effect(inputs):
    result = run(inputs)
    runs = frontier_runs(inputs, result)["largest_run"]
    held = {**{name: result[name] for name in RESULTS}, "largest_run": runs}
    return {name: array.sel(regime="moved").values - array.sel(regime="current").values for name, array in held.items()}


@pytest.mark.parametrize(("lever", "name"), PAIRS)
def test_each_input_named_beside_a_lever_shapes_its_effect(inputs_by_lever, lever, name):
    inputs = inputs_by_lever[lever]
    base, other = effect(inputs), effect(inputs.assign({name: inputs[name] * 0.8}))
    assert any(np.abs(values).max() > 0 for values in base.values())
    assert any(not np.array_equal(base[key], other[key]) for key in base)
