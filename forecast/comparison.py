"""Regimes compared world by world, and our figures beside what others published on the same definition."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.language import N_
from forecast.names import TERMS, bounds_of, parse_quarter
from forecast.rows import COLUMNS, PROBABILITIES, additions_h100e, grouped, long_rows, period, quantiles

DECISION_SIZE = 0.10
"""An effect matters to a decision when it exceeds this share of the base regime's stock in the same world."""

EFFECTS = ("compute_nominal", "compute_training", "compute_serving")
BATCH = 256
TRACKED = ("ascend_910b", "ascend_910c", "ascend_950pr", "ascend_950dt", "cambricon_590", "cambricon_690")
"""Domestic classes that the published trackers count."""

UNTRACKED_BEFORE = "2024Q1"
"""First quarter of the trackers' domestic and diverted series."""


def compare(result: xr.Dataset, base: str | None = None) -> pd.DataFrame:
    """Paired effects of all other regimes against the base (the first one), as long rows."""
    base = base or str(result["regime"].values[0])
    if result.sizes["regime"] < 2:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat([effect_rows(result, name, base) for name in EFFECTS], ignore_index=True)


def effect(result: xr.Dataset, name: str, base: str) -> xr.DataArray:
    """A variable under each other regime less the base, world by world, with onshore and accessible sums."""
    array = grouped(result[name]).transpose(..., "draw")
    others = [r for r in array["regime"].values if r != base]
    return array.sel(regime=others) - array.sel(regime=base, drop=True)


def effect_rows(result: xr.Dataset, name: str, base: str) -> pd.DataFrame:
    """Paired effects: quantiles, probability beyond the decision size, Monte Carlo error of the median."""
    change = effect(result, name, base).transpose(..., "draw")
    stock = grouped(result[name]).sel(regime=base, drop=True).transpose(..., "draw")
    beyond = DECISION_SIZE * stock.values
    extra = np.stack([
        (change.values > beyond).mean(axis=-1),
        (change.values < -beyond).mean(axis=-1),
        batch_error(change.values),
    ])  # fmt: skip
    numbers = np.concatenate([quantiles(change.values), change.values.mean(axis=-1)[None], extra])
    statistics = [*PROBABILITIES, "mean", "p_gain_10pct", "p_loss_10pct", "mc_error"]
    frame = long_rows(f"effect:{name}", TERMS[name].unit, numbers, statistics, change)
    frame.loc[frame["statistic"].str.startswith("p_"), "unit"] = "1"
    return frame


def batch_error(values: np.ndarray) -> np.ndarray:
    """Monte Carlo standard error of the median from medians of blocks of draws; zero when there is one block only."""
    blocks = values.shape[-1] // BATCH
    if blocks < 2:
        return np.zeros(values.shape[:-1])
    cut = values[..., : blocks * BATCH].reshape(*values.shape[:-1], blocks, BATCH)
    return np.asarray(np.median(cut, axis=-1).std(axis=-1, ddof=1) / np.sqrt(blocks))


def indistinct_until(result: xr.Dataset, name: str = "compute_nominal", channel: str = "onshore") -> dict[str, str | None]:
    """Per other regime, the last quarter in which it differs from the base by less than our uncertainty.

    The paired median effect is compared with half the width of the base stock's 90 % interval. None: to the end of the run.
    """
    base = str(result["regime"].values[0])
    change = effect(result, name, base).sel(channel=channel).transpose("regime", "bound", "draw")
    level = quantiles(grouped(result[name]).sel(channel=channel, regime=base).transpose("bound", "draw").values)
    half = (level[-1] - level[0]) / 2
    out: dict[str, str | None] = {}
    for regime in change["regime"].values:
        beyond = np.abs(np.median(change.sel(regime=regime).values, axis=-1)) > half
        beyond &= half > 0
        first = int(np.argmax(beyond)) if beyond.any() else None
        out[str(regime)] = None if first is None else period(change["bound"].values[max(first - 1, 0)], "bound")
    return out


