"""Speed, measured and printed, never asserted: `make bench`. Run before and after a change and read the ratio."""

import pytest

from forecast.catalogue.load import load, open_catalogue
from forecast.comparison import compare
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.summary import summarize

DRAWS = 512


@pytest.fixture(scope="module")
def scenario():
    return load("baseline").model_copy(update={"draws": DRAWS})


@pytest.fixture(scope="module")
def inputs(scenario):
    return build_inputs(scenario)


@pytest.fixture(scope="module")
def result(inputs):
    return run(inputs)


def test_reading_the_catalogue(benchmark):
    from forecast.catalogue import load as module

    def read():
        module._open.cache_clear()
        return open_catalogue()

    assert benchmark(read).quantities


def test_building_inputs(benchmark, scenario):
    assert benchmark(build_inputs, scenario).sizes["draw"] == DRAWS


@pytest.mark.parametrize("workers", [1, 2])
def test_running_the_model(benchmark, inputs, workers):
    assert benchmark(run, inputs, 256, workers).sizes["draw"] == DRAWS


def test_summarising(benchmark, result):
    assert len(benchmark(summarize, result)) > 10_000


def test_comparing(benchmark, result):
    assert len(benchmark(compare, result)) > 1_000
