"""A number with its passport: unit, basis, source, date, spread."""

import datetime as dt
import math
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Scale = Literal["log", "logit", "identity"]
Basis = Literal["measured", "reported", "estimated", "derived", "judgement"]
Counts = Literal["8bit", "tpp", "bf16", "bandwidth", "none"]
Year = Annotated[str, Field(pattern=r"^\d{4}$")]
Text = Annotated[str, Field(min_length=8)]


class Frozen(BaseModel):
    """A record that cannot change and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Spread(Frozen):
    """A belief as three quantiles, read as a normal that is split at its median on the given scale."""

    p05: float
    p50: float
    p95: float

    @model_validator(mode="after")
    def ordered(self) -> Self:
        """Refuse quantiles that are out of order."""
        if not self.p05 <= self.p50 <= self.p95:
            raise ValueError(f"quantiles out of order: p05 {self.p05:g}, p50 {self.p50:g}, p95 {self.p95:g}")
        return self

    def scaled(self, by: float) -> "Spread":
        """The same belief in another unit."""
        return Spread(p05=self.p05 * by, p50=self.p50 * by, p95=self.p95 * by)


def _fits(spread: Spread, scale: Scale) -> None:
    if spread.p05 < 0:
        raise ValueError(f"below zero: p05 {spread.p05:g}; every input of this package is zero or more")
    if scale == "log" and spread.p05 <= 0:
        raise ValueError(f"scale log needs quantiles above zero, found p05 {spread.p05:g}; use scale identity with floor 0")
    if scale == "logit" and not (spread.p05 > 0 and spread.p95 < 1):
        raise ValueError(f"scale logit needs quantiles between 0 and 1, found {spread.p05:g} to {spread.p95:g}")


class Quantity(Frozen):
    """One input: a constant (`exact`), a belief (`spread`) or a belief by year (`path`), with its passport."""

    about: Text
    unit: Annotated[str, Field(min_length=1)]
    counts: Counts = "none"
    exact: float | None = None
    spread: Spread | None = None
    path: dict[Year, Spread] | None = None
    scale: Scale = "log"
    when: Literal["year_end", "mid_year"] = "year_end"
    floor: float | None = None
    cap: float | None = None
    basis: Basis
    sources: tuple[str, ...] = ()
    reason: Text
    dated: dt.date
    confidence: Literal["high", "medium", "low", "very low"]

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Exactly one of exact, spread and path; quantiles that fit the scale; a source unless it is judgement."""
        given = [word for word in ("exact", "spread", "path") if getattr(self, word) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of exact, spread, path; found {', '.join(given) or 'none'}")
        if self.exact is not None and self.exact < 0:
            raise ValueError(f"below zero: {self.exact:g}; every input of this package is zero or more")
        if self.exact is not None and self.scale == "logit" and not 0 < self.exact < 1:
            raise ValueError(f"a share between 0 and 1 is expected, found {self.exact:g}")
        if self.exact == 0 and self.scale == "log":
            raise ValueError("zero where a positive number is expected; use scale identity if zero is meant")
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise ValueError(f"floor {self.floor:g} above cap {self.cap:g}")
        if self.path is not None and list(self.path) != sorted(self.path):
            raise ValueError("years of the path are out of order")
        if self.counts not in ("none", "8bit"):
            raise ValueError(f"counts {self.counts} is not converted yet; state the figure on the 8-bit basis")
        for belief in (self.path or {}).values() if self.path is not None else [self.spread]:
            if belief is not None:
                _fits(belief, self.scale)
                self._within(belief.p50)
        if self.exact is not None:
            self._within(self.exact)
        if self.path is not None and not self.path:
            raise ValueError("path is empty")
        if self.basis != "judgement" and not self.sources:
            raise ValueError("no source; name at least one id of params/sources.csv, or say basis: judgement")
        if "H100e" in self.unit and self.counts == "none":
            raise ValueError("a figure in H100e needs counts: 8bit, tpp, bf16 or bandwidth")
        return self

    def _within(self, value: float) -> None:
        """Refuse a value, or the median of a belief, beyond what this input can be at all."""
        if self.floor is not None and value < self.floor:
            raise ValueError(f"{value:g} is below {self.floor:g}, the least that this input can be")
        if self.cap is not None and value > self.cap:
            raise ValueError(f"{value:g} is above {self.cap:g}, the most that this input can be")

    @property
    def years(self) -> tuple[float, ...]:
        """Moments of the path's knots as decimal years."""
        shift = 1.0 if self.when == "year_end" else 0.5
        return tuple(int(year) + shift for year in (self.path or {}))

    @property
    def width(self) -> float:
        """p95 over p05 of a belief on a log scale, one for a constant."""
        spread = self.spread or (next(iter(self.path.values())) if self.path else None)
        return math.inf if spread and spread.p05 <= 0 else (spread.p95 / spread.p05 if spread else 1.0)
