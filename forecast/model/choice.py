"""Would buyers have chosen what they bought? Procurement run on a year that was observed, nothing forced."""

import numpy as np
import xarray as xr

from forecast.contract import BadInput, strict
from forecast.model import quarter, unpacked
from forecast.model.opening import DIVERTED, DOMESTIC, before
from forecast.names import CHANNELS

SOLD = [name for name in CHANNELS if name != "offshore"]


def choices(inputs: xr.Dataset, year: int, one_good: bool = False, strictly: bool = False) -> xr.Dataset:
    """Chips that procurement buys in a past year and that were bought (gpu_class, channel, draw) [chip], first regime.

    Licensed chips are offered as vendors would supply them when permitted, with Beijing letting all in; diverted and Chinese
    chips are offered as observed; money is what the inputs say. `one_good` asks for training alone, `strictly` puts the
    dispersion of choice at zero. Raises BadInput for a year that is not all observed.
    """
    quarters = np.flatnonzero(inputs["quarter"].dt.year.values == year)
    if not len(quarters) or quarters[-1] >= inputs.attrs["observed_quarters"]:
        raise BadInput("a year that was not observed whole", found=year, expected="2022 to the year before the origin")
    asked = inputs.isel(regime=[0])
    asked = asked.assign(serving_money_share=asked["serving_money_share"] * 0.0) if one_good else asked
    asked = asked.assign(choice_dispersion=asked["choice_dispersion"] * 0.0) if strictly else asked
    x = unpacked(asked)
    chosen = np.zeros((len(SOLD), x.classes, x.draws))
    with strict():
        books = before(x)
        books.additions[..., : books.last + 1, :] = x.observed[..., : books.last + 1, :]
        for t in quarters.tolist():
            quarter.prices(x, books, t)
            seen = x.observed[:, :, t]
            licensed = books.supply[0, :, t] * x.permitted[0, :, t]
            ceilings = np.stack([licensed, seen[:, DIVERTED], seen[:, DOMESTIC]])[:, None]
            chosen += quarter.market(x, books, t, ceilings)[0][:, 0]
    bought = x.observed[:, :, quarters].sum(axis=2)[:, [CHANNELS.index(name) for name in SOLD]]
    dims = ("gpu_class", "channel", "draw")
    coords = {"gpu_class": inputs["gpu_class"], "channel": SOLD, "draw": inputs["draw"]}
    found = {"chosen": (dims, np.moveaxis(chosen, 0, 1)), "bought": (dims, bought)}
    out = xr.Dataset(found, coords=coords)
    for name, about in (("chosen", "Chips that procurement buys"), ("bought", "Chips that were bought")):
        out[name].attrs = {"units": "chip", "long_name": f"{about} in {year}"}
    return out


def share_of(chips: xr.DataArray, gpu_class: str) -> np.ndarray:
    """Share of one class in all chips (gpu_class, channel, draw), by number of chips. [1] (draw,)"""
    whole = chips.sum(["gpu_class", "channel"]).values
    return np.asarray(chips.sel(gpu_class=gpu_class).sum("channel").values / np.maximum(whole, 1.0))
