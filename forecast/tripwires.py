"""Tripwires: what will be seen in the year after the origin and says most about where a stock will stand later.

For each thing to watch (params/tripwires.csv) the worlds are sorted by what is seen in the four quarters after the origin. Its
lowest and highest third give the thresholds; what the stock is in the worlds below and above them is what the sight would tell.
"""

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import spearmanr

from forecast.catalogue.load import Catalogue
from forecast.contract import BadInput
from forecast.names import bounds_of, label_quarter, parse_quarter
from forecast.rows import additions_h100e, grouped

AHEAD = 4
"""Quarters after the origin in which a thing is watched."""

THIRD = 1 / 3
FALSE_ALARM = 0.01
"""Chance at which a rank correlation that chance could make is left out."""

COLUMNS = (
    "watch", "label", "unit", "seen_in", "source", "last", "p05", "p50", "p95", "low", "high", "below", "above", "change", "rho",
    "p_value",
)  # fmt: skip


def tripwires(result: xr.Dataset, regime: str, quarter: str, catalogue: Catalogue) -> pd.DataFrame:
    """One row per thing to watch that says something, the most telling first; COLUMNS.

    `low`, `high`: thirds of what is seen, in `unit`, as are p05, p50 and p95; `below`, `above`: median accessible compute at the
    end of `quarter` in the worlds beneath and over them [H100e]; `change`: above less below; `last`: the last quarter watched.
    Raises BadInput where the run ends before that.
    """
    first = int(result.attrs["observed_quarters"])
    watched = pd.DatetimeIndex(result["quarter"].values)[first : first + AHEAD]
    if len(watched) < AHEAD or watched[-1] > parse_quarter(quarter):
        raise BadInput("the run is too short for anything to be watched", key="last", expected=f"{AHEAD} quarters to {quarter}")
    stock = grouped(result["compute_nominal"]).sel(
        regime=regime, channel="accessible", bound=bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1]
    )
    rows = [
        _row(one, seen(result, one, regime, watched) / float(one["scale"]), stock.values.astype(float))
        | {"last": label_quarter(watched[-1])}
        for _, one in catalogue.table("tripwires.csv").iterrows()
    ]
    table = pd.DataFrame(rows)
    table = table[table["p_value"] < FALSE_ALARM]
    return table.sort_values("change", key=abs, ascending=False, kind="stable").reset_index(drop=True)[list(COLUMNS)]


def seen(result: xr.Dataset, one: pd.Series, regime: str, watched: pd.DatetimeIndex) -> np.ndarray:
    """What is seen of one thing in the quarters watched, in the unit of its variable (draw,)."""
    array = additions_h100e(result) if one["variable"] == "additions_h100e" else result[one["variable"]]
    array = array.sel(regime=regime)
    if one["channel"]:
        array = array.sel(channel=one["channel"])
    if "quarter" in array.dims:
        array = array.sel(quarter=watched.values)
        array = array.mean("quarter") if one["measure"] == "mean" else array.sum("quarter")
    else:
        array = array.sel(bound=bounds_of(watched)[-1])
    rest = [dim for dim in array.dims if dim != "draw"]
    return np.asarray(array.sum(rest).values, dtype=float)


def _row(one: pd.Series, values: np.ndarray, stock: np.ndarray) -> dict[str, object]:
    """Thresholds of one thing and the stock on either side of them."""
    low, high = np.quantile(values, [THIRD, 1 - THIRD])
    told = dict(zip(("p05", "p50", "p95"), np.quantile(values, [0.05, 0.5, 0.95]), strict=True))
    if np.ptp(values) == 0:
        rho, chance, below, above = 0.0, 1.0, float(np.median(stock)), float(np.median(stock))
    else:
        rho, chance = spearmanr(values, stock)
        below, above = (float(np.median(stock[chosen])) for chosen in (values <= low, values >= high))
    return {name: one[name] for name in ("watch", "label", "unit", "seen_in", "source")} | told | {
        "low": low, "high": high, "below": below, "above": above, "change": above - below, "rho": rho, "p_value": chance,
    }  # fmt: skip
