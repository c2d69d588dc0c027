"""Side questions of a brief, each asked once: two gates, bundles split, what drives the answer, compute owned abroad."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue
from forecast.gates import gate_effects
from forecast.rows import PROBABILITIES, long_rows, quantiles
from forecast.scenario import Scenario
from forecast.sensitivity import FEWEST, Outcome, outcome_draws, tornado, uncertain
from forecast.tables import OWNED, RENTED, Rows, Scope
from forecast.waterfall import divisible, split_effects

SIDE_DRAWS = 512
"""Draws on which side questions are answered: the first ones of the run, so that they are the same worlds."""

LEVEL, EFFECT = "level", "effect"
"""Outcomes whose drivers are told: the base's accessible compute, and the largest change of it."""


def side_results(
    scenario: Scenario, catalogue: Catalogue, run_folder: Path, result: xr.Dataset, scope: Scope, rows: Rows
) -> dict[str, Any]:
    """All side results of a finished run, and the seconds that each took.

    Keys: gates and split (frames as in forecast.gates and forecast.waterfall; split is None where no regime has two parts),
    drivers (outcome -> frame), most (the regime with the largest effect, or None), rows (long rows), draws, seconds. A frame
    with forecast.tables.FORK_COLUMNS under the key `forks` makes the brief's section on structural forms appear.
    """
    clock, seconds = time.perf_counter(), {}

    def lap(name: str) -> None:
        nonlocal clock
        seconds[name] = round(time.perf_counter() - clock, 3)
        clock = time.perf_counter()

    with xr.open_dataset(run_folder / "inputs.nc", engine="h5netcdf") as opened:
        inputs = opened.load()
    lap("reading")
    few = min(SIDE_DRAWS, scenario.draws)
    gates = gate_effects(inputs.isel(draw=slice(few)), scope.headline, scope.base)
    lap("gates")
    names = divisible(scenario, catalogue)
    split = split_effects(scenario.model_copy(update={"draws": few}), names, catalogue, scope.headline) if names else None
    lap("waterfall")
    most = largest_effect(rows, scope)
    drivers = _drivers(inputs, result, scope, most)
    lap("drivers")
    told = {"gates": gates, "split": split, "drivers": drivers, "most": most, "rows": abroad_rows(result, rows)}
    return {**told, "draws": few, "seconds": seconds}


def largest_effect(rows: Rows, scope: Scope) -> str | None:
    """The regime whose median change of accessible compute at the headline date is largest; None when there is one regime."""
    sizes = {
        name: abs(rows.value("effect:compute_nominal", "p50", regime=name, channel="accessible", quarter=scope.headline))
        for name in scope.others
    }
    return max(sizes, key=lambda name: sizes[name]) if sizes else None


def _drivers(inputs: xr.Dataset, result: xr.Dataset, scope: Scope, most: str | None) -> dict[str, pd.DataFrame]:
    """Inputs against accessible compute under the base and against the largest change of it; fewer where draws do not suffice."""
    if inputs.sizes["draw"] < FEWEST:
        return {}
    asked = {LEVEL: Outcome("compute_nominal", scope.headline, scope.base, "accessible")}
    if most is not None:
        asked[EFFECT] = Outcome("compute_nominal", scope.headline, most, "accessible", scope.base)
    beliefs = _beliefs(uncertain(inputs, scope.headline))
    found = {}
    for name, outcome in asked.items():
        values = outcome_draws(result, outcome)
        table = tornado(inputs, values, scope.headline) if np.ptp(values) > 0 else None
        if table is not None and not table["within_noise"].all():
            found[name] = table.join(beliefs, on="input")
    return found


def _beliefs(held: Mapping[str, tuple[np.ndarray, str, str, str]]) -> pd.DataFrame:
    """Median and 90% interval of each input by name."""
    numbers = {name: quantiles(draws.astype(float)) for name, (draws, *_) in held.items()}
    return pd.DataFrame({name: numbers_[[0, 2, 4]] for name, numbers_ in numbers.items()}, index=["p05", "p50", "p95"]).T


def abroad_rows(result: xr.Dataset, rows: Rows) -> pd.DataFrame:
    """Long rows of compute owned and rented abroad, all countries together, unless the summary holds them. [H100e]"""
    rented = result[RENTED].astype(float).sum("country")
    abroad = result["compute_nominal"].sel(channel="offshore", drop=True).astype(float)
    owned = (abroad - rented).clip(min=0.0)
    frames = [
        _long(name, array) for name, array in ((OWNED, owned), (RENTED, rented)) if rows.where(variable=name, country="").empty
    ]
    return pd.concat(frames, ignore_index=True) if frames else rows.table.iloc[:0]


def _long(name: str, array: xr.DataArray) -> pd.DataFrame:
    """Quantiles and mean of a stock over draws as long rows."""
    last = array.transpose("regime", "bound", "draw")
    numbers = np.concatenate([quantiles(last.values), last.values.mean(axis=-1)[None]])
    return long_rows(name, "H100e", numbers, [*PROBABILITIES, "mean"], last)


def profile(seconds: Mapping[str, float]) -> str:
    """Seconds by step in one line."""
    return ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items())
