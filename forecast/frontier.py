"""Frontier runs: the largest training run that is feasible, what it would train, how far behind America, beside the record.

Everything is made from a finished run and its inputs, draw by draw; the model's loop knows nothing of it. A run takes place
in one place: stocks on both sides of the border are never added up for it. The whole of a system is taken to be free for the
run; what it would otherwise serve waits.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.derived import PLACES, asked_quarter, labels, onshore, plain, sealed
from forecast.names import AMERICAN_LABS, CHANNELS, bounds_of, year_fraction
from forecast.rows import PROBABILITIES, period, quantiles
from forecast.stages import frontier

__all__ = [
    "DENSE_UNTIL", "beside_record", "chance_of_run", "days_to_train", "frontier_runs", "limit_by_record", "limit_by_supernodes",
    "network_limit", "paths_of_runs",
]  # fmt: skip

SYSTEM_AT = 2026.0
"""Instant of the input `largest_system`: the end of 2025."""

DENSE_UNTIL = 2024.0
"""Effective operations are those of the dense methods of the end of 2023; the price of efficient methods is paid from then."""

METHODS = {
    "largest_system": "at home: usable stock times the largest owner's share times what one run can hold, no more than the "
    "largest system; abroad: usable stock times the share that one firm can put on one run; accessible: the larger",
    "largest_run": "system times dense 16-bit rate times utilisation times days; Chinese software is in the usable stock",
    "largest_model": "C = 6 N D with D = 20 N",
    "run_after_closure": "the larger of the run at home and the run abroad on what is owned there",
    "run_exposed": "one less the run after closure over the accessible run",
    "run_limit": "the smaller of the owner's stock and what networks join: supernodes and fabrics, or known clusters and their "
    "growth",
    "us_largest_run": "American stock times the largest laboratory's share times what one run holds; same days and utilisation",
    "lag_months": "first passage of the American record, draw by draw; zero where China is level or ahead",
    "lab_ratio": "share of the American stock over the largest Chinese developer's share of the accessible usable stock",
    "effective_run": "run over the time price times the gain in methods since end-2023, where that pays",
    "effective_lag": "first passage of the American record in effective operations, methods alike on both sides",
    "active_parameters": "compute-optimal for the run that fits into the same days at the time price",
    "held_parameters": "active parameters times the size price",
}


class _World(NamedTuple):
    """What all parts of the calculation share: doubles (..., bound, draw)."""

    usable: np.ndarray
    years: np.ndarray
    utilisation: np.ndarray
    days: np.ndarray


def frontier_runs(inputs: xr.Dataset, result: xr.Dataset, claimed: bool = False, efficient: bool = False) -> xr.Dataset:
    """Largest systems, runs, models, lags and laboratories (regime, channel, bound, draw).

    The channel is onshore, offshore or accessible. Units: H100e, FLOP, parameter, month; see DERIVED. `claimed` takes the
    utilisation that makers of Chinese chips report in place of `software_training`; `efficient` adds effective operations and
    what they cost in size. Formulas: METHODS and forecast/stages/frontier.py.
    """
    world = _world(inputs, result, claimed)
    home, limit = _at_home(inputs, result, world)
    abroad = world.usable[:, CHANNELS.index("offshore")] * plain(inputs, "offshore_run_share")
    systems = np.stack([home, abroad, np.maximum(home, abroad)], axis=1)
    runs = frontier.run_size(systems, world.utilisation, world.days)
    american = _american(inputs, result, world)
    kept = np.maximum(runs[:, 0], runs[:, 1] * _owned_abroad(inputs, result, world))
    out = {
        "largest_system": systems,
        "largest_run": runs,
        "largest_model": frontier.optimal_parameters(runs),
        "run_after_closure": kept,
        "run_exposed": 1.0 - np.divide(kept, runs[:, 2], out=np.ones_like(kept), where=runs[:, 2] > 0),
        "run_limit": limit,
        "us_largest_run": american,
        "lag_months": frontier.lag_months(runs, american[:, None], world.years),
        "lab_ratio": _labs(inputs, result, world),
    }
    if efficient:
        out |= _efficient(inputs, runs, american, world)
    like = labels(result, channel=PLACES, lab=list(AMERICAN_LABS))
    return xr.Dataset({name: sealed(name, values, like, METHODS[name]) for name, values in out.items()}, attrs=result.attrs)


def _world(inputs: xr.Dataset, result: xr.Dataset, claimed: bool) -> _World:
    """Usable training compute by channel (regime, channel, bound, draw), moments, utilisation and days."""
    usable = plain(result, "compute_training", "regime", "channel", "bound", "draw")
    utilisation = plain(inputs, "training_utilisation")
    if claimed:
        told = plain(inputs, "ascend_utilisation") / utilisation / plain(result, "software_reached", "regime", "bound", "draw")
        usable[:, CHANNELS.index("domestic")] *= told
    return _World(
        usable, year_fraction(pd.DatetimeIndex(result["bound"].values)), utilisation, plain(inputs, "run_days", "bound", "draw")
    )


def _at_home(inputs: xr.Dataset, result: xr.Dataset, world: _World) -> tuple[np.ndarray, np.ndarray]:
    """Largest system in China and what limits it, both (regime, bound, draw)."""
    owner = frontier.owner_system(onshore(world.usable, 1), plain(inputs, "largest_owner_share"), plain(inputs, "one_run_share"))
    most = network_limit(inputs, result)
    return np.minimum(owner, most), (owner > most).astype(np.int8)


def network_limit(inputs: xr.Dataset, result: xr.Dataset) -> np.ndarray:
    """Largest system that networks hold together in China, on the path that each world follows (regime, bound, draw). [H100e]"""
    by_record = plain(inputs, "system_by_record").astype(bool)
    return np.where(by_record, limit_by_record(inputs, result), limit_by_supernodes(inputs, result))


def limit_by_record(inputs: xr.Dataset, result: xr.Dataset) -> np.ndarray:
    """The level at the end of 2025 and the growth of known clusters, which the lever on network parts slows from its date.

    (regime, bound, draw) [H100e].
    """
    years = year_fraction(pd.DatetimeIndex(result["bound"].values)) - SYSTEM_AT
    lever = plain(inputs, "lever_network_parts", "regime", "quarter")
    grown = np.concatenate([np.zeros((len(lever), 1)), np.cumsum(np.diff(years) * lever, axis=1)], axis=1) + years[0]
    at_reference, growth = plain(inputs, "largest_system"), plain(inputs, "largest_system_growth")
    return np.stack([frontier.system_limit(at_reference, growth, one) for one in grown])


def limit_by_supernodes(inputs: xr.Dataset, result: xr.Dataset) -> np.ndarray:
    """Cards of one kind that one fabric joins, as they deliver: Chinese with their software, or foreign of the typical rate.

    (regime, bound, draw) [H100e].
    """
    lever = plain(inputs, "lever_network_parts", "regime", "quarter")
    chinese = frontier.widened(plain(inputs, "fabric_chinese", "bound", "draw"), lever)
    foreign = frontier.widened(plain(inputs, "fabric_foreign", "bound", "draw"), lever)
    chips = result["fleet_operational"].sel(channel=["licensed", "diverted"]).sum("channel")
    rate = frontier.typical_card(
        chips.transpose("regime", "gpu_class", "bound", "draw").values.astype(float), plain(result, "h100e", "gpu_class", "draw")
    )
    software = plain(result, "software_reached", "regime", "bound", "draw")
    joined: np.ndarray = np.maximum(chinese * software, foreign * rate) * plain(inputs, "availability")
    return joined


def _owned_abroad(inputs: xr.Dataset, result: xr.Dataset, world: _World) -> np.ndarray:
    """Part of the usable compute abroad that Chinese firms own (regime, bound, draw). [1]"""
    abroad = world.usable[:, CHANNELS.index("offshore")]
    rented = plain(result, "offshore_rented", "regime", "country", "bound", "draw").sum(axis=1) * plain(inputs, "availability")
    share = np.divide(rented, abroad, out=np.zeros_like(abroad), where=abroad > 0)
    return np.asarray(1.0 - np.clip(share, 0.0, 1.0))


def _american(inputs: xr.Dataset, result: xr.Dataset, world: _World) -> np.ndarray:
    """Largest run of the largest American laboratory (regime, bound, draw). [FLOP]"""
    largest = np.max([plain(inputs, name) for name in AMERICAN_LABS.values()], axis=0)
    stock = plain(result, "us_compute", "regime", "bound", "draw")
    system = frontier.owner_system(stock, largest, plain(inputs, "us_one_run_share"))
    return frontier.run_size(system, world.utilisation, world.days)


def _labs(inputs: xr.Dataset, result: xr.Dataset, world: _World) -> np.ndarray:
    """Compute of each American laboratory over that of the largest Chinese developer (regime, lab, bound, draw). [1]"""
    chinese = np.maximum(world.usable.sum(axis=1) * plain(inputs, "largest_owner_share"), 1.0)
    american = plain(result, "us_compute", "regime", "bound", "draw")
    return np.stack([american * plain(inputs, name) / chinese for name in AMERICAN_LABS.values()], axis=1)


def _efficient(inputs: xr.Dataset, runs: np.ndarray, american: np.ndarray, world: _World) -> dict[str, np.ndarray]:
    """Effective operations, the lag in them, and the size of models under efficient methods."""
    gain, adopted = gain_in_methods(inputs, world.years)
    price = np.where(adopted, plain(inputs, "efficiency_time_price"), 1.0)
    active = frontier.optimal_parameters(runs / price)
    return {
        "effective_run": runs * gain,
        "effective_lag": frontier.lag_months(runs * gain, (american * gain)[:, None], world.years),
        "active_parameters": active,
        "held_parameters": active * np.where(adopted, plain(inputs, "efficiency_size_price"), 1.0),
    }


def gain_in_methods(inputs: xr.Dataset, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Effective over physical operations, net of the time price, and where efficient methods pay, both (bound, draw). [1]

    They are taken up once the gain since end-2023 exceeds their price in time; before, methods of the day are counted down.
    """
    gross = frontier.efficiency(plain(inputs, "efficiency_growth"), years - DENSE_UNTIL)
    price = plain(inputs, "efficiency_time_price")
    adopted = gross > price
    return np.where(adopted, gross / price, np.minimum(gross, 1.0)), adopted


