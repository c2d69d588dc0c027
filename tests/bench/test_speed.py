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


def test_the_explorer_s_answer_beside_the_full_model(benchmark, scenario, capsys):
    """A lever moved again and again in the live model, and what one regime of the full model takes on the same draws."""
    import time

    from forecast.explorer import Explorer

    held = Explorer("baseline", DRAWS)
    held.answer([], [])
    values = iter(0.2 + 0.001 * k for k in range(10_000))
    answer = benchmark(lambda: held.answer([f"diversion={next(values):.3f}@2027Q1"], []))
    one = held.asked(["diversion=0.4@2027Q1"], []).model_copy(update={"regimes": ("adhoc",)})
    wall, work = time.perf_counter(), time.process_time()
    run(build_inputs(one))
    wall, work = time.perf_counter() - wall, time.process_time() - work
    start = time.process_time()
    held.answer(["diversion=0.15@2027Q1"], [])
    live = time.process_time() - start
    with capsys.disabled():
        median = benchmark.stats.stats.median
        print(f"\n{DRAWS} draws: {median:.2f} s, the full model {wall:.2f} s, {wall / median:.1f} times; ", end="")  # noqa: T201
        print(f"of processor time {live:.2f} s against {work:.2f} s, {work / live:.1f} times")  # noqa: T201
    assert answer.draws == DRAWS
