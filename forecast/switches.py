"""Points that the text of the law leaves open, as named switches: each option is a reading, one of them the default.

An option may move levers (laid over the regime, as an overlay is) and may read facts of chips in another way. `classify`
takes the options by name; nothing that a switch decides is decided elsewhere.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from forecast.contract import BadInput
from forecast.quantity import Frozen, Text
from forecast.rule import Move
from forecast.stages.permissions import METRICS

EVERY = "every"
"""In place of a chip's id: the option reads this fact of every item so."""


class Option(Frozen):
    """One reading: in words, the moves that it lays over the law, and facts of chips that it replaces or adds to."""

    about: Text
    moves: tuple[Move, ...] = ()
    facts: dict[str, dict[str, float]] = Field(default_factory=dict)
    plus: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def known(self) -> Self:
        """Facts are known ones."""
        for name in [*self.plus, *(fact for facts in self.facts.values() for fact in facts)]:
            if name not in METRICS:
                near = difflib.get_close_matches(name, list(METRICS), n=1, cutoff=0.4)
                raise ValueError(f"unknown fact {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return self


class Switch(Frozen):
    """One open point: the question, its readings, which of them is taken unless another is asked for, and why."""

    question: Text
    default: str
    options: Annotated[dict[str, Option], Field(min_length=2)]
    reason: Text
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    confidence: Literal["high", "medium", "low"]

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """The default is an option and changes nothing; every other option changes something."""
        if self.default not in self.options:
            raise ValueError(f"default {self.default!r} is none of the options ({', '.join(self.options)})")
        for name, option in self.options.items():
            changes = bool(option.moves or option.facts or option.plus)
            if changes == (name == self.default):
                raise ValueError(f"option {name!r} " + ("is the default and changes something" if changes else "changes nothing"))
        return self


def chosen(given: Mapping[str, str] | None, switches: Mapping[str, Switch]) -> dict[str, str]:
    """Every switch with the option that holds. Raises BadInput that names the nearest switch or option."""
    for name, option in (given or {}).items():
        if name not in switches:
            raise BadInput("unknown switch", key=name, expected=", ".join(switches), mend=_near(name, switches))
        options = switches[name].options
        if option not in options:
            raise BadInput(
                "unknown option of a switch", key=name, found=option, expected=", ".join(options), mend=_near(option, options)
            )
    return {name: switch.default for name, switch in switches.items()} | dict(given or {})


def _near(word: str, known: Mapping[str, Any]) -> str | None:
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.4)
    return f"did you mean {close[0]!r}?" if close else None


def laid_over(moves: Sequence[Move], options: Mapping[str, str], switches: Mapping[str, Switch]) -> tuple[Move, ...]:
    """Moves of a regime with those of the chosen options, which win on the same day."""
    final = {(move.since, move.lever, move.reach): move for move in moves}
    for name, option in options.items():
        final |= {(move.since, move.lever, move.reach): move for move in switches[name].options[option].moves}
    return tuple(final[key] for key in sorted(final))


def read_so(facts: Mapping[str, np.ndarray], options: Mapping[str, str], switches: Mapping[str, Switch]) -> dict[str, np.ndarray]:
    """Facts of items (chip,) as the chosen options read them; density follows a changed TPP or area."""
    read = dict(facts)
    for name, option in options.items():
        held = switches[name].options[option]
        for chip, values in held.facts.items():
            rows = np.ones(len(read["chip"]), dtype=bool) if chip == EVERY else read["chip"] == chip
            for fact, value in values.items():
                read[fact] = np.where(rows, value, read[fact])
            if {"tpp", "die_area"} & values.keys():
                read["performance_density"] = np.where(rows, read["tpp"] / read["die_area"], read["performance_density"])
        for fact, value in held.plus.items():
            read[fact] = read[fact] + value
    return read
