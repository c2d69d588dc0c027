"""Money and the other side: who receives what Chinese buyers spend, what a denial costs them, who goes without."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.derived import RECIPIENTS, asked_quarter, attrition_left, labels, plain, sealed
from forecast.names import CHANNELS, FORKS
from forecast.rows import GROUPS, quantiles
from forecast.stages import fleet

__all__ = ["denial_cost", "displaced", "receipts"]

VENDORS, TREASURY, MIDDLEMEN, MAKERS = range(len(RECIPIENTS))
LICENSED, DIVERTED, OFFSHORE, DOMESTIC = (CHANNELS.index(name) for name in ("licensed", "diverted", "offshore", "domestic"))
LIMITED = FORKS["world"].index("limited")

METHODS = {
    "receipts": "chips bought by price: vendors get the list price less the part of duty or share that they bear, the Treasury "
    "the duty or share on the list price, middlemen the premium on diverted chips; rents abroad are not money for chips",
    "us_displaced": "where world supply is limited: what China buys under licence or abroad beyond the last observed quarter, "
    "times the American share",
    "third_displaced": "the same, times the share of third countries",
    "third_compute": "what third countries acquire less what they go without, aged as supported chips",
}


def receipts(inputs: xr.Dataset, result: xr.Dataset) -> xr.DataArray:
    """Money of Chinese buyers by recipient and channel (regime, recipient, channel, quarter, draw). [bn USD/quarter]

    Over recipients it adds up to `spending` by channel. The base of duty and revenue share is the list price; what is not passed
    on to the buyer the vendor bears.
    """
    chips = plain(result, "additions", "regime", "gpu_class", "channel", "quarter", "draw")
    listed = plain(inputs, "list_price", "gpu_class", "quarter", "draw") / 1e9
    at_list = np.einsum("rckqd,cqd->rkqd", chips, listed)
    levied = np.einsum(
        "rcqd,cqd,rcq->rqd", chips[:, :, LICENSED], listed, plain(inputs, "levy", "regime", "gpu_class", "quarter")
    )
    out = np.zeros((len(chips), len(RECIPIENTS), *at_list.shape[1:]))
    out[:, VENDORS, LICENSED] = at_list[:, LICENSED] - (1.0 - plain(inputs, "duty_pass_through")) * levied
    out[:, TREASURY, LICENSED] = levied
    out[:, VENDORS, DIVERTED] = at_list[:, DIVERTED]
    out[:, MIDDLEMEN, DIVERTED] = at_list[:, DIVERTED] * (plain(inputs, "diverted_premium", "quarter", "draw") - 1.0)
    out[:, VENDORS, OFFSHORE] = at_list[:, OFFSHORE]
    out[:, MAKERS, DOMESTIC] = at_list[:, DOMESTIC]
    return sealed("receipts", out, labels(result, recipient=RECIPIENTS), METHODS["receipts"])


def denial_cost(result: xr.Dataset, quarter: str, base: str | None = None) -> pd.DataFrame:
    """What each other regime makes Chinese buyers onshore pay and lose against the base, from the origin to a quarter.

    Long rows: regime, against, quarter, what, unit, p05, p50, p95. `extra_price` [USD/H100e]: mean price of a usable H100e less
    the base's; `extra_money` [bn USD]: that times what is still bought; `lost` [H100e]: usable units that the base buys more;
    `lost_per_million` [H100e/million USD]: usable units that a million dollars buys less; `unspent` [bn USD]: money that finds
    nothing to buy, more than under the base. Both goods together, without rented compute. A denial of the dearest chips lowers
    the mean price: read `extra_price` with `lost` and `unspent`. Raises BadInput for a quarter before the origin or outside
    the run, an unknown base, or a world in which nothing is bought.
    """
    base = base or str(result["regime"].values[0])
    if base not in result["regime"].values:
        raise BadInput("an unknown regime", found=base, expected=", ".join(map(str, result["regime"].values)))
    bought, money, unspent = _since_origin(result, quarter)
    if not (money > 0).all():
        raise BadInput(
            "a world in which nothing is bought has no price", key="quarter", found=quarter, mend="take a later quarter"
        )
    names = [str(regime) for regime in result["regime"].values]
    price = money / bought
    home = names.index(base)
    rows: list[tuple[object, ...]] = []
    for k, regime in enumerate(names):
        if k == home:
            continue
        extra = price[k] - price[home]
        told = {
            "extra_price": ("USD/H100e", extra),
            "extra_money": ("bn USD", extra * bought[k] / 1e9),
            "lost": ("H100e", bought[home] - bought[k]),
            "lost_per_million": ("H100e/million USD", 1e6 / price[home] - 1e6 / price[k]),
            "unspent": ("bn USD", (unspent[k] - unspent[home]) / 1e9),
        }
        rows += [
            (regime, base, quarter, what, unit, *map(float, quantiles(values)[[0, 2, 4]]))
            for what, (unit, values) in told.items()
        ]
    return pd.DataFrame(rows, columns=["regime", "against", "quarter", "what", "unit", "p05", "p50", "p95"])


def _since_origin(result: xr.Dataset, quarter: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Usable H100e bought, dollars spent and dollars left over onshore, after the origin to a quarter, each (regime, draw)."""
    quarters, first = result["quarter"].values, int(result.attrs["observed_quarters"])
    last = asked_quarter(quarter)
    if not quarters[first] <= last <= quarters[-1]:
        span = f"{str(quarters[first])[:7]} to {str(quarters[-1])[:7]}"
        raise BadInput("a quarter that is not forecast", key="quarter", found=quarter, expected=f"a quarter from {span}")
    ahead = result.isel(quarter=(quarters >= quarters[first]) & (quarters <= last))
    bought = ahead["bought_usable"].sum(["good", "quarter"])
    spent = ahead["spending"].sel(channel=list(GROUPS["onshore"])).sum(["channel", "quarter"]) * 1e9
    left = ahead["unmet_demand"].sum("quarter") * 1e9
    found = [np.asarray(array.transpose("regime", "draw").values, dtype=float) for array in (bought, spent, left)]
    return found[0], found[1], found[2]


def displaced(inputs: xr.Dataset, result: xr.Dataset) -> xr.Dataset:
    """Who goes without: us_displaced and third_displaced (regime, quarter, draw) [H100e/quarter], and the third countries' stock.

    third_compute is (regime, bound, draw) [H100e]. Displacement is zero in worlds in which the world's supply follows orders and
    not limits. The same rule as the model's American stock.
    """
    chips = plain(result, "additions", "regime", "gpu_class", "channel", "quarter", "draw")
    rate = plain(inputs, "h100e", "gpu_class", "draw")
    gone = np.einsum("rckqd,cd->rqd", chips[:, :, [LICENSED, OFFSHORE]], rate)
    last = int(result.attrs["observed_quarters"]) - 1
    more = np.maximum(gone - gone[:, last : last + 1], 0.0)
    more[:, : last + 1] = 0.0
    more = np.where(plain(inputs, "fork_world") == LIMITED, more, 0.0)
    share, third = plain(inputs, "us_share"), plain(inputs, "third_country_flow", "quarter", "draw")
    american = np.einsum("cqd,cd->qd", plain(inputs, "us_additions", "gpu_class", "quarter", "draw"), rate)
    out = {"us_displaced": np.minimum(more * share, american), "third_displaced": np.minimum(more * (1.0 - share), third)}
    out["third_compute"] = fleet.stock(third - out["third_displaced"], attrition_left(inputs))
    like = labels(result)
    return xr.Dataset({name: sealed(name, values, like, METHODS[name]) for name, values in out.items()}, attrs=result.attrs)
