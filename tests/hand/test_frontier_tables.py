"""Tables of frontier runs, units, watts, money and timing: what a cell says is what the draws say."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from forecast import frontier_tables as tables
from forecast.bite import COLUMNS
from forecast.bite_tables import bite_table, quarters_said
from forecast.contract import BadInput
from forecast.energy import rate_per_watt
from forecast.figures import runs_chart
from forecast.frontier import beside_record, chance_of_run, frontier_runs, paths_of_runs
from forecast.names import end_of_year
from forecast.power_tables import power_table
from forecast.receipts import denial_cost, displaced, receipts
from forecast.tables import Scope, two_digits
from forecast.yardsticks import stocks_in_units

SCOPE = Scope(
    titles={"current": "Current law", "open-blackwell": "Open Blackwell", "strict-denial": "Strict denial"}, as_of="2026Q3",
    headline_year=2028, horizon_year=2030, classes={}, vendors=(),
)  # fmt: skip


@pytest.fixture(scope="module")
def runs(inputs, result):
    return frontier_runs(inputs, result, efficient=True)


@pytest.fixture(scope="module")
def made(inputs, result, catalogue, runs):
    return {
        "runs": tables.runs_table(runs, SCOPE),
        "by regime": tables.regimes_runs_table(runs, SCOPE, 1e27),
        "record": tables.record_table(beside_record(runs, catalogue.table("history/training_runs.csv"))),
        "methods": tables.methods_table(runs, SCOPE),
        "labs": tables.labs_table(runs, SCOPE),
        "units": tables.units_table(stocks_in_units(inputs, result, catalogue), SCOPE),
        "watts": tables.watts_table(rate_per_watt(inputs, result), SCOPE),
        "power": power_table(result, SCOPE),
        "receipts": tables.receipts_table(receipts(inputs, result), SCOPE),
        "denial": tables.denial_table(denial_cost(result, "2028Q4"), SCOPE),
        "without": tables.without_table(displaced(inputs, result), SCOPE),
    }


def test_every_row_of_every_table_is_as_long_as_its_header(made):
    for name, table in made.items():
        assert table.rows, name
        assert {len(row) for row in table.rows} == {len(table.header)}, name
        assert len(table.data), name
        assert len({each.name for each in made.values()}) == len(made)


def test_the_largest_run_of_a_cell_is_the_median_of_the_draws(made, runs):
    row = next(row for row in made["runs"].rows if row[0] == "end-2028")
    draws = runs["largest_run"].sel(regime="current", channel="onshore", bound=end_of_year(2028)).values
    assert row[1][0] == two_digits(float(np.median(draws)) / 1e26)
    assert row[7].endswith("%")
    one = runs.sel(regime="current", bound=end_of_year(2028))
    held = {2: one["largest_run"].sel(channel="accessible") / 1e26, 3: one["us_largest_run"] / 1e26,
            4: one["lag_months"].sel(channel="accessible"), 5: one["largest_model"].sel(channel="accessible") / 1e12,
            6: one["run_exposed"] * 100}  # fmt: skip
    assert {place: row[place][0] for place in held} == {
        place: two_digits(float(np.median(values))) for place, values in held.items()
    }


def test_the_chance_in_a_cell_is_the_share_of_worlds(made, runs):
    chance = chance_of_run(runs, 1e27, ["2028Q4"]).set_index(["regime", "channel"])["probability"]
    row = next(row for row in made["by regime"].rows if row[0] == "Strict denial")
    assert row[3] == f"{round(100 * chance['strict-denial', 'onshore'])}%"


def test_a_record_above_the_median_is_told_in_times_and_below_in_percent(catalogue, runs):
    record = beside_record(runs, catalogue.table("history/training_runs.csv"))
    shares = tables.record_table(record.assign(share=np.where(record["country"] == "CN", 0.25, 1.62))).rows
    assert {row[-1] for row in shares} == {"25%", "1.6 times"}


def test_power_onshore_is_the_sum_of_its_channels_world_by_world(made, result):
    held = result["power"].sel(regime="current", bound=end_of_year(2028))
    home = held.sel(channel=["licensed", "diverted", "domestic"]).sum("channel")
    row = next(row for row in made["power"].rows if row[0] == "end-2028")
    assert row[4][0] == two_digits(float(np.median(home)))
    assert row[5][0] == two_digits(float(np.median(held.sel(channel="offshore"))))


def test_where_no_better_class_is_listed_the_table_says_since_when(inputs, result):
    watts = rate_per_watt(inputs, result)
    table = tables.watts_table(watts, SCOPE)
    best = watts["frontier_rate_per_kw"]
    assert "on sale at end of 2026Q3 is listed" in table.note
    assert np.array_equal(best.sel(bound="2026-10-01").values, best.isel(bound=-1).values)
    assert (best.sel(bound="2026-07-01").values < best.sel(bound="2026-10-01").values).any()


def test_large_units_are_written_in_millions_and_small_ones_are_not(made):
    rows = {row[0]: row for row in made["units"].rows}
    assert "H100e (8-bit rate), million" in rows
    assert "GW of machines" in rows
    assert float(rows["H100e (8-bit rate), million"][1][0]) < 5


def test_where_nothing_is_paid_a_cell_is_a_plain_zero(made):
    rows = [row for row in made["receipts"].rows if row[1] == "US Treasury"]
    assert len(rows) == len(SCOPE.titles)
    assert rows[2][-1] == "0"


def test_one_regime_has_tables_too(inputs, result, runs):
    alone = dataclasses.replace(SCOPE, titles={"current": "Current law"})
    assert len(tables.regimes_runs_table(runs, alone, 1e27).rows) == 1
    assert len(tables.without_table(displaced(inputs, result), alone).rows) == 1


def test_a_short_run_has_no_row_for_the_horizon_and_refuses_a_headline_beyond_it(runs):
    short = runs.sel(bound=runs["bound"] <= end_of_year(2028))
    assert [row[0] for row in tables.runs_table(short, SCOPE).rows] == ["end-2025", "end-2026", "end-2027", "end-2028"]
    with pytest.raises(BadInput, match="does not hold"):
        tables.runs_table(runs.sel(bound=runs["bound"] <= end_of_year(2027)), SCOPE)


def test_timing_in_words():
    timing = pd.DataFrame([dict.fromkeys(COLUMNS, "") | {
        "title": "A rule", "effective": "2027-01-01", "bites": "3 quarters", "peak": -0.0526, "peak_at": "2029Q1", "worlds": 0.4,
        "outlives": "never within the horizon (2032Q4)",
    }, dict.fromkeys(COLUMNS, "") | {"title": "Nothing", "peak": 0.0, "worlds": 0.0}])  # fmt: skip
    first, second = bite_table(timing).rows
    assert first == ["A rule", "2027-01-01", "3 quarters", "−5.3%", "2029Q1", "40%", "never within the horizon (2032Q4)"]
    assert second[3] == "0"
    assert second[5] == "none"


def test_a_gap_that_still_grows_is_said_to_grow_and_a_tiny_effect_is_nothing():
    assert quarters_said("still growing at the end of the run (2032Q4)") == "still growing at the end of the run (2032Q4)"
    row = dict.fromkeys(COLUMNS, 0) | {
        "title": "A rule", "effective": "2027-01-01", "bites": "never within the horizon (2032Q4)", "peak": -3e-6,
        "peak_at": "2030Q2", "worlds": 0.09, "outlives": "no effect to outlive",
    }  # fmt: skip
    assert bite_table(pd.DataFrame([row])).rows[0][3:] == ["0", "", "9%", "no effect to outlive"]


@pytest.mark.parametrize("named", [1, 3, 5])
def test_names_of_runs_hide_no_mark_no_line_and_no_other_name(runs, catalogue, named):
    record = beside_record(runs, catalogue.table("history/training_runs.csv"))
    drawing = runs_chart(paths_of_runs(runs), record, "2026Q3", "Current law", named=named)
    axes = drawing.figure.axes[0]
    names = set(record["run"])
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts if text.get_text() in names}
    assert 2 <= len(boxes) <= 2 * named
    for one, box in boxes.items():
        assert not any(box.overlaps(other) for name, other in boxes.items() if name != one), one
        for line in axes.lines:
            points = line.get_transform().transform(np.column_stack(line.get_data()))
            if len(points) > 2:
                inside = ((points > [box.x0, box.y0]) & (points < [box.x1, box.y1])).all(axis=1)
                assert not inside.any(), one