def days_to_train(inputs: xr.Dataset, runs: xr.Dataset, size: float, efficient: bool = False) -> xr.DataArray:
    """Days that a run of `size` takes on the largest system (regime, channel, bound, draw); infinite where there is none. [day]

    size [FLOP]; with `efficient` it is counted in effective operations. Raises BadInput for a size that is not above zero.
    """
    system = runs["largest_system"].transpose("regime", "channel", "bound", "draw")
    values = frontier.days_needed(
        _size(size), plain(runs, "largest_system", *map(str, system.dims)), plain(inputs, "training_utilisation")
    )
    if efficient:
        values = values / gain_in_methods(inputs, year_fraction(pd.DatetimeIndex(runs["bound"].values)))[0]
    attrs = {
        "units": "day",
        "long_name": f"Days to train {size:.3g} FLOP",
        "method": "operations over what the system does in a day",
    }
    return xr.DataArray(values, dims=system.dims, coords=system.coords, name="days_to_train", attrs=attrs)


def _size(size: float) -> float:
    """A size that a run can have."""
    if not 0.0 < size < float("inf"):
        raise BadInput("not the size of a run", key="size", found=size, expected="operations above zero, such as 1e26")
    return size


def chance_of_run(runs: xr.Dataset, size: float, quarters: list[str]) -> pd.DataFrame:
    """Probability that a run of `size` [FLOP] has been feasible by the end of each quarter.

    Columns regime, channel, quarter, size, probability: the share of worlds whose record reaches the size. Raises BadInput for a
    quarter outside the run or a size that is not above zero.
    """
    reached = np.maximum.accumulate(plain(runs, "largest_run", "regime", "channel", "bound", "draw"), axis=2) >= _size(size)
    rows = [
        (str(regime), str(channel), quarter, size, float(reached[r, c, _closing(runs, quarter)].mean()))
        for r, regime in enumerate(runs["regime"].values)
        for c, channel in enumerate(runs["channel"].values)
        for quarter in quarters
    ]
    return pd.DataFrame(rows, columns=["regime", "channel", "quarter", "size", "probability"])


