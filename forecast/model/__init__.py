"""The equation sheet: inputs Dataset in, results Dataset out. Pure: no files, no clock, no random numbers.

Read `proceed` from top to bottom: it is the order of events in one quarter. Axis order is (regime, ..., draw).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Lock
from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import Breach, seal, strict
from forecast.model import quarter
from forecast.model.closing import BY_PAIR, METHODS, accounts, after, follow, ledger, stocks
from forecast.model.opening import OFFSHORE, before, opening_quarter
from forecast.names import TERMS

OF_THE_LAW = ("lever_", "line_tool_", "ahead_", "permitted", "levy", "answer_due")
"""Beginnings of the names of inputs that a regime sets: the same in all worlds, or world by world where regimes switch."""

STOCK = ("compute_nominal",)

SMALLEST = 8
"""Draws in the smallest block: sums over classes in a block of one are rounded in another order."""


def run(inputs: xr.Dataset, block: int = 256, workers: int = 2) -> xr.Dataset:
    """All results of a scenario. Draws run in blocks; neither block size nor workers change a result.

    Raises Breach when chips, dies, stacks or dollars do not balance, a ceiling is exceeded or a value is out of range.
    """
    whole: dict[str, np.ndarray] = {}
    lock = Lock()

    def one(cut: slice) -> None:
        x = unpacked(inputs.isel(draw=cut))
        books = before(x)
        simulate(x, books)
        out = after(x, books)
        ledger(x, books, out)
        for name, array in out.items():
            with lock:
                if name not in whole:
                    whole[name] = np.zeros([inputs.sizes[dim] for dim in TERMS[name].dims], _kept_as(array))
            if name in BY_PAIR:
                whole[name][:, books.pair_class, books.pair_channel, :, cut] = array
            else:
                whole[name][..., cut] = array

    with strict():
        _in_blocks(one, inputs.sizes["draw"], block, workers)
        whole["permitted"] = _by_world("permitted", inputs.variables["permitted"]).mean(axis=-1).astype(np.float32)
        axes = {str(dim): inputs.indexes[dim] for dim in inputs.dims}
        sealed = {name: seal(name, array, TERMS[name].dims, axes, METHODS[name]) for name, array in whole.items()}
        return xr.Dataset(sealed, attrs=inputs.attrs)


def stock_at(
    inputs: xr.Dataset, bound: np.datetime64 | str, names: Sequence[str] = STOCK, block: int = 256, workers: int = 2
) -> xr.Dataset:
    """Stocks at one bound (regime, channel, draw), number for number as `run` has them, for a fraction of its time.

    The quarters run up to the bound; names: of compute_nominal, compute_training, compute_serving, compute_bandwidth, power.
    Raises KeyError for a day that is no bound, and Breach when dies, stacks or dollars do not balance or a ceiling is exceeded.
    """
    place = int(inputs.indexes["bound"].get_loc(pd.Timestamp(bound)))
    dims = tuple(dim for dim in TERMS["compute_nominal"].dims if dim != "bound")
    whole = {name: np.zeros([inputs.sizes[dim] for dim in dims], np.float32) for name in names}

    def one(cut: slice) -> None:
        x = unpacked(inputs.isel(draw=cut))
        books = before(x)
        at = sorted({books.last + 1, place})
        simulate(x, books, max(at) - 1)
        follow(x, books)
        out = stocks(x, books, at)
        accounts(x, books, max(at))
        for name, array in whole.items():
            array[..., cut] = out[name][:, :, at.index(place)]

    with strict():
        _in_blocks(one, inputs.sizes["draw"], block, workers)
    coords = {dim: inputs.indexes[dim] for dim in dims} | {"bound": inputs.indexes["bound"][place]}
    found = xr.Dataset({name: (dims, array) for name, array in whole.items()}, coords=coords, attrs=inputs.attrs)
    for name in names:
        found[name].attrs = {"units": TERMS[name].unit, "long_name": TERMS[name].about, "kind": TERMS[name].kind}
    return found


def _in_blocks(one: Callable[[slice], None], draws: int, block: int, workers: int) -> None:
    """Call a function for every block of draws, in threads."""
    block = max(block, SMALLEST)
    edges = [first for first in range(0, draws, block) if first == 0 or draws - first >= SMALLEST] + [draws]
    slices = [slice(first, last) for first, last in pairwise(edges)]
    if workers < 2 or len(slices) < 2:
        for cut in slices:
            one(cut)
        return
    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(one, slices))


def _kept_as(array: np.ndarray) -> np.dtype:
    """Results are kept in single precision, codes as they are; the ledger has run in double."""
    return array.dtype if array.dtype.kind == "i" else np.dtype(np.float32)


def unpacked(inputs: xr.Dataset) -> SimpleNamespace:
    """Inputs as plain arrays with the lengths of the axes. Raises Breach where a value is missing."""
    x = SimpleNamespace(**{str(name): _by_world(str(name), variable) for name, variable in inputs.variables.items()})
    for name, values in vars(x).items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise Breach(f"input {name}: missing or infinite values")
    x.observed_quarters = int(inputs.attrs["observed_quarters"])
    x.regimes, x.classes, x.quarters, x.draws = (inputs.sizes[d] for d in ("regime", "gpu_class", "quarter", "draw"))
    return x


def _by_world(name: str, variable: xr.Variable) -> np.ndarray:
    """Values of an input; what law sets gets a last axis for worlds, of length one where it is the same in all."""
    alike = name.startswith(OF_THE_LAW) and "draw" not in variable.dims
    return variable.values[..., None] if alike else variable.values


def simulate(x: SimpleNamespace, b: SimpleNamespace, last: int | None = None) -> None:
    """Quarter by quarter, to the quarter `last` or the end: the nowcast to as_of, then fabrication, channels and procurement."""
    first = opening_quarter(x)
    b.additions[..., : b.last + 1, :] = x.observed[..., : b.last + 1, :]
    b.additions[:, :, OFFSHORE] += b.bought_abroad
    b.dies_stock[:, first], b.stacks_stock[:, first] = x.die_bank_left, x.hbm_left
    proceed(x, b, range(x.quarters if last is None else last + 1))


def proceed(x: SimpleNamespace, b: SimpleNamespace, quarters: range) -> None:
    """The order of events in one quarter after another, on books that hold all before the first of them."""
    first = opening_quarter(x)
    for t in quarters:
        quarter.prices(x, b, t)
        quarter.experience(x, b, t)
        if t < first:
            quarter.good_dies(x, b, t)
            continue
        quarter.inputs_arrive(x, b, t)
        if t > b.last:
            quarter.buy(x, b, t, quarter.fabricate(x, b, t))
            continue
        quarter.explain_observed(x, b, t)
        if t == b.last:
            quarter.reference(x, b, t)
