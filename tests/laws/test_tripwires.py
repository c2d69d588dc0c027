"""Tripwires: thresholds by pencil, what says nothing is left out, and what is watched comes after the origin."""

import numpy as np
import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.names import TERMS
from forecast.tripwires import AHEAD, _row, seen, tripwires


@pytest.fixture(scope="module")
def table(result, catalogue):
    return tripwires(result, "current", "2028Q4", catalogue)


def test_thresholds_and_outcomes_by_pencil():
    one = {"watch": "x", "label": "x", "unit": "1", "seen_in": "x", "source": "x"}
    row = _row(pd.Series(one), np.arange(9.0), 10.0 * np.arange(9.0))
    assert (row["low"], row["high"]) == (pytest.approx(8 / 3), pytest.approx(16 / 3))
    assert (row["below"], row["above"], row["change"]) == (10.0, 70.0, 60.0)


def test_what_never_varies_says_nothing():
    one = {"watch": "x", "label": "x", "unit": "1", "seen_in": "x", "source": "x"}
    assert _row(pd.Series(one), np.ones(9), np.arange(9.0))["p_value"] == 1.0


def test_the_most_telling_comes_first_and_noise_is_left_out(table):
    assert list(table["change"].abs()) == sorted(table["change"].abs(), reverse=True)
    assert (table["p_value"] < 0.01).all()
    assert (table["low"] <= table["p50"]).all()
    assert (table["p50"] <= table["high"]).all()


def test_each_thing_to_watch_is_a_variable_of_the_run_with_a_source(catalogue):
    watched = catalogue.table("tripwires.csv")
    assert set(watched["variable"]) <= {*TERMS, "additions_h100e"}
    assert watched["source"].str.len().min() > 0


def test_the_year_that_is_watched_follows_the_origin(result, catalogue, table):
    first = int(result.attrs["observed_quarters"])
    watched = pd.DatetimeIndex(result["quarter"].values)[first : first + AHEAD]
    assert set(table["last"]) == {f"{watched[-1].year}Q{watched[-1].quarter}"}
    chips = catalogue.table("tripwires.csv").set_index("watch").loc["domestic"]
    made = (result["additions"] * result["h100e"]).sel(regime="current", channel="domestic").sel(quarter=watched.values)
    assert seen(result, chips, "current", watched) == pytest.approx(made.sum(["quarter", "gpu_class"]).values)


def test_a_headline_before_the_year_is_over_is_refused(result, catalogue):
    with pytest.raises(BadInput, match="too short"):
        tripwires(result, "current", "2026Q4", catalogue)
