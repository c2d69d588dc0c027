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
from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from forecast.contract import BadInput
from forecast.quantity import Frozen, Text
from forecast.stages.permissions import STATUSES, Policy, Provision, parse_test

Place = Annotated[str, Field(pattern=r"^([A-Z]{2}|any)$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]

NO_EFFECT = "declared: no modelled effect"
PIECES = ("instrument", "overlay")
"""Files that are no law by themselves: parts of a what-if, and what goes with any regime."""


class Lever(NamedTuple):
    """A scalar that law can set: unit, range, value before any move, what it means, and the input that it acts on."""

    unit: str
    low: float
    high: float
    default: float
    about: str
    acts_on: str


LEVERS: dict[str, Lever] = {
    "duty": Lever(
        "1", 0.0, 1.0, 0.0,
        "American import duty, as a share of value, on chips that pass through the United States for testing on their way "
        "to China; its bands hold H200 SXM and MI325X only.",
        "duty_pass_through",
    ),
    "revenue_share": Lever(
        "1", 0.0, 1.0, 0.0,
        "Share of the sale that the vendor hands to the American government on chips under the H20 letters (H20, MI308X).",
        "duty_pass_through",
    ),
    "quota_ratio": Lever(
        "1", 0.0, 1.0, 1.0,
        "Compute shipped to China and Macau over compute shipped to American users, per product; 1 means no cap that bites. "
        "The ceiling on licensed H200 already contains it.",
        NO_EFFECT,
    ),
    "cn_accept": Lever(
        "1", 0.0, 3.0, 1.0,
        "Share of licensed supply that Beijing lets in, relative to what it would let in under current law; a share above one "
        "is held at one.",
        "acceptance",
    ),
    "hq_rule": Lever(
        "1", 0.0, 1.0, 0.0,
        "How far the licence rule on parties headquartered in China is enforced outside China.",
        "closure_purchase",
    ),
    "cloud_rule": Lever(
        "1", 0.0, 1.0, 0.0,
        "How far remote access by tenants headquartered in China is closed.",
        "closure_remote",
    ),
    "diversion": Lever(
        "1", 0.0, 5.0, 1.0,
        "Diverted flow relative to what enforcement under current law lets through.",
        "diverted_2026_ratio",
    ),
    "tool_sales": Lever(
        "1", 0.0, 5.0, 1.0,
        "New chip-making tools that reach advanced Chinese lines, relative to current law.",
        "tool_ban_growth",
    ),
    "tool_servicing": Lever(
        "1", 0.0, 5.0, 1.0,
        "Servicing and spares for installed tools, relative to current law.",
        "servicing_availability",
    ),
    "subcomponents": Lever(
        "1", 0.0, 5.0, 1.0,
        "Foreign components that reach Chinese makers of chip tools, relative to current law.",
        "subcomponent_growth",
    ),
    "memory_tools": Lever(
        "1", 0.0, 5.0, 1.0,
        "Tools for stacking and testing memory that reach Chinese memory makers, relative to current law.",
        "memory_tools_growth",
    ),
    "proxy_foundry": Lever(
        "1", 0.0, 5.0, 1.0,
        "Dies that Chinese designers get at foreign foundries through proxies, relative to due diligence under current law.",
        "proxy_dies",
    ),
    "public_funding": Lever(
        "1", 0.1, 3.0, 1.0,
        "Chinese public funding of fabs, memory and packaging, relative to today: Beijing's choice, never American law.",
        "funding_elasticity",
    ),
    "hbm_access": Lever(
        "1", 0.0, 5.0, 1.0,
        "Foreign memory stacks that leak to Chinese packagers, relative to current law.",
        "hbm_illicit",
    ),
}  # fmt: skip
"""Every scalar lever, once: nothing else may be moved except named controls and reliefs."""


class Rule(Frozen):
    """A control (which chips need a licence where, and how an application fares) or a relief (what loosens it)."""

    paragraph: Annotated[str, Field(min_length=3)]
    any_of: tuple[tuple[str, ...], ...] = ()
    named: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    destinations: Annotated[tuple[Place, ...], Field(min_length=1)]
    headquarters: bool = False
    applies_to: tuple[str, ...] = ()
    policy: Policy

    @field_validator("any_of")
    @classmethod
    def readable(cls, branches: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        """Refuse a test that cannot be read."""
        for branch in branches:
            for text in branch:
                parse_test(text)
        return branches

    @model_validator(mode="after")
    def speaks(self) -> Self:
        """Refuse a control that catches nothing; a relief without tests loosens all of its paragraphs."""
        if not (self.any_of or self.named or self.applies_to):
            raise ValueError("give any_of (tests) or named (chips): this rule speaks of no chip")
        return self

    def provision(self, lever: str) -> Provision:
        """The rule with its tests read, as the evaluator wants it."""
        texts = self.any_of or (((),) if self.applies_to and not self.named else ())
        branches = tuple(tuple(parse_test(text) for text in branch) for branch in texts)
        return Provision(
            lever, self.paragraph, branches, self.named, self.vendors, self.destinations, self.headquarters,
            self.applies_to, STATUSES.index(self.policy),
        )  # fmt: skip


def _shape(value: object) -> str:
    """Which form of value was given, so that a message speaks of that form alone."""
    return "rule" if isinstance(value, dict | Rule) else "number"


Value = Annotated[Annotated[float, Tag("number")] | Annotated[Rule, Tag("rule")], Discriminator(_shape)]


class Move(Frozen):
    """One lever set from one day on; S is stated by a source, B is text of a rule or bill, M is our placeholder."""

    lever: str
    since: dt.date
    value: Value | None
    tag: Literal["S", "B", "M"]
    reason: Text

    @field_validator("lever")
    @classmethod
    def known(cls, lever: str) -> str:
        """Refuse a lever that is neither scalar nor a control or relief."""
        kind, _, rest = lever.partition(".")
        if lever not in LEVERS and not (kind in ("control", "relief") and rest.replace("_", "").isalnum()):
            near = difflib.get_close_matches(lever, [*LEVERS, "control.", "relief."], n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"unknown lever {lever!r}{hint} (one of {', '.join(LEVERS)}, control.<id>, relief.<id>)")
        return lever

    @model_validator(mode="after")
    def fits(self) -> Self:
        """The value has the shape and the range of its lever."""
        if self.lever in LEVERS:
            lever = LEVERS[self.lever]
            if isinstance(self.value, Rule):
                raise ValueError(f"{self.lever} takes a number, not a rule")
            if self.value is not None and not lever.low <= self.value <= lever.high:
                raise ValueError(f"{self.lever} is {self.value:g}, allowed {lever.low:g} to {lever.high:g} [{lever.unit}]")
            return self
        if isinstance(self.value, float):
            raise ValueError(f"{self.lever} takes a rule or null, not a number")
        if self.value is not None and self.lever.startswith("relief.") != bool(self.value.applies_to):
            raise ValueError("a relief names the paragraphs it loosens in applies_to; a control has none")
        return self


class Question(Frozen):
    """Something the text leaves open, and what was chosen here."""

    question: Text
    choice: Text


class Regime(Frozen):
    """One step of law, one alternative, or a part of one: who made it, when it was announced and took effect, what it moves."""

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
    moves: tuple[Move, ...] = ()

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """No lever moved twice on one day; the effective date is the date of a move; expected before announced."""
        keys = [(move.lever, move.since) for move in self.moves]
        for lever, since in keys:
            if keys.count((lever, since)) > 1:
                raise ValueError(f"{lever} is moved twice on {since}")
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


class State(NamedTuple):
    """What is in force on one day: controls and reliefs by lever, scalars by name."""

    controls: dict[str, Rule]
    reliefs: dict[str, Rule]
    scalars: dict[str, float]


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
    final: dict[tuple[dt.date, str], Move] = {}
    for layer in layers(name, book):
        moves = {(move.since, move.lever): move for move in layer.moves}
        if layer.status == "overlay":
            first = {lever: since for since, lever in sorted(moves, reverse=True)}
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
    """The last move of each lever on a day, without those that a null value has ended."""
    last = {move.lever: move for move in moves if move.since <= day}
    return {lever: move for lever, move in last.items() if move.value is not None}


def state_on(moves: Sequence[Move], day: dt.date) -> State:
    """Controls, reliefs and scalars in force on a day; a scalar that nothing has moved stands at its default."""
    values: dict[str, Any] = {lever: move.value for lever, move in in_force(moves, day).items()}
    return State(
        controls={lever: rule for lever, rule in values.items() if lever.startswith("control.")},
        reliefs={lever: rule for lever, rule in values.items() if lever.startswith("relief.")},
        scalars={name: float(values.get(name, lever.default)) for name, lever in LEVERS.items()},
    )


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


def scalar_path(moves: Sequence[Move], lever: str, quarters: pd.DatetimeIndex) -> np.ndarray:
    """A scalar lever by quarter (quarter,), each value weighted by its days in force."""
    if lever not in LEVERS:
        near = difflib.get_close_matches(lever, list(LEVERS), n=1, cutoff=0.5)
        raise BadInput(
            f"unknown lever {lever!r}", expected=", ".join(LEVERS), mend=f"did you mean {near[0]!r}?" if near else None
        )
    steps = sorted((move for move in moves if move.lever == lever), key=lambda move: move.since)
    default = LEVERS[lever].default
    values = [default, *(move.value if isinstance(move.value, float) else default for move in steps)]
    path: np.ndarray = np.asarray(values, dtype=float) @ days_in_force([move.since for move in steps], quarters)
    return path
