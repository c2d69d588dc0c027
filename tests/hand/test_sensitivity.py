"""The tornado on made-up inputs with a known answer."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import spearmanr

from forecast.contract import BadInput
from forecast.draws import normals
from forecast.sensitivity import COLUMNS, FEWEST, Outcome, noise, outcome_draws, rank_correlation, tornado, uncertain

DRAWS = 1000
QUARTERS = pd.date_range("2026-01-01", periods=4, freq="QS")


def z(name):
    return normals(1, name, DRAWS)


@pytest.fixture
def world():
    late = np.stack([z("early"), z("early"), z("late"), z("late")])
    return xr.Dataset(
        {
            "strong": ("draw", z("strong"), {"long_name": "A strong input", "units": "1"}),
            "weak": ("draw", z("weak"), {"long_name": "A weak input", "units": "1"}),
            "idle": ("draw", z("idle"), {"long_name": "An input without effect", "units": "1"}),
            "fixed": ("draw", np.full(DRAWS, 3.0)),
            "rising": (("quarter", "draw"), late, {"long_name": "A path", "units": "H100e"}),
            "rate": (("gpu_class", "draw"), np.stack([z("a"), np.ones(DRAWS)])),
            "lever": ("quarter", np.ones(4)),
            "list_price": (("gpu_class", "quarter", "draw"), np.ones((2, 4, DRAWS))),
        },
        coords={"quarter": QUARTERS, "gpu_class": ["a", "b"], "draw": range(DRAWS)},
    )


def test_the_largest_effect_stands_first_and_has_the_sign_and_the_size_of_the_formula(world):
    values = 10 + 4 * world["strong"].values - world["weak"].values + 0.001 * world["rising"].values[2]
    table = tornado(world, values, "2026Q3")
    assert tuple(table.columns) == COLUMNS
    assert table["input"].tolist()[:2] == ["strong", "weak"]
    strong, weak = table.iloc[0], table.iloc[1]
    assert strong["change"] == pytest.approx(4 * 2 * 1.645, rel=0.05)
    assert strong["high"] - strong["low"] == strong["change"]
    assert weak["change"] < 0
    assert weak["rho"] < 0
    assert not strong["within_noise"]
    assert table.set_index("input").loc["idle", "within_noise"]
    assert 0 < strong["mc_error"] < 0.5


def test_only_what_differs_between_draws_is_asked(world):
    assert set(uncertain(world, "2026Q1")) == {"strong", "weak", "idle", "rising", "rate.a"}


def test_a_path_is_read_at_the_quarter_asked(world):
    values = world["rising"].values[3]
    late = tornado(world, values, "2026Q4").set_index("input")
    early = tornado(world, values, "2026Q1").set_index("input")
    assert late.loc["rising", "rho"] == pytest.approx(1.0)
    assert late.loc["rising", "at"] == "2026Q4"
    assert early.loc["rising", "within_noise"]


def test_rank_correlations_are_those_of_scipy():
    inputs = np.stack([z("one"), np.round(z("two")), z("three") ** 3])
    values = np.round(inputs.sum(axis=0), 1)
    assert rank_correlation(inputs, values) == pytest.approx([spearmanr(row, values).statistic for row in inputs])


def test_noise_falls_with_draws_and_rises_with_the_number_of_inputs():
    assert noise(4000, 10) == pytest.approx(noise(1000, 10) / 2, rel=0.01)
    assert noise(1000, 100) > noise(1000, 1) == pytest.approx(1.96 / np.sqrt(999), rel=0.001)


def test_unrelated_inputs_are_almost_never_called_drivers():
    names = [f"input_{k}" for k in range(60)]
    crowd = xr.Dataset({name: ("draw", z(name)) for name in names}, coords={"draw": range(DRAWS)})
    calls = [(~tornado(crowd, z(f"outcome_{k}"), "2026Q1")["within_noise"]).sum() for k in range(20)]
    assert sum(calls) <= 4


@pytest.mark.parametrize(
    ("values", "message"),
    [(np.ones(DRAWS), "same in every draw"), (np.arange(DRAWS - 1.0), "not of one run")],
)
def test_what_cannot_be_answered_is_refused(world, values, message):
    with pytest.raises(BadInput, match=message):
        tornado(world, values, "2026Q1")


def test_too_few_draws_are_refused(world):
    few = world.isel(draw=slice(FEWEST - 1))
    with pytest.raises(BadInput, match="too few draws"):
        tornado(few, few["strong"].values, "2026Q1")
    with pytest.raises(BadInput, match="outside the run"):
        tornado(world, world["strong"].values, "2031Q1")


def test_an_outcome_is_the_array_and_an_effect_its_difference(result):
    at = Outcome("compute_nominal", "2028Q4", "strict-denial", "onshore")
    level = outcome_draws(result, at)
    stock = result["compute_nominal"].sel(regime="strict-denial", bound="2029-01-01")
    assert level == pytest.approx(stock.sel(channel=["licensed", "diverted", "domestic"]).sum("channel").values)
    base = outcome_draws(result, Outcome("compute_nominal", "2028Q4", "current", "onshore"))
    effect = outcome_draws(result, Outcome("compute_nominal", "2028Q4", "strict-denial", "onshore", "current"))
    assert effect == pytest.approx(level - base)
    flow = outcome_draws(result, Outcome("budget", "2028Q1", "current"))
    assert flow == pytest.approx(result["budget"].sel(regime="current", quarter="2028-01-01").values)


def test_more_money_is_found_among_the_drivers_of_the_budget(inputs, result):
    table = tornado(inputs, outcome_draws(result, Outcome("budget", "2028Q1", "current")), "2028Q1")
    assert "capex" in table["input"].tolist()[:2]
    assert table["change"].abs().is_monotonic_decreasing


@pytest.mark.parametrize("wrong", [{"variable": "compute"}, {"channel": "smuggled"}, {"regime": "nobody"}, {"quarter": "2050Q1"}])
def test_an_unknown_outcome_is_refused_with_what_there_is(result, wrong):
    asked = {"variable": "compute_nominal", "quarter": "2028Q4", "regime": "current", "channel": "onshore"} | wrong
    with pytest.raises(BadInput) as refusal:
        outcome_draws(result, Outcome(**asked))
    assert refusal.value.key in wrong
