"""Long rows: one number a row. Grouping of channels and quantiles over draws, shared by what reads results."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.names import label_quarter

COLUMNS = ("regime", "variable", "unit", "channel", "gpu_class", "country", "quarter", "statistic", "value")
PROBABILITIES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
GROUPS = {"onshore": ("licensed", "diverted", "domestic"), "accessible": ("licensed", "diverted", "domestic", "offshore")}


def quantiles(values: np.ndarray) -> np.ndarray:
    """Quantiles (probability, ...) over the last axis by sorting, linear between order statistics; NaN never occurs."""
    ordered = np.sort(values, axis=-1)
    place = np.array(list(PROBABILITIES.values())) * (values.shape[-1] - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, values.shape[-1] - 1)
    share = (place - low).astype(values.dtype)
    return np.moveaxis(ordered[..., low] * (1 - share) + ordered[..., high] * share, -1, 0)


def period(moment: np.datetime64, dim: str) -> str:
    """The quarter of a flow, or the quarter that a bound closes: end-2025 is 2025Q4."""
    stamp = pd.Timestamp(moment)
    return label_quarter(stamp if dim == "quarter" else stamp - pd.Timedelta(days=1))


def grouped(array: xr.DataArray) -> xr.DataArray:
    """A variable by channel with the sums `onshore` and `accessible` added, draw by draw."""
    sums = [array.sel(channel=list(members)).sum("channel").expand_dims(channel=[name]) for name, members in GROUPS.items()]
    return xr.concat([array, *(part.transpose(*array.dims) for part in sums)], dim="channel", join="exact")


def additions_h100e(result: xr.Dataset) -> xr.DataArray:
    """Additions on the 8-bit basis (regime, gpu_class, channel, quarter, draw). [H100e/quarter]"""
    return (result["additions"] * result["h100e"]).transpose(*result["additions"].dims)


def long_rows(name: str, unit: str, numbers: np.ndarray, statistics: list[str], like: xr.DataArray) -> pd.DataFrame:
    """An array (statistic, dims of `like` without draw) as long rows."""
    dims = [str(dim) for dim in like.dims if dim != "draw"]
    labels = [
        [period(v, dim) for v in like[dim].values] if dim in ("quarter", "bound") else [str(v) for v in like[dim].values]
        for dim in dims
    ]
    index = pd.MultiIndex.from_product([statistics, *labels], names=["statistic", *dims])
    frame = pd.DataFrame({"value": numbers.reshape(-1)}, index=index).reset_index().rename(columns={"bound": "quarter"})
    frame["variable"], frame["unit"] = name, unit
    for column in COLUMNS:
        if column not in frame:
            frame[column] = "all" if column == "gpu_class" else ""
    return frame


def look_up(table: pd.DataFrame, **where: str) -> float:
    """One number of the long table. Raises KeyError when the selection is not exactly one row."""
    chosen = table
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    if len(chosen) != 1:
        raise KeyError(f"{len(chosen)} rows for {where}")
    return float(chosen["value"].iloc[0])
