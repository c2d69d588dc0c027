"""The equation sheet: inputs Dataset in, results Dataset out. Pure: no files, no clock, no random numbers.

Read `proceed` from top to bottom: it is the order of events in one quarter. Axis order is (regime, ..., draw).
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import xarray as xr

from forecast.contract import Breach, seal, strict
from forecast.model import quarter
from forecast.model.closing import METHODS, after, ledger
from forecast.model.opening import OFFSHORE, before, opening_quarter
from forecast.names import TERMS

OF_THE_LAW = ("lever_", "line_tool_", "ahead_", "permitted", "levy", "answer_due")
"""Beginnings of the names of inputs that a regime sets: the same in all worlds, or world by world where regimes switch."""

SMALLEST = 8
"""Draws in the smallest block: sums over classes in a block of one are rounded in another order."""


def run(inputs: xr.Dataset, block: int = 512, workers: int = 2) -> xr.Dataset:
    """All results of a scenario. Draws run in blocks; neither block size nor workers change a result.

    Raises Breach when chips, dies, stacks or dollars do not balance, a ceiling is exceeded or a value is out of range.
    """
    draws, block = inputs.sizes["draw"], max(block, SMALLEST)
    edges = [first for first in range(0, draws, block) if first == 0 or draws - first >= SMALLEST] + [draws]
    slices = [slice(first, last) for first, last in pairwise(edges)]
    with strict(), ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        parts = list(pool.map(lambda cut: _run_block(inputs.isel(draw=cut)), slices))
        result = (
            xr.concat(parts, dim="draw", join="exact", combine_attrs="identical", data_vars="minimal")
            if len(parts) > 1
            else parts[0]
        )
    return result.assign_attrs(inputs.attrs)


def _run_block(inputs: xr.Dataset) -> xr.Dataset:
    """One block of draws through all stages, the ledger, and the seal."""
    x = unpacked(inputs)
    books = before(x)
    simulate(x, books)
    out = after(x, books)
    ledger(x, books, out)
    axes = {str(dim): inputs.indexes[dim] for dim in inputs.dims}
    sealed = {name: seal(name, _stored(array), TERMS[name].dims, axes, METHODS[name]) for name, array in out.items()}
    return xr.Dataset(sealed)


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


def _stored(array: np.ndarray) -> np.ndarray:
    """Results are kept in single precision; the ledger has run in double."""
    return array if array.dtype.kind == "i" else np.ascontiguousarray(array, dtype=np.float32)


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
