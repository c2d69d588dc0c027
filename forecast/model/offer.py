"""What is on offer in one quarter, and what is taken of it: every class in every channel, for both goods, world by world."""

import numpy as np
import xarray as xr

from forecast.contract import BadInput, strict
from forecast.derived import asked_quarter
from forecast.model import quarter, simulate, unpacked
from forecast.model.opening import before
from forecast.names import CHANNELS, GOODS
from forecast.stages import procurement

SOLD = [name for name in CHANNELS if name != "offshore"]
"""Channels that bring chips into China, in the order in which the model keeps ceilings."""


def offer(inputs: xr.Dataset, at: str, regime: str | None = None) -> xr.Dataset:
    """Options of one quarter onshore under one regime (the first one), as procurement saw them.

    price [USD/chip] (option, draw); usable [H100e/chip], offered and bought [chip/quarter] (good, option, draw);
    money and left [USD/quarter] (good, draw); first and barred [1] (draw,): shares of the money that buy Chinese chips first, and
    nothing else; coordinates channel and gpu_class on option. The offer of an option is divided
    between the goods by comparative advantage, so `offered` adds up to its ceiling. Raises BadInput for a quarter that is
    observed or outside the run, or an unknown regime.
    """
    base = regime or str(inputs["regime"].values[0])
    if base not in inputs["regime"].values:
        raise BadInput("an unknown regime", found=base, expected=", ".join(map(str, inputs["regime"].values)))
    t = _place(inputs, at)
    x = unpacked(inputs.sel(regime=[base]))
    with strict():
        books = before(x)
        simulate(x, books, t)
    channel, gpu_class = quarter.options(x, books, t)
    prices = np.stack(np.broadcast_arrays(books.price_licensed, books.price_diverted, books.price_domestic[None]))
    price, ceiling = prices[channel, 0, gpu_class], books.ceilings[channel, 0, gpu_class]
    usable = np.stack([books.usable[:, k, c] for k, c in zip(channel, gpu_class, strict=True)], axis=1)
    serving, dispersion = x.serving_money_share[t], x.choice_dispersion
    offered = ceiling * procurement.offered_by_good(price * ceiling, usable, serving, dispersion)
    budget = books.budget[0, t]
    done = procurement.buy(
        price, usable, ceiling, budget, serving, channel == 2, x.domestic_mandate[t], dispersion, books.barred[0, t]
    )
    money = np.stack([budget * (1.0 - serving), budget * serving])
    left = np.maximum(money - (done.bought * price).sum(axis=1), 0.0)
    first = np.maximum(x.domestic_mandate[t], books.barred[0, t])
    return _told(inputs, (channel, gpu_class), {
        "price": price, "usable": usable, "offered": offered, "bought": done.bought, "money": money, "left": left,
        "first": first, "barred": np.broadcast_to(books.barred[0, t], first.shape),
    })  # fmt: skip


def _place(inputs: xr.Dataset, at: str) -> int:
    """Place of a forecast quarter."""
    first = int(inputs.attrs["observed_quarters"])
    found = np.flatnonzero(inputs["quarter"].values == asked_quarter(at))
    if not len(found) or found[0] < first:
        span = f"{str(inputs['quarter'].values[first])[:7]} to {str(inputs['quarter'].values[-1])[:7]}"
        raise BadInput("a quarter that is not forecast", key="quarter", found=at, expected=f"a quarter from {span}")
    return int(found[0])


ABOUT = {
    "price": ("USD/chip", "Price of one chip with duty or premium"),
    "usable": ("H100e/chip", "What one chip does in a good"),
    "offered": ("chip/quarter", "Chips on offer to a good"),
    "bought": ("chip/quarter", "Chips bought for a good"),
    "money": ("USD/quarter", "Money for a good"),
    "left": ("USD/quarter", "Money for a good that finds nothing to buy"),
    "first": ("1", "Share of the money that buys Chinese chips first"),
    "barred": ("1", "Share of the money that may buy nothing else"),
}


def _told(inputs: xr.Dataset, option: tuple[np.ndarray, np.ndarray], arrays: dict[str, np.ndarray]) -> xr.Dataset:
    """The arrays with labels and units."""
    of_option, of_good = ("option", "draw"), ("good", "draw")
    dims = {"price": of_option, "money": of_good, "left": of_good, "first": ("draw",), "barred": ("draw",)}
    channel, gpu_class = option
    coords = {
        "good": list(GOODS), "draw": inputs["draw"].values, "channel": ("option", np.array(SOLD)[channel]),
        "gpu_class": ("option", inputs["gpu_class"].values[gpu_class]),
    }  # fmt: skip
    out = xr.Dataset({name: (dims.get(name, ("good", "option", "draw")), array) for name, array in arrays.items()}, coords=coords)
    for name, (unit, about) in ABOUT.items():
        out[name].attrs = {"units": unit, "long_name": about, "method": "as procurement saw it in the quarter"}
    return out
