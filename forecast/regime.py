"""Regimes as dated law: moves of levers over a parent, replayed into what is in force on a day.

A regime writes only what it changes. The moves of its ancestors come first; a later date wins for the same lever, and at
the same date the child wins over its parent. A move whose value is null takes the lever back: a scalar to its default,
a control or a relief out of force. A what-if may be composed of instruments, each a file of its own, applied over the
parent in the order named. An overlay goes with any regime (`current+beijing-refusal`): from its first move of a lever on,
it alone sets that lever. This module is the last that knows regimes by name; below it there are only arrays.
"""

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from forecast.contract import BadInput
from forecast.language import N_, _
from forecast.quantity import Frozen, Text
from forecast.rule import BY_FIRM, BY_HOST, KINDS, LEVERS, NO_EFFECT, Lever, Move, Practice, Quota, Rule, group_name
from forecast.stages.permissions import Policy

__all__ = [
    "BY_FIRM", "BY_HOST", "KINDS", "LEVERS", "NO_EFFECT", "PIECES", "Lever", "Move", "Policy", "Practice", "Question", "Quota",
    "Regime", "Rule", "State", "card", "days_in_force", "in_force", "instruments_of", "known", "layers", "lineage", "origin",
    "overlays_of", "parted", "plain_name", "resolve", "scalar_path", "state_on",
]  # fmt: skip

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]

PIECES = ("instrument", "overlay")
"""Files that are no law by themselves: parts of a what-if, and what goes with any regime."""


class Question(Frozen):
    """Something the text leaves open, and what was chosen here."""

    question: Text
    choice: Text


class Regime(Frozen):
    """One step of law, one alternative, or a part of one: who made it, when it was announced and took effect, what it moves.

    `practice` is what happened beside the text where the two differ.
    """

    name: Name
    title: Text
    short: Annotated[str, Field(min_length=3, max_length=28)]
    author: Annotated[str, Field(min_length=3)]
    parent: Name | None
    announced: dt.date
    effective: dt.date
    expected_from: dt.date | None = None
    status: Literal["enacted", "what_if", "instrument", "overlay"]
    citation: Text
    url: Annotated[str, Field(pattern=r"^https?://")]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    confidence: Literal["high", "medium", "low"]
    summary: Text
    ambiguities: tuple[Question, ...] = ()
    instruments: tuple[Name, ...] = ()
    practice: tuple[Practice, ...] = ()
    moves: tuple[Move, ...] = ()

    @model_validator(mode="after")
    def sourced(self) -> Self:
        """What practice and caps rest on is among the sources of the step."""
        rules = [move.value for move in self.moves if isinstance(move.value, Rule)]
        named = {one.source for one in self.practice} | {quota.source for rule in rules for quota in rule.quotas}
        if missing := sorted(named - set(self.sources)):
            raise ValueError(f"{missing[0]!r} is named below but is not among the sources of this step")
        return self

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """No lever moved twice on one day; the effective date is the date of a move; expected before announced."""
        keys = [(move.lever, move.since, move.reach) for move in self.moves]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"{key[0]} is moved twice on {key[1]}")
        if self.moves and not self.instruments and self.effective not in {move.since for move in self.moves}:
            raise ValueError(f"nothing moves on the effective date {self.effective}")
        if self.expected_from is not None and self.expected_from > self.announced:
            raise ValueError(f"expected from {self.expected_from}, after the announcement of {self.announced}")
        return self

    @model_validator(mode="after")
    def composed(self) -> Self:
        """Only a what-if is composed of instruments, each once; pieces move something and stand on no parent."""
        if self.instruments and self.status != "what_if":
            raise ValueError("only a what-if is composed of instruments")
        if len(set(self.instruments)) != len(self.instruments):
            raise ValueError("the same instrument twice")
        if self.status in PIECES and (self.parent is not None or not self.moves):
            raise ValueError(f"an {self.status} has no parent and moves at least one lever")
        return self


Reach = tuple[tuple[str, ...], tuple[str, ...]]
"""Whom a move touches: operators of lines, countries of tools."""


class State(NamedTuple):
    """What is in force on one day: controls, reliefs and levies by lever with their groups spelt out, scalars by name."""

    controls: dict[str, Rule]
    reliefs: dict[str, Rule]
    scalars: dict[str, float]
    levies: dict[str, Rule]


