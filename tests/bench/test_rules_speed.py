"""Speed of questions to the law, measured and printed, never asserted: `make bench`."""

import time

import pytest

from forecast.regime import resolve
from forecast.rulebook import law_of, statuses
from forecast.statusgrid import DESTINATIONS, status_dataset
from forecast.verdict import ruling, status_table
from forecast.wording import differences


@pytest.fixture(scope="module")
def law():
    return law_of(None)


def day_by_day(law, quarters):
    """The plain way: every chip, quarter and destination asked anew."""
    moves = resolve("current", law.regimes)
    return [statuses(law.chips, moves, quarter.date(), place) for quarter in quarters for place in DESTINATIONS]


def test_all_chips_quarters_and_destinations(benchmark, law, capsys):
    found = benchmark(status_dataset, params=law)
    cells = int(found["status"].size)
    start = time.perf_counter()
    day_by_day(law, found["quarter"].to_index())
    plain = time.perf_counter() - start
    mean = benchmark.stats.stats.mean
    with capsys.disabled():
        print(f"\n{cells:,} cells: {1e3 * mean:.1f} ms, quarter by quarter {1e3 * plain:.0f} ms, {plain / mean:.0f} times")  # noqa: T201
    assert cells >= 99 * 44 * 10


def test_one_answer_with_reasons(benchmark, law):
    assert benchmark(ruling, "H20", on="2025-05-01", params=law)["status"]


def test_the_table_of_all_chips(benchmark, law):
    assert len(benchmark(status_table, on="2026-11-01", params=law)) == len(law.chips)


def test_what_a_regime_changes_in_words(benchmark, law):
    assert benchmark(differences, "current", "strict-denial", params=law).sentences