def published(result: xr.Dataset, comparators: pd.DataFrame) -> list[dict[str, object]]:
    """Our stocks beside published ones at the same instants: as we count, and as the trackers count.

    The trackers' definition: acquired since 2022, onshore, nothing retired, tracked vendors only. Rows of one definition,
    quarter and channel with our quantiles and the list of others.
    """
    base = str(result["regime"].values[0])
    flows = additions_h100e(result.sel(regime=[base])).sel(regime=base)
    counted = flows.where(_tracked(flows), 0.0)
    ours = {N_("as we count"): _cumulative(flows), N_("as the trackers count"): _cumulative(counted)}
    rows = []
    for (quarter, channel), group in comparators[comparators["unit"] == "H100e"].groupby(["quarter", "channel"], sort=True):
        if parse_quarter(str(quarter)) > result["quarter"].values[-1]:
            continue
        for definition, stock in ours.items():
            values = quantiles(_pick(stock, str(quarter), str(channel)))
            rows.append({
                "definition": definition, "quarter": str(quarter), "channel": str(channel),
                "ours_p05": float(values[0]), "ours_p50": float(values[2]), "ours_p95": float(values[4]),
                "others": [
                    {"publisher": r.comparator.split("_")[0], "value": r.p50, "low": _or_none(r.p05), "high": _or_none(r.p95),
                     "note": r.note, "source": r.source}
                    for r in group.itertuples()
                ],
            })  # fmt: skip
    return rows


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _tracked(flows: xr.DataArray) -> xr.DataArray:
    """What the trackers count: foreign chips, their domestic vendors from 2024, no diversion before 2024."""
    late = xr.DataArray(
        flows["quarter"].values >= parse_quarter(UNTRACKED_BEFORE), dims="quarter", coords={"quarter": flows["quarter"]}
    )
    vendor = xr.DataArray(np.isin(flows["gpu_class"], TRACKED), dims="gpu_class", coords={"gpu_class": flows["gpu_class"]})
    amd = xr.DataArray(flows["gpu_class"].values == "mi308x", dims="gpu_class", coords={"gpu_class": flows["gpu_class"]})
    from_2025q4 = xr.DataArray(
        flows["quarter"].values >= parse_quarter("2025Q4"), dims="quarter", coords={"quarter": flows["quarter"]}
    )
    channel = flows["channel"]
    domestic = (channel == "domestic") & vendor & late
    diverted = (channel == "diverted") & late
    licensed = (channel == "licensed") & (~amd | from_2025q4)
    return domestic | diverted | licensed


def _cumulative(flows: xr.DataArray) -> xr.DataArray:
    """Acquired since the first quarter with nothing retired, by channel. [H100e]"""
    return flows.sum("gpu_class").cumsum("quarter")


def _pick(stock: xr.DataArray, quarter: str, channel: str) -> np.ndarray:
    """The draws of one stock at the end of a quarter."""
    chosen = grouped(stock).sel(quarter=parse_quarter(quarter), channel=channel)
    return np.asarray(chosen.transpose("draw").values)


def hand_arithmetic(result: xr.Dataset, table: pd.DataFrame) -> list[dict[str, object]]:
    """Headlines beside the hand calculation of the design notes: stocks, a year's additions, paired effects."""
    rows = []
    for row in table.itertuples():
        inside = parse_quarter(row.quarter if "Q" in row.quarter else f"{row.quarter}Q4") <= result["quarter"].values[-1]
        if row.regime not in result["regime"].values or not inside:
            continue
        values = quantiles(_headline(result, row.kind, row.regime, row.quarter, row.channel))
        rows.append({
            "what": row.what, "unit": "H100e",
            "expected_p05": row.p05, "expected_p50": row.p50, "expected_p95": row.p95,
            "ours_p05": float(values[0]), "ours_p50": float(values[2]), "ours_p95": float(values[4]),
            "remark": _remark(values, row.p05, row.p50, row.p95),
        })  # fmt: skip
    return rows


def _headline(result: xr.Dataset, kind: str, regime: str, quarter: str, channel: str) -> np.ndarray:
    """Draws (draw,) of one headline."""
    if kind == "added":
        flows = grouped(additions_h100e(result.sel(regime=[regime])).sum("gpu_class")).sel(channel=channel, regime=regime)
        year = [str(period(q, "quarter")).startswith(quarter) for q in flows["quarter"].values]
        return np.asarray(flows.isel(quarter=np.flatnonzero(year)).sum("quarter").transpose("draw").values)
    stock = grouped(result["compute_nominal"])
    bound = bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1]
    at = stock.sel(bound=bound, channel=channel)
    level = at.sel(regime=regime)
    if kind == "effect":
        level = level - at.sel(regime=str(result["regime"].values[0]), drop=True)
    return np.asarray(level.transpose("draw").values)


def _remark(ours: np.ndarray, low: float, mid: float, high: float) -> str:
    """Where our median lies in the expected interval."""
    if not low <= ours[2] <= high:
        return N_("our median lies outside the expected interval")
    return (
        N_("our median lies within the expected interval")
        if abs(ours[2] - mid) > 0.1 * abs(mid)
        else N_("our median is within a tenth")
    )
