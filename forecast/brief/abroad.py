"""Compute abroad by host: owned, rented, both, and what the host has room for, as rows of the long table."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.model.opening import at
from forecast.rows import PROBABILITIES, long_rows, quantiles
from forecast.stages import offshore
from forecast.tables import BOTH, HOST_CAP, OWNED, RENTED, Rows

DENSITY_DAY = "2026-12-31"
"""When the density of halls is stated; it grows from then on."""


def abroad_rows(result: xr.Dataset, inputs: xr.Dataset, rows: Rows) -> pd.DataFrame:
    """Long rows of compute owned, rented and both abroad, by host and together, and of room at hosts, unless there. [H100e]

    result: offshore_owned and offshore_rented (regime, country, bound, draw); inputs: halls and their density on the same draws.
    """
    owned, rented = (result[name].astype(float) for name in (OWNED, RENTED))
    found = {OWNED: owned, RENTED: rented, BOTH: owned + rented, HOST_CAP: _rooms(inputs).broadcast_like(owned)}
    frames = [_unknown(name, part, rows) for name, array in found.items() for part in (array, _together(array))]
    return pd.concat(frames, ignore_index=True)


def _together(array: xr.DataArray) -> xr.DataArray:
    """The sum over countries under an empty name."""
    return array.sum("country").expand_dims(country=[""])


def _rooms(inputs: xr.Dataset) -> xr.DataArray:
    """What halls that are open to Chinese tenants can hold (country, bound, draw). [H100e]"""
    halls = inputs["host_mw"].transpose("country", "bound", "draw")
    bounds = inputs["bound"].values
    since = (bounds - bounds[at(bounds, DENSITY_DAY)]) / np.timedelta64(1, "D") / 365.25
    density, growth = (inputs[name].values for name in ("host_density", "host_density_growth"))
    return halls.copy(data=offshore.room(halls.values, density, growth, since))


def _unknown(name: str, array: xr.DataArray, rows: Rows) -> pd.DataFrame:
    """Quantiles and mean of a stock over draws as long rows; countries that the long table has already are left out."""
    known = set(rows.where(variable=name)["country"])
    countries = [country for country in array["country"].values if str(country) not in known]
    last = array.sel(country=countries).transpose("regime", "country", "bound", "draw")
    numbers = np.concatenate([quantiles(last.values), last.values.mean(axis=-1)[None]])
    return long_rows(name, "H100e", numbers, [*PROBABILITIES, "mean"], last)