def plain_name(name: str) -> str:
    """A regime's own name: 'what_if/open-blackwell' and 'open-blackwell' are the same regime."""
    return name.removeprefix("what_if/")


def parted(name: str) -> tuple[str, tuple[str, ...]]:
    """A regime's own name and the overlays that go with it: 'current+beijing-refusal' in its parts."""
    base, *overlays = plain_name(name).split("+")
    return base, tuple(overlays)


def lineage(name: str, book: Mapping[str, Regime]) -> tuple[Regime, ...]:
    """The regime and its ancestors, oldest first. Raises BadInput if one is missing or is its own ancestor."""
    chain: list[Regime] = []
    wanted: str | None = parted(name)[0]
    while wanted is not None:
        names = [regime.name for regime in chain]
        if wanted in names:
            raise BadInput(f"regime {wanted!r} is its own ancestor", found=" -> ".join([*names, wanted]), mend="mend one parent")
        whose = f" (the parent of {names[-1]!r})" if names else ""
        chain.append(_named(wanted, book, ("enacted", "what_if"), f"no regime is named {wanted!r}{whose}"))
        wanted = chain[-1].parent
    return tuple(reversed(chain))


def _named(name: str, book: Mapping[str, Regime], statuses: tuple[str, ...], what: str) -> Regime:
    """One file of the book if it has one of the statuses. Raises BadInput with the nearest name."""
    if name in book and book[name].status in statuses:
        return book[name]
    known = sorted(word for word, regime in book.items() if regime.status in statuses)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    raise BadInput(what, found=name, expected=", ".join(known) or "none", mend=f"did you mean {near[0]!r}?" if near else None)


def instruments_of(regime: Regime, book: Mapping[str, Regime]) -> tuple[Regime, ...]:
    """The instruments of a what-if in the order named. Raises BadInput if one is missing."""
    what = f"no instrument has the name given by {regime.name!r}"
    return tuple(_named(name, book, ("instrument",), what) for name in regime.instruments)


def overlays_of(name: str, book: Mapping[str, Regime]) -> tuple[Regime, ...]:
    """The overlays that go with a regime, in the order named. Raises BadInput if one is missing."""
    return tuple(_named(overlay, book, ("overlay",), "no such overlay") for overlay in parted(name)[1])


def layers(name: str, book: Mapping[str, Regime]) -> tuple[Regime, ...]:
    """All files whose moves make a regime, weakest first: ancestors, each after its instruments; overlays last."""
    steps = [layer for regime in lineage(name, book) for layer in (*instruments_of(regime, book), regime)]
    return (*steps, *overlays_of(name, book))


def known(name: str, book: Mapping[str, Regime]) -> bool:
    """Whether a name, with the overlays that go with it, is a regime that can be run."""
    try:
        return bool(layers(name, book))
    except BadInput:
        return False


def resolve(name: str, book: Mapping[str, Regime]) -> tuple[Move, ...]:
    """All moves that make a regime in order of force; at the same date the later layer's replaces the earlier's.

    An overlay holds: what other layers do to a lever after the overlay's first move of it falls away.
    """
    final: dict[tuple[dt.date, str, Reach], Move] = {}
    for layer in layers(name, book):
        moves = {(move.since, move.lever, move.reach): move for move in layer.moves}
        if layer.status == "overlay":
            first = {lever: since for since, lever, _value in sorted(moves, reverse=True)}
            final = {key: move for key, move in final.items() if key[1] not in first or key[0] < first[key[1]]}
        final |= moves
    return tuple(final[key] for key in sorted(final))


def origin(move: Move, name: str, book: Mapping[str, Regime]) -> Regime:
    """The file in which a resolved move is written."""
    return next(layer for layer in reversed(layers(name, book)) if move in layer.moves)


def card(name: str, book: Mapping[str, Regime]) -> Regime:
    """What a regime says of itself, with the sources of its instruments and the words of its overlays added."""
    own, overlays = lineage(name, book)[-1], overlays_of(name, book)
    pieces = (*instruments_of(own, book), *overlays)
    told: dict[str, Any] = {"sources": tuple(dict.fromkeys(source for each in (own, *pieces) for source in each.sources))}
    if overlays:
        told["name"] = "+".join((own.name, *parted(name)[1]))
        for field, link in (("title", "; "), ("short", " + "), ("summary", " "), ("citation", "; ")):
            told[field] = link.join(getattr(each, field) for each in (own, *overlays))
    return own.model_copy(update=told)


