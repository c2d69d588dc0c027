"""Fitted trends: known answers on made series, what is shipped is what these data give, and mistakes are told."""

import numpy as np
import pandas as pd
import pytest

from forecast.catalogue.fitted import RAMPS_FILE, SERIES, SPECS, TRENDS_FILE, data_hash
from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.desk.trends import trend_picture
from forecast.fit import RAMPS, as_series, damped, fit_all, ramp, unobserved
from forecast.fit.pooled import code, measured, weighted
from forecast.trends import ramps_table, trends_table

QUARTERS = [f"{year}Q{quarter}" for year in range(2016, 2024) for quarter in range(1, 5)]


def made(values, name="made"):
    return pd.DataFrame({"series": name, "quarter": QUARTERS[: len(values)], "value": values})


@pytest.fixture(scope="module")
def steady():
    """Growth of 1.5 a year with a little noise."""
    noise = np.random.default_rng(3).normal(0, 0.03, len(QUARTERS))
    return as_series(made(10 * 1.5 ** (np.arange(len(QUARTERS)) / 4) * np.exp(noise)), "made")


@pytest.fixture(scope="module")
def again(home):
    return fit_all(home)


def growth(trend):
    return float(measured(trend, "growth", np.zeros(0), np.zeros(1))[0])


@pytest.mark.parametrize("trend", ["local linear trend", "random walk with drift"])
def test_unobserved_components_find_the_growth_that_was_put_in(steady, trend):
    assert growth(unobserved(steady, trend, 8)) == pytest.approx(1.5, rel=0.06)


def test_damped_smoothing_finds_no_more_than_the_growth_that_was_put_in(steady):
    assert 1.25 < growth(damped(steady, 8)) < 1.56


def test_errors_grow_with_the_horizon(steady):
    for trend in (unobserved(steady, "local linear trend", 8), damped(steady, 8)):
        assert np.all(np.diff(trend.error) >= -1e-12)


def test_the_kalman_filter_leaves_gaps_open_and_smoothing_says_how_many_it_filled(steady):
    gappy = steady.copy()
    gappy.iloc[[5, 6, 12]] = np.nan
    assert unobserved(gappy, "local linear trend", 4).filled == 0
    assert damped(gappy, 4).filled == 3


def test_excess_is_what_came_over_the_trend_by_pencil(steady):
    trend = unobserved(steady, "local linear trend", 4)
    twice = np.log(2 * np.exp(trend.mean))
    assert measured(trend, "excess", twice, np.zeros(1))[0] == pytest.approx(1.0)
    low, high = measured(trend, "excess", twice, np.array([1.645, -1.645]))
    assert low < 1.0 < high


def test_pooled_quantiles_by_pencil():
    values, shares = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.1, 0.4, 0.4, 0.1])
    assert weighted(values, shares, 0.5) == pytest.approx(2.0)
    assert weighted(values, shares, 0.9) == pytest.approx(3.0)


def test_the_picture_of_a_record_never_falls_below_it_and_marks_powers_of_ten():
    """Largest runs so far: damped smoothing alone would let the record fall by orders of magnitude."""
    drawing = trend_picture("record_run_china")
    ahead = drawing.data[drawing.data["form"].isin(["unobserved", "damped"])]
    last = drawing.data.loc[drawing.data["form"] == "published", "p50"].iloc[-1]
    assert (ahead["p05"] >= last * (1 - 1e-9)).all()
    assert (ahead["p95"] > last).all()
    marks = [text.get_text() for text in drawing.figure.axes[0].get_yticklabels()]
    assert any(mark.startswith("10²") for mark in marks)
    assert not any("$" in mark for mark in marks)
    billings = trend_picture("equipment_billings").data
    published = billings.loc[billings["form"] == "published", "p50"].iloc[-1]
    assert (billings.loc[billings["form"] == "unobserved", "p05"] < published).any()


def test_nineteen_figures_are_too_few():
    with pytest.raises(BadInput, match="at least 20"):
        as_series(made(np.arange(1.0, 20.0)), "made")


