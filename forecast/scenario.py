"""A scenario is a question: which regimes, from when, how many draws, which assumptions changed and by whom."""

import difflib
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from forecast.names import FORKS, quarters_between
from forecast.quantity import Frozen, Spread, Year
from forecast.regime import Regime

Quarter = Annotated[str, Field(pattern=r"^\d{4}Q[1-4]$")]
Notebook = Annotated[str, Field(pattern=r"^[0-9]{2}_[a-z0-9_]+$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]

FIRST, LAST = "2022Q1", "2032Q4"
EARLIEST_ORIGIN = "2026Q1"
"""Stocks of dies and memory are known at 2026-01-01; an earlier origin needs other evidence."""

SHORTEST = "2026Q4"
"""Learning is measured against the wafers made by then, so a run reaches at least that far."""


class Override(Frozen):
    """An assumption that this scenario changes: a new value in the unit of the default or a factor on it, by whom and why.

    With `since` the change is a step: it holds in that quarter and in all later ones, and nothing moves before.
    """

    exact: float | None = None
    spread: Spread | None = None
    path: dict[Year, Spread] | None = None
    factor: Annotated[float, Field(ge=0)] | None = None
    since: Quarter | None = None
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=8)]
    source: str | None = None

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Exactly one new value."""
        if sum(v is not None for v in (self.exact, self.spread, self.path, self.factor)) != 1:
            raise ValueError("give exactly one of exact, spread, path, factor")
        return self

    @property
    def replaces(self) -> bool:
        """Whether the new value stands in place of the default throughout, so that nothing of the default is left."""
        return self.factor is None and self.since is None


class Scenario(Frozen):
    """One question as a file states it. The first regime is the one that the others are compared with.

    `what_ifs` are regimes that only this question knows, written out in full, each on top of a regime of params; `forks` fixes
    the form of a structural fork that is sampled otherwise.
    """

    name: Name
    title: Annotated[str, Field(min_length=4)]
    question: Annotated[str, Field(min_length=10)]
    extends: Name | None = None
    regimes: Annotated[tuple[str, ...], Field(min_length=1)]
    as_of: Quarter
    last: Quarter = LAST
    draws: Annotated[int, Field(ge=16, le=200_000)] = 2048
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    notebooks: tuple[Notebook, ...] = ("30_run_scenario",)
    overrides: dict[str, Override] = Field(default_factory=dict)
    what_ifs: tuple[Regime, ...] = ()
    forks: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """Dates in order, regimes once."""
        if not EARLIEST_ORIGIN <= self.as_of < self.last:
            raise ValueError(f"as_of must lie from {EARLIEST_ORIGIN} to before the last quarter, found {self.as_of}")
        if not SHORTEST <= self.last <= LAST:
            raise ValueError(f"last must lie from {SHORTEST} to {LAST}, found {self.last}")
        if len(set(self.regimes)) != len(self.regimes):
            raise ValueError("the same regime twice")
        return self

    @field_validator("forks")
    @classmethod
    def known_forms(cls, chosen: dict[str, str]) -> dict[str, str]:
        """Refuse a fork or a form that the model does not have."""
        for fork, form in chosen.items():
            for word, known in ((fork, tuple(FORKS)), (form, FORKS.get(fork, ()))):
                if word not in known:
                    near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    raise ValueError(f"{word!r} is none of {', '.join(known)}{hint}")
        return chosen

    @property
    def quarters(self) -> int:
        """Number of quarters from the first to the last."""
        return len(quarters_between(FIRST, self.last))

    @property
    def observed(self) -> int:
        """Number of quarters up to and including as_of."""
        return len(quarters_between(FIRST, self.as_of))
