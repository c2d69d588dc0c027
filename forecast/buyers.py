"""Who pays and whom it serves: capital by buyer, and usable compute by sector. Both split totals and cannot change them."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.derived import plain
from forecast.draws import normals
from forecast.names import year_fraction

ONSHORE = ("licensed", "diverted", "domestic")
MOST = 1.0
"""No buyer spends more than all it has abroad."""


def buyer_shares(buyers: pd.DataFrame, quarters: pd.DatetimeIndex, column: str = "share") -> xr.DataArray:
    """A column of params/demand/buyers.csv by buyer and quarter, straight lines between years, level outside. [1]"""
    moments = year_fraction(quarters)
    names = list(dict.fromkeys(buyers["buyer"]))
    rows = []
    for name in names:
        held = buyers[buyers["buyer"] == name].sort_values("year")
        rows.append(np.interp(moments, held["year"] + 0.5, held[column]))
    values = np.array(rows)
    if column == "share":
        values = values / values.sum(axis=0)
    return xr.DataArray(values, dims=("buyer", "quarter"), coords={"buyer": names, "quarter": quarters})


def money_by_buyer(inputs: xr.Dataset, buyers: pd.DataFrame) -> xr.Dataset:
    """Capital, money for accelerators abroad and at home, and what of the last must buy Chinese, by buyer. [bn USD/quarter]

    Each (buyer, quarter, draw). The sum over buyers is the national total of the draw; abroad is split by weights and no buyer
    spends more there than it has.
    """
    quarters = pd.DatetimeIndex(inputs["quarter"].values)
    share = buyer_shares(buyers, quarters)
    capital = share * inputs["capex"].transpose("quarter", "draw")
    accelerators = capital * inputs["accelerator_share"]
    weight = buyer_shares(buyers, quarters, "abroad")
    abroad = accelerators * _filled(share, weight, inputs["offshore_money_share"])
    home = accelerators - abroad
    mandated = home * buyer_shares(buyers, quarters, "domestic_only")
    made = {"capital": capital, "abroad": abroad, "home": home, "domestic_only": mandated}
    return xr.Dataset({name: array.transpose("buyer", "quarter", "draw") for name, array in made.items()})


def _filled(share: xr.DataArray, weight: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """Each buyer's share of money spent abroad so that the mean over buyers is `whole`; what exceeds all goes to the others."""
    level = whole / (share * weight).sum("buyer")
    for _ in range(4):
        part = (level * weight).clip(max=MOST)
        full = part >= MOST
        rest = (share * weight).where(~full, 0.0).sum("buyer")
        left = whole - share.where(full, 0.0).sum("buyer")
        level = (left / rest.where(rest > 0, 1.0)).where(rest > 0, level)
    return (level * weight).clip(max=MOST)


def sector_matrix(sectors: pd.DataFrame, draws: int, seed: int) -> xr.DataArray:
    """Share of each buyer's compute that serves a sector (buyer, sector, draw), each buyer's shares adding up to one. [1]

    Judged medians with a judged factor, sampled on the log and scaled to one world by world.
    """
    names, kinds = (list(dict.fromkeys(sectors[column])) for column in ("buyer", "sector"))
    values = np.zeros((len(names), len(kinds), draws))
    for row in sectors.itertuples():
        z = normals(seed, f"sector.{row.buyer}.{row.sector}", draws)
        values[names.index(row.buyer), kinds.index(row.sector)] = row.share * row.factor ** (z / 1.645)
    return xr.DataArray(
        values / values.sum(axis=1, keepdims=True), dims=("buyer", "sector", "draw"), coords={"buyer": names, "sector": kinds}
    )


def compute_by_sector(inputs: xr.Dataset, result: xr.Dataset, buyers: pd.DataFrame, sectors: pd.DataFrame) -> xr.DataArray:
    """Usable training compute at home by sector (regime, sector, bound, draw). [H100e]

    Chips of a quarter belong to buyers by their money of the quarter, and serve sectors by the matrix; all retire alike.
    """
    money = money_by_buyer(inputs, buyers)["home"]
    of_buyer = (money / money.sum("buyer")).transpose("buyer", "quarter", "draw").values
    rate = plain(inputs, "h100e", "gpu_class", "draw")
    added = (
        result["additions"].sel(channel=list(ONSHORE)).sum("channel").transpose("regime", "gpu_class", "quarter", "draw").values
    )
    chips = np.einsum("rcqd,cd->rqd", added.astype(float), rate)
    bought = np.cumsum(np.einsum("bqd,rqd->rbqd", of_buyer, chips), axis=2)
    whole = np.maximum(bought.sum(axis=1, keepdims=True), 1e-9)
    held = np.concatenate([np.broadcast_to(of_buyer[None, :, :1], bought[:, :, :1].shape), bought / whole], axis=2)
    matrix = sector_matrix(sectors, inputs.sizes["draw"], int(inputs.attrs["seed"]))
    usable = result["compute_training"].sel(channel=list(ONSHORE)).sum("channel").transpose("regime", "bound", "draw").values
    values = np.einsum("rbqd,bsd,rqd->rsqd", held, matrix.values, usable.astype(float))
    coords = {"regime": result["regime"].values, "sector": matrix["sector"].values, "bound": result["bound"].values}
    return xr.DataArray(values, dims=("regime", "sector", "bound", "draw"), coords=coords, attrs={"units": "H100e"})


def months_later(by_sector: xr.DataArray, base: str, other: str, bound: np.datetime64) -> xr.DataArray:
    """Months by which a sector reaches under `other` what it had under `base` at a bound (sector, draw); NaN where not in time.

    First passage world by world, straight lines between quarters; negative where it is reached sooner.
    """
    bounds = by_sector["bound"].values
    months = (bounds - bound) / np.timedelta64(1, "D") / 30.4375
    goal = by_sector.sel(regime=base, bound=bound).transpose("sector", "draw").values
    path = by_sector.sel(regime=other).transpose("sector", "bound", "draw").values
    out = np.full(goal.shape, np.nan)
    for s in range(path.shape[0]):
        passed = path[s] >= goal[s] * (1 - 1e-9)
        first = passed.argmax(axis=0)
        there = passed.any(axis=0)
        before = np.maximum(first - 1, 0)
        pick = np.arange(path.shape[2])
        low, high = path[s, before, pick], path[s, first, pick]
        share = np.clip((goal[s] - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
        out[s] = np.where(there, months[before] + share * (months[first] - months[before]), np.nan)
    return xr.DataArray(out, dims=("sector", "draw"), coords={"sector": by_sector["sector"].values}, attrs={"units": "month"})