@pytest.mark.parametrize("form", list(RAMPS))
def test_each_ramp_finds_its_own_curve(form):
    years = np.arange(2018.0, 2032.0)
    truth = {"log-linear": (2.0, 0.3), "logistic": (np.log(500.0), 0.9, 6.0), "Gompertz": (np.log(500.0), 0.5, 3.0)}[form]
    values = np.exp(RAMPS[form](years - 2018.0, *truth))
    found = ramp(form, years, values, np.array([2035.0]), 1e4)
    assert found.rmse < 1e-3
    assert found.values[0] == pytest.approx(float(np.exp(RAMPS[form](np.array([17.0]), *truth))[0]), rel=0.02)


def test_no_ramp_through_five_points():
    with pytest.raises(BadInput, match="at least 6"):
        ramp("logistic", np.arange(5.0), np.arange(1.0, 6.0), np.array([9.0]), 100.0)


def test_no_recalled_figure_enters_a_fit_and_each_has_twenty(catalogue):
    series, specs = catalogue.table(SERIES), catalogue.table(SPECS)
    assert set(series["seen"]) <= {"dataset", "search", "derived", "sum checked"}
    counts = [len(as_series(series, row.series, row.first_quarter, row.last_quarter).dropna()) for row in specs.itertuples()]
    assert min(counts) >= 20


def test_what_is_shipped_is_what_these_data_and_this_code_give(again, catalogue):
    held = catalogue.table(f"fitted/{TRENDS_FILE}")
    assert set(held["data_hash"]) == {data_hash(catalogue.table(SERIES), catalogue.table(SPECS))}
    assert set(held["code"]) == {code()}
    for name, belief in again.beliefs.items():
        spread = catalogue.quantities[name].spread
        for level, value in belief["spread"].items():
            assert getattr(spread, level) == pytest.approx(value, rel=0.02, abs=0.01)
    ours = again.trends.set_index(["series", "form"])[["p05", "p50", "p95"]]
    theirs = held.set_index(["series", "form"])[["p05", "p50", "p95"]]
    pd.testing.assert_frame_equal(ours, theirs, check_exact=False, rtol=0.03, atol=0.01, check_index_type=False)


def test_weights_of_the_forms_of_a_series_add_up(catalogue):
    held = catalogue.table(f"fitted/{TRENDS_FILE}")
    parts = held[held["form"] != "pooled"].groupby("series")["weight"].sum()
    assert np.allclose(parts, 1.0)


def test_a_run_reads_what_was_fitted_and_loads_no_fitting_code(home):
    import subprocess
    import sys

    words = "import sys, forecast.folder; print([m for m in sys.modules if m.startswith(('statsmodels', 'forecast.fit'))])"
    told = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, cwd=home, check=True)
    assert told.stdout.strip() == "[]"


def test_changed_data_are_refused_until_they_are_fitted(desk_copy):
    path = desk_copy / "params" / SERIES
    text = path.read_text()
    assert "2.27" in text
    path.write_text(text.replace("2.27", "2.28", 1))
    with pytest.raises(BadInput, match="forecast fit"):
        open_catalogue(desk_copy)


def test_weights_that_do_not_add_up_are_refused_with_their_line(desk_copy):
    path = desk_copy / "params" / SPECS
    path.write_text(path.read_text().replace(",4,0.35,0.35,0.3,", ",4,0.45,0.35,0.3,", 1))
    with pytest.raises(BadInput, match="line 2"):
        open_catalogue(desk_copy)


def test_a_star_marks_memory_and_origins_are_counted_inside(catalogue):
    rows, held = trends_table(catalogue).rows, catalogue.table(f"fitted/{TRENDS_FILE}")
    for row, one in zip(rows, held.itertuples(), strict=True):
        if one.form in {"unobserved", "damped"}:
            assert str(row[4]).endswith(" *") == (one.ljung_box < 0.05)
            assert str(row[5]).endswith(f"; {round(one.coverage * one.origins)} of {one.origins:.0f}")
        else:
            assert row[4] == row[5] == "–"


def test_tables_say_what_each_series_feeds(catalogue):
    table = trends_table(catalogue)
    told = " ".join(str(row[-1]) for row in table.rows)
    assert "prebuy tools" in told
    assert "nothing; " in told
    held = catalogue.table(f"fitted/{RAMPS_FILE}")
    ramps = ramps_table(catalogue)
    assert len(ramps.rows) == len(held) + 1
    assert len({row[-1] for row in ramps.rows[:3]}) == 3, "criteria that differ by two are told apart"
