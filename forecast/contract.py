"""What may cross a seam: exact labels, no missing values, stamped units; and the two errors a person can meet."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.names import FLAGS, TERMS


class BadInput(ValueError):
    """Something a person wrote cannot be used; says where, what was found, what was expected, how to mend it."""

    def __init__(
        self,
        what: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        key: str | None = None,
        found: object = None,
        expected: str | None = None,
        mend: str | None = None,
    ) -> None:
        self.what, self.file, self.line, self.key = what, file, line, key
        self.found, self.expected, self.mend = found, expected, mend
        super().__init__(self.render())

    def render(self) -> str:
        """The message, one fact a line."""
        place = str(self.file) if self.file else ""
        if self.line:
            place += f", line {self.line}"
        rows = [
            ("where", place),
            ("key", self.key),
            ("found", None if self.found is None else _short(self.found)),
            ("expected", self.expected),
            ("mend", self.mend),
        ]
        return "\n".join([self.what, *(f"  {name + ':':<10}{text}" for name, text in rows if text)])


CLOSED = {
    errno.EACCES: "you may not write or read there",
    errno.EPERM: "you may not write or read there",
    errno.EROFS: "the disk can only be read",
    errno.ENOSPC: "the disk is full",
}
"""What a system says of a place where a person cannot work, in words."""


def told(problem: BaseException) -> BaseException:
    """A place that is closed or full as a message for a person; anything else as it is."""
    if not isinstance(problem, OSError) or problem.errno not in CLOSED:
        return problem
    mend = "work in a copy of the project in a folder of your own, or make room"
    return BadInput("a file cannot be used", file=problem.filename, found=CLOSED[problem.errno], mend=mend)


class Breach(ValueError):
    """A variable is not what the vocabulary says it is, or the books do not balance. Ours to mend, not the reader's."""


def _short(found: object, limit: int = 120) -> str:
    text = found if isinstance(found, str) else repr(found)
    return text if len(text) <= limit else text[: limit - 1] + "…"


@contextmanager
def strict() -> Iterator[None]:
    """Exact labels and no inherited attributes, for the length of a run."""
    options: Any = xr.set_options
    with options(arithmetic_join="exact", keep_attrs=False):
        yield


def seal(name: str, values: np.ndarray, dims: tuple[str, ...], axes: Mapping[str, pd.Index], method: str) -> xr.DataArray:
    """Check one variable against its Term and the run's axes, and stamp unit, sentence and method on it.

    Raises Breach when dimensions, lengths or range are not the vocabulary's, or a value is missing.
    """
    term = TERMS[name]
    if dims != term.dims:
        raise Breach(f"{name}: dimensions {dims}, the vocabulary says {term.dims}")
    wanted = tuple(len(axes[dim]) for dim in dims)
    if values.shape != wanted:
        raise Breach(f"{name}: shape {values.shape}, the run's axes {dims} have {wanted}")
    low, high = (float(values.min()), float(values.max())) if values.size else (term.low, term.high)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise Breach(f"{name}: missing or infinite values; decide zero, carry forward or mask where the reason is known")
    if low < term.low or high > term.high:
        raise Breach(f"{name}: values from {low:.6g} to {high:.6g}, allowed {term.low:g} to {term.high:g} {term.unit}")
    attrs: dict[str, object] = {"units": term.unit, "long_name": term.about, "kind": term.kind, "method": method}
    if term.kind == "code":
        meanings = FLAGS[name]
        attrs["flag_values"] = list(range(len(meanings)))
        attrs["flag_meanings"] = " ".join(word.replace(" ", "_") for word in meanings)
    return xr.DataArray(values, dims=dims, coords={dim: axes[dim] for dim in dims}, name=name, attrs=attrs)
