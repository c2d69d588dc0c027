"""Rate per watt: the Chinese running stock against the American stock and against the best class on the market."""

import numpy as np
import xarray as xr

from forecast.derived import american_fleet, labels, onshore, plain, sealed

__all__ = ["rate_per_watt"]

METHODS = {
    "rate_per_kw": "running stock onshore by rate over its summed chip power, before servers, network and cooling",
    "us_rate_per_kw": "acquired American stock by rate over its summed chip power",
    "frontier_rate_per_kw": "the largest rate over chip power among classes that American companies receive in the quarter",
    "efficiency_ratio": "draw by draw; the first bounds, before any chip, count as level",
}


def rate_per_watt(inputs: xr.Dataset, result: xr.Dataset) -> xr.Dataset:
    """H100e per kilowatt of chip power: rate_per_kw, us_rate_per_kw and efficiency_ratio, each (regime, bound, draw).

    frontier_rate_per_kw is (bound, draw). Units H100e/kW and 1. Where there is no stock yet the frontier's rate stands in.
    """
    rate, watts = plain(inputs, "h100e", "gpu_class", "draw"), plain(inputs, "tdp", "gpu_class", "draw")
    frontier = _frontier(inputs, rate / watts)
    running = result["fleet_operational"].transpose("regime", "gpu_class", "channel", "bound", "draw").values
    fleets = {"rate_per_kw": onshore(running, 2).astype(float), "us_rate_per_kw": american_fleet(inputs, result)}
    out = {name: _per_kw(chips, rate, watts, frontier) for name, chips in fleets.items()}
    out["efficiency_ratio"] = out["rate_per_kw"] / out["us_rate_per_kw"]
    out["frontier_rate_per_kw"] = frontier
    like = labels(result)
    return xr.Dataset({name: sealed(name, values, like, METHODS[name]) for name, values in out.items()}, attrs=result.attrs)


def _frontier(inputs: xr.Dataset, per_watt: np.ndarray) -> np.ndarray:
    """Best rate per kilowatt on the American market at each bound (bound, draw); the first bound as the first quarter."""
    sold = plain(inputs, "us_additions", "gpu_class", "quarter", "draw") > 0
    best = np.where(sold, per_watt[:, None], 0.0).max(axis=0) * 1e3
    return np.concatenate([best[:1], best])


def _per_kw(chips: np.ndarray, rate: np.ndarray, watts: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """Rate over power of a fleet (regime, gpu_class, bound, draw). [H100e/kW]"""
    summed = np.einsum("rcbd,cd->rbd", chips, rate), np.einsum("rcbd,cd->rbd", chips, watts) / 1e3
    return np.where(summed[1] > 0, summed[0] / np.where(summed[1] > 0, summed[1], 1.0), empty)
