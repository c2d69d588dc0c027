"""The stock of one world again and again: what changed is run from the quarter in which it first differs, the rest is kept.

The equations are those of `forecast.model`; only what the stock does not rest on is left out: other measures of capability,
the ledger and the seal, which a run closes. Draws are halved between two threads. No result depends on either.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import xarray as xr

from forecast.model import SMALLEST, proceed, simulate, unpacked
from forecast.model.closing import survival_by_channel
from forecast.model.opening import OFFSHORE, before
from forecast.stages import fleet

THREADS = 2

GROWING = (
    "additions", "unsold", "dies_stock", "stacks_stock", "dies_made", "dies_foreign", "dies_used", "dies_imputed",
    "stacks_supplied", "stacks_used", "stacks_imputed", "slots_used", "slots_supplied", "unmet", "budget", "bought_over",
    "wafers_out", "binding", "bound", "spending", "acceptance", "limits", "cumulative", "yields", "unmet_seen", "stack_rate",
    "memory_speed", "shift", "markup",
)  # fmt: skip
"""Books that a quarter adds to; the axis before the last one is the quarter or the instant at which it begins."""

GROWING_BY_NAME = ("by_good", "foreign")
"""The same, as several arrays by name."""


class Part(NamedTuple):
    """A block of draws as it was run: inputs and books."""

    x: SimpleNamespace
    b: SimpleNamespace


class Live:
    """One regime's world to the quarter `last` (the run's end), kept so that a change of it is answered soon."""

    def __init__(self, inputs: xr.Dataset, last: int | None = None) -> None:
        many = inputs.sizes["quarter"] if last is None else last + 1
        inputs = inputs.isel(quarter=slice(0, many), bound=slice(0, many + 1))
        self.bound = inputs.indexes["bound"]
        draws = inputs.sizes["draw"]
        middle = [draws // THREADS] if draws >= THREADS * SMALLEST else []
        edges = [0, *middle, draws]
        self.cuts = [slice(*pair) for pair in pairwise(edges)]
        with ThreadPoolExecutor(THREADS) as pool:
            self.parts = list(pool.map(lambda cut: _first(inputs.isel(draw=cut)), self.cuts))
            self.stock = np.concatenate(list(pool.map(lambda part: _stock(*part), self.parts)), axis=-1)

    def again(self, law: Mapping[str, xr.Variable]) -> np.ndarray:
        """Stock by channel (channel, bound, draw) where the law sets other values of the inputs given, the same in all draws.

        [H100e]
        """
        changed = {name: _to_length(each, len(self.bound) - 1)[..., None] for name, each in law.items()}
        with ThreadPoolExecutor(THREADS) as pool:
            return np.concatenate(list(pool.map(lambda part: _changed(part, changed), self.parts)), axis=-1)


def _to_length(each: xr.Variable, quarters: int) -> np.ndarray:
    """Values of what the law sets in the quarters that are run."""
    return np.asarray(each.isel(quarter=slice(0, quarters)).values if "quarter" in each.dims else each.values)


def _first(inputs: xr.Dataset) -> Part:
    """A block of draws from the first quarter."""
    x = unpacked(inputs)
    b = _opened(x)
    simulate(x, b)
    return Part(x, b)


def _opened(x: SimpleNamespace) -> SimpleNamespace:
    """Books before the first quarter; classes whose ceiling is zero throughout are not asked about."""
    b = before(x)
    b.on_offer = b.on_offer & (b.supply > 0).any(axis=(0, 3))
    return b


def _changed(part: Part, changed: Mapping[str, np.ndarray]) -> np.ndarray:
    """Stock of a block of draws with changed law."""
    start = min((_differs(values, getattr(part.x, name)) for name, values in changed.items()), default=part.x.quarters)
    if start >= part.x.quarters:
        return _stock(*part)
    x = SimpleNamespace(**{**vars(part.x), **changed})
    b = _opened(x)
    if start <= b.last or not np.array_equal(b.reference, part.b.reference):
        simulate(x, b)
    else:
        _take_over(part.b, b, start)
        proceed(x, b, range(start, x.quarters))
    return _stock(x, b)


def _differs(values: np.ndarray, kept: np.ndarray) -> int:
    """The first quarter in which an input (..., quarter, world) differs; beyond the last one where it does not."""
    other = np.flatnonzero((values != kept).any(axis=tuple(k for k in range(values.ndim) if k != values.ndim - 2)))
    return int(other[0]) if len(other) else values.shape[-2]


def _take_over(old: SimpleNamespace, new: SimpleNamespace, start: int) -> None:
    """What quarters before `start` left: their entries, what the quarter begins with, what was set at the origin."""
    pairs = [(getattr(old, name), getattr(new, name)) for name in GROWING]
    pairs += [(getattr(old, name)[key], getattr(new, name)[key]) for name in GROWING_BY_NAME for key in getattr(old, name)]
    quarters = new.budget.shape[-2]
    for was, now in pairs:
        end = start + (was.shape[-2] > quarters)
        now[..., :end, :] = was[..., :end, :]
    new.additions[:, :, OFFSHORE, start:] = new.bought_abroad[..., start:, :]
    vars(new).update({name: value for name, value in vars(old).items() if name not in vars(new)})


def _stock(x: SimpleNamespace, b: SimpleNamespace) -> np.ndarray:
    """Acquired stock of the first regime (channel, bound, draw): all classes of a channel leave it alike. [H100e]"""
    added = np.einsum("ckqd,cd->kqd", b.additions[0], x.h100e)
    out = fleet.stock(added, survival_by_channel(x))
    out[OFFSHORE] += b.rented[0]
    return np.asarray(out)
