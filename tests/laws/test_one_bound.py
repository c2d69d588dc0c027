"""Side questions ask for one bound: what they are told is what the whole run says there, and other forms are other inputs."""

import numpy as np
import pytest

from forecast.contract import Breach
from forecast.inputs import build_inputs, in_forms
from forecast.model import run, stock_at
from forecast.names import FORKS

STOCKS = ("compute_nominal", "compute_training", "compute_serving", "compute_bandwidth", "power")


@pytest.mark.parametrize("bound", ["2025-01-01", "2026-10-01", "2029-01-01", "2031-01-01"])
def test_stocks_at_one_bound_are_those_of_the_whole_run_bit_for_bit(inputs, result, bound):
    few = stock_at(inputs, bound, STOCKS, block=64)
    for name in STOCKS:
        assert np.array_equal(few[name].values, result[name].sel(bound=bound).values), name
        assert few[name].attrs["units"] == result[name].attrs["units"]


def test_a_day_that_is_no_bound_is_refused(inputs):
    with pytest.raises(KeyError):
        stock_at(inputs, "2029-01-02")


def test_books_that_do_not_balance_stop_a_side_question_too(inputs, monkeypatch):
    from forecast.model import closing

    few = inputs.isel(draw=slice(16))
    stock_at(few, "2029-01-01")
    monkeypatch.setattr(closing, "opening_quarter", lambda x: 0)
    with pytest.raises(Breach, match="dies do not balance"):
        stock_at(few, "2029-01-01")


@pytest.mark.parametrize("fork", FORKS)
def test_inputs_in_another_form_are_those_built_for_it(scenario, catalogue, fork):
    few = scenario.model_copy(update={"draws": 32})
    plain = build_inputs(few, catalogue)
    for form in FORKS[fork]:
        held = few.model_copy(update={"forks": {fork: form}})
        assert in_forms(plain, held, catalogue).identical(build_inputs(held, catalogue))


def test_blocks_and_workers_change_nothing(inputs):
    some = inputs.isel(draw=slice(40))
    whole = run(some, block=40, workers=1)
    assert whole.identical(run(some, block=16, workers=2))
