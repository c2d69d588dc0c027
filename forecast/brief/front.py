"""What page one tells beyond the run's summary: time to bite, money of the American side, a human anchor, what to watch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.bite import timing_of_regimes
from forecast.catalogue.load import Catalogue
from forecast.frontier import frontier_runs
from forecast.names import bounds_of, parse_quarter
from forecast.receipts import receipts
from forecast.rows import quantiles
from forecast.scenario import Scenario
from forecast.tables import Scope
from forecast.tripwires import AHEAD, tripwires

TIMED_DRAWS = 256
"""Draws on which regimes are taken back: each runs twice."""

AMERICAN = ("American vendors", "US Treasury")
ANCHORS = ("onshore", "accessible")


def front_results(
    scenario: Scenario, catalogue: Catalogue, inputs: xr.Dataset, result: xr.Dataset, scope: Scope, draws: int
) -> dict[str, pd.DataFrame]:
    """Frames of page one: timing (one row a regime), money and runs (regime, what, unit, p05, p50, p95), watch, record.

    Money and runs are of the first `draws` draws of the run: levels under the base, paired differences under the others.
    """
    few = {"draw": slice(draws)}
    told = (inputs.isel(few), result.isel(few))
    timed = scenario.model_copy(update={"draws": min(TIMED_DRAWS, scenario.draws)})
    return {
        "timing": timing_of_regimes(timed, catalogue=catalogue),
        "money": american_money(*told, scope),
        "runs": runs_at(*told, scope),
        "watch": watched(result, scope, catalogue),
        "record": record(catalogue, scope),
    }


def american_money(inputs: xr.Dataset, result: xr.Dataset, scope: Scope) -> pd.DataFrame:
    """What American vendors and the Treasury take from Chinese buyers after the origin up to the headline date. [bn USD]

    By regime: the level under the base, the paired difference under the others. Chips only: rents abroad are not followed.
    """
    first, last = int(result.attrs["observed_quarters"]), parse_quarter(scope.headline)
    money = receipts(inputs, result).sel(recipient=list(AMERICAN)).isel(quarter=slice(first, None)).sel(quarter=slice(None, last))
    total = money.sum(["recipient", "channel", "quarter"]).transpose("regime", "draw").values
    return _paired(scope, {("receipts", "bn USD"): total})


def runs_at(inputs: xr.Dataset, result: xr.Dataset, scope: Scope) -> pd.DataFrame:
    """The largest training run at the headline date and its lag behind America, onshore and accessible. [FLOP, month]"""
    runs = frontier_runs(inputs, result).sel(bound=bounds_of(pd.DatetimeIndex([parse_quarter(scope.headline)]))[1])
    told = {}
    for place in ANCHORS:
        for name, unit in (("largest_run", "FLOP"), ("lag_months", "month")):
            told[f"{name}/{place}", unit] = runs[name].sel(channel=place).transpose("regime", "draw").values
    return _paired(scope, told)


def _paired(scope: Scope, told: Mapping[tuple[str, str], np.ndarray]) -> pd.DataFrame:
    """Arrays (regime, draw) as rows: levels under the base, paired differences under the others."""
    rows = []
    for (what, unit), values in told.items():
        for place, regime in enumerate(scope.titles):
            numbers = quantiles(np.asarray(values[place] - (values[0] if place else 0.0), dtype=float))[[0, 2, 4]]
            rows.append((regime, what, unit, *map(float, numbers)))
    return pd.DataFrame(rows, columns=["regime", "what", "unit", "p05", "p50", "p95"])


def watched(result: xr.Dataset, scope: Scope, catalogue: Catalogue) -> pd.DataFrame | None:
    """What to watch; None where the headline date comes too soon for it, or nothing says anything."""
    ahead = pd.DatetimeIndex(result["quarter"].values)[int(result.attrs["observed_quarters"]) :][:AHEAD]
    if len(ahead) < AHEAD or ahead[-1] >= parse_quarter(scope.headline):
        return None
    table = tripwires(result, scope.base, scope.headline, catalogue)
    return table if len(table) else None


def record(catalogue: Catalogue, scope: Scope) -> pd.DataFrame:
    """The largest disclosed training run that had been published by the origin, one row."""
    table = catalogue.table("history/training_runs.csv")
    end = bounds_of(pd.DatetimeIndex([parse_quarter(scope.as_of)]))[1]
    known = table[table["published"] < end]
    row: pd.Series[Any] = known.loc[known["flop"].idxmax()]
    told = {name: row[name] for name in ("run", "developer", "flop", "source")} | {"released": str(row["released"])[:10]}
    return pd.DataFrame([told])