def in_force(moves: Sequence[Move], day: dt.date) -> dict[str, Move]:
    """The last move of each lever on a day, without those that a null value has ended; one for some has its own key."""
    last: dict[tuple[str, Reach], Move] = {}
    for move in moves:
        if move.since > day:
            continue
        if not any(move.reach):
            for key in [key for key in last if key[0] == move.lever]:
                del last[key]
        last[move.lever, move.reach] = move
    named = {lever + reach_in_words(move): move for (lever, _whom), move in last.items()}
    return {name: move for name, move in named.items() if move.value is not None}


def state_on(moves: Sequence[Move], day: dt.date) -> State:
    """Controls, reliefs, levies and scalars in force on a day; a scalar that nothing has moved stands at its default.

    Raises BadInput if a rule names a group of countries that nothing has listed by that day.
    """
    values: dict[str, Any] = {lever: move.value for lever, move in in_force(moves, day).items()}
    groups = {group_name(lever): rule.destinations for lever, rule in values.items() if lever.startswith("group.")}

    def of(kind: str) -> dict[str, Rule]:
        found = {lever: rule for lever, rule in values.items() if lever.startswith(f"{kind}.")}
        for lever, rule in found.items():
            if missing := [place for place in sorted(rule.places()) if (":" in place or place == "EU") and place not in groups]:
                raise BadInput("a group of countries that is not listed on that day", key=lever, found=missing[0])
        return {lever: rule.spelt_out(groups) for lever, rule in found.items()}

    scalars = {name: float(values.get(name, lever.default)) for name, lever in LEVERS.items()}
    return State(of("control"), of("relief"), scalars, of("levy"))


def days_in_force(changes: Sequence[dt.date], quarters: pd.DatetimeIndex) -> np.ndarray:
    """Share of the days of each quarter that falls into each spell between changes: (spell, quarter), columns sum to one.

    Spell 0 lies before the first change, spell k begins on change k (that day included).
    """
    starts = quarters.to_numpy().astype("datetime64[D]")
    ends = (quarters + pd.offsets.QuarterBegin(startingMonth=1)).to_numpy().astype("datetime64[D]")
    dates = np.array(changes, dtype="datetime64[D]")
    begun = np.concatenate([starts[None, :], np.clip(dates[:, None], starts, ends), ends[None, :]])
    shares: np.ndarray = np.diff((begun - starts).astype(float), axis=0) / (ends - starts).astype(float)
    return shares


OTHERS = N_("other")
"""What stands for all countries that the model does not name."""


def reach_in_words(move: Move) -> str:
    """Whom a move touches, as words that follow it; nothing where it touches all."""
    firms, countries = (", ".join(_(OTHERS) if name == OTHERS else name for name in names) for names in move.reach)
    where = N_("in {countries}") if move.lever in BY_HOST else N_("from {countries}")
    told = [_("for {firms}", firms=firms)] if firms else []
    return "".join(f" {part}" for part in (*told, *([_(where, countries=countries)] if countries else [])))


def steps_of(moves: Sequence[Move], lever: str, firm: str = "", country: str = "") -> list[Move]:
    """The moves of a lever that touch a firm's lines and a country's tools, in order; without a name, those that touch all.

    On the same date what touches some comes after what touches all.
    """

    def touched(move: Move) -> bool:
        return all(not named or name in named for name, named in zip((firm, country), move.reach, strict=True))

    found = [move for move in moves if move.lever == lever and touched(move)]
    return sorted(found, key=lambda move: (move.since, sum(map(bool, move.reach))))


def scalar_path(moves: Sequence[Move], lever: str, quarters: pd.DatetimeIndex, firm: str = "", country: str = "") -> np.ndarray:
    """A scalar lever by quarter (quarter,), each value weighted by its days in force.

    For the lines of a firm and tools of a country where they are named. Raises BadInput for an unknown lever.
    """
    if lever not in LEVERS:
        near = difflib.get_close_matches(lever, list(LEVERS), n=1, cutoff=0.5)
        raise BadInput(
            f"unknown lever {lever!r}", expected=", ".join(LEVERS), mend=f"did you mean {near[0]!r}?" if near else None
        )
    steps = steps_of(moves, lever, firm, country)
    default = LEVERS[lever].default
    values = [default, *(move.value if isinstance(move.value, float) else default for move in steps)]
    path: np.ndarray = np.asarray(values, dtype=float) @ days_in_force([move.since for move in steps], quarters)
    return path