def _closing(runs: xr.Dataset, quarter: str) -> int:
    """Place of the bound that closes a quarter."""
    moment = bounds_of(pd.DatetimeIndex([asked_quarter(quarter)]))[1]
    found = np.flatnonzero(runs["bound"].values == np.datetime64(moment, "ns"))
    if not len(found):
        last = str(runs["bound"].values[-1])[:10]
        raise BadInput("a quarter outside the run", key="quarter", found=quarter, expected=f"a quarter that ends by {last}")
    return int(found[0])


def paths_of_runs(runs: xr.Dataset, regime: str | None = None) -> pd.DataFrame:
    """Quantiles of the largest runs by quarter's end: series (onshore, accessible, American), quarter, p05 to p95. [FLOP]"""
    base = regime or str(runs["regime"].values[0])
    held = {name: runs["largest_run"].sel(regime=base, channel=name) for name in ("onshore", "accessible")}
    held["American"] = runs["us_largest_run"].sel(regime=base)
    frames = []
    for series, path in held.items():
        numbers = quantiles(np.asarray(path.transpose("bound", "draw").values, dtype=float))
        labels = [period(moment, "bound") for moment in path["bound"].values]
        frame = pd.DataFrame(dict(zip(PROBABILITIES, numbers, strict=True))).assign(series=series, quarter=labels)
        frames.append(frame.iloc[1:])
    return pd.concat(frames, ignore_index=True)[["series", "quarter", *PROBABILITIES]]


