"""From a question to its page, stage by stage: seconds and their share of the whole, printed; nothing here asserts a speed."""

import time

import pytest

from forecast.brief.kept import kept
from forecast.brief.side import SIDE_DRAWS
from forecast.catalogue.load import load
from forecast.folder import compute, open_inputs, open_result
from forecast.model import run, stock_at
from forecast.publication import write_brief

BOUND = "2029-01-01"


@pytest.fixture(scope="module")
def scenario():
    return load("baseline").model_copy(update={"name": "bench", "draws": SIDE_DRAWS})


@pytest.fixture(scope="module")
def made(scenario):
    """A finished run with its first report; its seconds are those of each stage."""
    return write_brief(compute(scenario, again=True), scenario)


def test_each_stage_and_its_share(made, scenario, benchmark, capsys):
    stages = {name: taken for name, taken in made.seconds.items() if name != "brief"}
    whole = sum(stages.values())
    benchmark.pedantic(write_brief, (made, scenario), rounds=2)
    again = benchmark.stats.stats.min
    with capsys.disabled():
        print()  # noqa: T201
        for name, taken in {**stages, "whole": whole, "the same report once more": again}.items():
            print(f"  {name:<28} {taken:7.2f} s  {100 * taken / whole:5.1f}%")  # noqa: T201
    assert kept(made.folder) is not None
    assert (made.folder / "brief.pdf").is_file()


def test_one_bound_beside_the_whole_run(made, benchmark):
    inputs = open_inputs(made.folder)
    started = time.perf_counter()
    whole = run(inputs)
    taken = time.perf_counter() - started
    one = benchmark.pedantic(stock_at, (inputs, BOUND), rounds=3)
    benchmark.extra_info["whole run over one bound"] = round(taken / benchmark.stats.stats.min, 1)
    with open_result(made.folder) as opened:
        assert (one["compute_nominal"].values == opened["compute_nominal"].sel(bound=BOUND).values).all()
    assert (one["compute_nominal"].values == whole["compute_nominal"].sel(bound=BOUND).values).all()
