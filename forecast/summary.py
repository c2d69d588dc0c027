"""Results as long rows of quantiles and shares; with `comparison`, the only place where the draw axis dies."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from forecast.names import FABRICATION_BOUNDS, PROCUREMENT_BOUNDS, TERMS
from forecast.rows import COLUMNS, PROBABILITIES, additions_h100e, grouped, long_rows, quantiles

PLAIN = (
    "us_compute",
    "ratio_us_china",
    "unmet_demand",
    "budget",
    "offshore_rented",
    "share_designed",
    "share_logic",
    "share_memory",
    "dies_stock",
    "dies_made",
    "dies_foreign",
    "dies_imputed",
    "stacks_stock",
    "stacks_supplied",
    "stacks_imputed",
)
STOCKS = ("compute_nominal", "compute_training", "compute_serving", "compute_bandwidth", "power")


def summarize(result: xr.Dataset) -> pd.DataFrame:
    """All results as long rows, one number a row. Columns as COLUMNS."""
    frames = [_rows(name, grouped(result[name])) for name in STOCKS]
    frames += [_rows("additions_h100e", grouped(additions_h100e(result).sum("gpu_class")))]
    frames += [_by_class(result)]
    frames += [_rows("spending", grouped(result["spending"]))]
    frames += [_rows(name, result[name]) for name in PLAIN]
    frames += [_rows("acceptance", _used(result["acceptance"]))]
    frames += [_shares("binding_fabrication", result["binding_fabrication"], FABRICATION_BOUNDS)]
    bounds = _shares("binding_procurement", result["binding_procurement"], PROCUREMENT_BOUNDS)
    frames += [bounds[bounds["value"] > 0]]
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def _by_class(result: xr.Dataset) -> pd.DataFrame:
    """Additions by class within each channel, for the classes that the channel has."""
    array = additions_h100e(result)
    frames = []
    for channel in array["channel"].values:
        one = array.sel(channel=channel)
        present = one.any(["regime", "quarter", "draw"]).values
        rows = _rows("additions_h100e", one.isel(gpu_class=present).drop_vars("channel"))
        frames.append(rows.assign(channel=str(channel)))
    return pd.concat(frames, ignore_index=True)


def _used(array: xr.DataArray) -> xr.DataArray:
    """The classes of a variable that are not zero throughout."""
    return array.isel(gpu_class=array.any([dim for dim in array.dims if dim != "gpu_class"]).values)


def unit_of(name: str) -> str:
    """The unit of a summarised variable."""
    return "H100e/quarter" if name == "additions_h100e" else TERMS[name].unit


def _rows(name: str, array: xr.DataArray) -> pd.DataFrame:
    """Quantiles and mean of one variable over draws."""
    values = array.transpose(..., "draw")
    numbers = np.concatenate([quantiles(values.values), values.values.mean(axis=-1)[None]])
    return long_rows(name, unit_of(name), numbers, [*PROBABILITIES, "mean"], values)


def _shares(name: str, array: xr.DataArray, meanings: Iterable[str]) -> pd.DataFrame:
    """Share of draws in which each bound held."""
    values = array.transpose(..., "draw")
    words = list(meanings)
    numbers = np.stack([(values.values == code).mean(axis=-1) for code in range(len(words))])
    return long_rows(name, "1", numbers, [f"share:{word}" for word in words], values)