def beside_record(runs: xr.Dataset, record: pd.DataFrame, regime: str | None = None) -> pd.DataFrame:
    """Disclosed runs beside what was feasible at the last bound before their release.

    record: the table history/training_runs.csv. Chinese runs stand beside the accessible path, American ones beside the largest
    American laboratory's. Columns: run, developer, country, released, flop, p05, p50, p95 [FLOP], share: disclosed over our
    median, largest: the largest of its country and year. Runs released outside the
    bounds are left out; raises BadInput where none is left.
    """
    base = regime or str(runs["regime"].values[0])
    paths = {"CN": runs["largest_run"].sel(regime=base, channel="accessible"), "US": runs["us_largest_run"].sel(regime=base)}
    ours = {
        country: quantiles(plain(path.to_dataset(name="run"), "run", "bound", "draw"))[[0, 2, 4]]
        for country, path in paths.items()
    }
    place = np.searchsorted(runs["bound"].values, record["released"].to_numpy(), side="right") - 1
    rows = [
        _beside(row, ours[str(row["country"])][:, at])
        for at, (_, row) in zip(place, record.iterrows(), strict=True)
        if 0 < at < runs.sizes["bound"] - 1
    ]
    if not rows:
        raise BadInput(
            "no disclosed run lies within the run", found=len(record), expected="runs released after its first quarter"
        )
    out = pd.DataFrame(rows)
    year = out["released"].str[:4]
    return out.assign(largest=out["flop"].eq(out.groupby([out["country"], year])["flop"].transform("max")))


def _beside(row: Mapping[str, object] | pd.Series, ours: np.ndarray) -> dict[str, object]:
    """One disclosed run and three quantiles of ours."""
    told = {name: str(row[name]) for name in ("run", "developer", "country")}
    flop = float(str(row["flop"]))
    return told | {
        "released": str(row["released"])[:10], "flop": flop,
        **{name: float(value) for name, value in zip(("p05", "p50", "p95"), ours, strict=True)},
        "share": flop / float(ours[1]),
    }  # fmt: skip
