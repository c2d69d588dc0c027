"""Questions to the law: what is the status of this item on this day, and for how much of a quarter.

The answers say what the coded text says, not what was sold: exceptions that hardly anybody used count as open, and a
presumption of denial counts as closed. Conditions of paper (certificates, notices) are taken as met. What the text leaves
open is a switch (switches.yaml); what happened beside the text is told as practice and changes no status.
"""

import datetime as dt
import importlib
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from forecast.anticipation import days_between, first_word
from forecast.catalogue import law as shelf
from forecast.catalogue.home import find_home
from forecast.chipnames import find_chip
from forecast.contract import BadInput
from forecast.items import SHIPMENT, Fact, as_day, facts_given, facts_of
from forecast.levies import Levied, levied, levy
from forecast.names import parse_quarter
from forecast.parties import Gate, Listing, gate_of, listings_of
from forecast.regime import Move, Practice, Quota, Regime, Rule, days_in_force, in_force, origin, resolve, state_on
from forecast.scenario import FIRST, LAST
from forecast.stages.permissions import (
    FAILED,
    MET,
    METRICS,
    OPEN,
    STATUSES,
    UNKNOWN,
    Criterion,
    Facts,
    Provision,
    catches,
    judge,
    of_origin,
    outcome,
    reaches,
    value_of,
)
from forecast.switches import Switch, chosen, laid_over, read_so

__all__ = [
    "FIRST_DAY", "LAST_DAY", "SHIPMENT", "Answer", "Fact", "Finding", "Law", "Levied", "classify", "day_asked",
    "expected_denials", "facts_given", "facts_of", "law_of", "levied", "levy", "permitted", "place_asked", "provisions_on",
    "read_law", "spells", "statuses",
]  # fmt: skip

FIRST_DAY = pd.Timestamp(parse_quarter(FIRST)).date()
LAST_DAY = (pd.Timestamp(parse_quarter(LAST)) + pd.offsets.QuarterEnd()).date()
"""First and last day on which the law may be asked: the quarters of the model."""

OF_STATUS = ("control", "relief", "group")
"""Kinds of moves that can change a status; scalars and levies cannot."""

_MARGIN_UNIT = {"date": "days", "flag": ""}


class Law(NamedTuple):
    """Everything read from disk that an answer needs; `things` are chips and other items in one table."""

    regimes: dict[str, Regime]
    chips: pd.DataFrame
    items: pd.DataFrame
    listings: pd.DataFrame
    gate: pd.DataFrame
    switches: dict[str, Switch]
    things: pd.DataFrame


class Finding(NamedTuple):
    """One test of one rule on one chip: what stood on the left, the bound, how far it is from it, and the outcome."""

    lever: str
    paragraph: str
    test: str
    value: float | dt.date | bool | None
    threshold: float | dt.date | bool
    margin: float | None
    unit: str
    outcome: str


class Answer(NamedTuple):
    """The status of one chip on one day for one buyer, with the paragraph that decides and the tests behind it.

    `tests` are those of every control that covers the buyer and of every relief that could loosen one that was met;
    `unknown` are those on missing facts that could still change the answer (none of them counted as met). Beside the status
    stand the caps, levies and conditions that go with it, the buyer's listings, Beijing's gate, what happened in practice while
    the rules that apply held, facts of the shipment that were taken as usual, and the options of switches that are no default.
    """

    chip: str
    on: dt.date
    to: str
    hq: str | None
    regime: str
    status: str
    paragraph: str
    tests: tuple[Finding, ...]
    unknown: tuple[Finding, ...]
    citations: tuple[str, ...]
    quota: tuple[Quota, ...] = ()
    levies: tuple[Levied, ...] = ()
    cn_gate: tuple[Gate, ...] = ()
    practice: tuple[Practice, ...] = ()
    conditions: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    assumed: tuple[str, ...] = ()
    switches: tuple[tuple[str, str], ...] = ()

    @property
    def duty(self) -> float:
        """Share of the value that goes to the American government on the way, all levies together. [1]"""
        return sum((one.rate for one in self.levies), 0.0)

    @property
    def open(self) -> bool:
        """Whether chips can go at all."""
        return STATUSES.index(self.status) <= OPEN


def read_law(params: Path | str | None = None) -> Law:
    """Regimes, chips, items, lists and switches from a params folder, or from the nearest one upwards."""
    folder = find_home() / "params" if params is None else Path(params)
    chips, items = shelf.load_chips(folder), shelf.load_items(folder)
    return Law(
        shelf.load_regimes(folder), chips, items, shelf.load_listings(folder), shelf.load_gate(folder),
        shelf.load_switches(folder), shelf.together(chips, items),
    )  # fmt: skip


@lru_cache(maxsize=4)
def _cached_law(folder: Path, _stamp: tuple[int, ...]) -> Law:
    """The law of a folder, read once for as long as no file changes."""
    return read_law(folder)


def law_of(params: Law | Path | str | None) -> Law:
    """The law that was handed over, or the one on disk."""
    if isinstance(params, Law):
        return params
    folder = (find_home() / "params" if params is None else Path(params)).resolve()
    return _cached_law(folder, shelf.law_stamp(folder))


def classify(
    chip: str | Mapping[str, Fact],
    *,
    on: dt.date | str,
    to: str = "CN",
    hq: str | None = None,
    regime: str = "current",
    shipped_from: str = "US",
    params: Law | Path | str | None = None,
    buyer: str | None = None,
    switches: Mapping[str, str] | None = None,
    given: Mapping[str, Fact] | None = None,
) -> Answer:
    """Status of an item (any name of a chip, stack or tool, or facts by name) on a day, for a destination and a headquarters.

    A buyer headquartered in China counts as China wherever a rule follows headquarters; `buyer` is looked up in the party
    lists; `switches` choose readings of open points; `given` adds facts of the shipment or the buyer to a named item. Raises
    BadInput on an unknown item, fact, regime, switch, day or place.
    """
    law = law_of(params)
    day, place, home = day_asked(on), place_asked(to, "to"), None if hq is None else place_asked(hq, "hq")
    start = place_asked(shipped_from, "from")
    options = chosen(switches, law.switches)
    moves = laid_over(resolve(regime, law.regimes), options, law.switches)
    name, facts = _facts_of_one(chip, law, given or {})
    facts = read_so(facts, options, law.switches) | {"from_us": np.array([float(start == "US")])}
    standing = in_force(moves, day)
    controls, reliefs = provisions_on(moves, day)
    entries = listings_of(buyer, facts, day, law.listings) if buyer else []
    controls += [entry.provision for entry in entries]
    verdict = judge(controls, reliefs, facts, place, home)
    decider = int(verdict.decider[0])
    asked = [rule for rule in controls if reaches(rule, place, home) and of_origin(rule, facts)]
    hit = {rule.paragraph for rule in asked if catches(rule, facts)[0] == MET}
    asked += [rule for rule in reliefs if reaches(rule, place, home) and hit.intersection(rule.applies_to)]
    applied = [rule.lever for rule in asked if catches(rule, facts)[0] == MET and rule.lever in standing]
    rules = [rule for lever in applied if isinstance(rule := standing[lever].value, Rule)]
    tests = tuple(_finding(rule, test, facts) for rule in asked for branch in rule.branches for test in branch)
    steps = [_step(standing[lever], regime, law) for lever in applied]
    return Answer(
        chip=name,
        on=day,
        to=place,
        hq=home,
        regime=regime,
        status=STATUSES[int(verdict.code[0])],
        paragraph=controls[decider].paragraph if decider >= 0 else "none",
        tests=tests,
        unknown=tuple(dict.fromkeys(finding for rule in asked for finding in _undecided(rule, facts))),
        citations=(
            *(_cite(standing[lever], regime, law) for lever in applied),
            *(f"{one.list}: {one.citation}" for one in entries),
        ),
        quota=tuple(quota for rule in rules for quota in rule.quotas if quota.since is None or quota.since <= day),
        levies=levied(facts, moves, day, place),
        cn_gate=gate_of(facts, day, law.gate) if place == "CN" else (),
        practice=_practice(steps, day),
        conditions=tuple(dict.fromkeys(text for rule in rules for text in rule.conditions)),
        listings=tuple(entries),
        assumed=_assumed(asked, chip, given or {}),
        switches=tuple((key, option) for key, option in options.items() if option != law.switches[key].default),
    )


def _step(move: Move, regime: str, law: Law) -> Regime | None:
    """The step of law that made a move; None if a switch did."""
    try:
        return origin(move, regime, law.regimes)
    except StopIteration:
        return None


def _practice(steps: Sequence[Regime | None], day: dt.date) -> tuple[Practice, ...]:
    """What happened beside the text on a day, by the steps whose rules apply."""
    told = (one for step in steps if step is not None for one in step.practice)
    return tuple(dict.fromkeys(one for one in told if one.since <= day and (one.until is None or day <= one.until)))


def _assumed(asked: Sequence[Provision], chip: str | Mapping[str, Fact], given: Mapping[str, Fact]) -> tuple[str, ...]:
    """Facts of the shipment that a rule asks for and nobody stated, as they were taken."""
    stated = {*given, "from_us", *(chip if isinstance(chip, Mapping) else ())}
    tested = {name for rule in asked for branch in rule.branches for test in branch for name in test.metrics}
    words = {
        name: f"{name} == {'yes' if value else 'no'}" if METRICS[name].kind == "flag" else f"{name} == {value:g}"
        for name, value in SHIPMENT.items()
    }
    kind = ("hbm_stack", "tool", "service", "eda", "metrology")
    return tuple(words[name] for name in SHIPMENT if name in tested - stated and name not in kind)


def _undecided(rule: Provision, facts: Facts) -> list[Finding]:
    """Tests on missing facts that keep a rule undecided: if they were met, the rule would apply."""
    if catches(rule, facts)[0] != UNKNOWN:
        return []
    open_branches = [branch for branch in rule.branches if all(outcome(test, facts)[0] != FAILED for test in branch)]
    return [_finding(rule, test, facts) for branch in open_branches for test in branch if outcome(test, facts)[0] == UNKNOWN]


def provisions_on(moves: Sequence[Move], day: dt.date) -> tuple[list[Provision], list[Provision]]:
    """Controls and reliefs in force on a day, with their tests read."""
    state = state_on(moves, day)
    controls = [rule.provision(lever) for lever, rule in state.controls.items()]
    return controls, [rule.provision(lever) for lever, rule in state.reliefs.items()]


def _cite(move: Move, regime: str, law: Law) -> str:
    """The move with the step of law that made it."""
    step = _step(move, regime, law)
    return f"{move.lever} since {move.since}: " + ("a switch" if step is None else f"{step.citation} ({step.name}, {step.url})")


def _finding(rule: Provision, test: Criterion, facts: Facts) -> Finding:
    """One test, put into words for a reader."""
    value, found = float(value_of(test, facts)[0]), int(outcome(test, facts)[0])
    return Finding(
        lever=rule.lever,
        paragraph=rule.paragraph,
        test=test.text,
        value=None if math.isnan(value) else _worded(value, test.kind),
        threshold=_worded(test.bound, test.kind),
        margin=None if math.isnan(value) or test.kind == "flag" else round(value - test.bound, 9),
        unit=_MARGIN_UNIT.get(test.kind, METRICS[test.metrics[0]].unit),
        outcome="unknown" if found == UNKNOWN else "met" if found == MET else "not met",
    )


def _worded(value: float, kind: str) -> float | dt.date | bool:
    """A number, a date or yes/no again."""
    if kind == "flag":
        return bool(value)
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(value)) if kind == "date" else value


def day_asked(on: dt.date | str) -> dt.date:
    """A day that the law here is coded for, or taken to hold on. Raises BadInput with the range."""
    day = as_day(on)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadInput("no law is coded for this day", key="on", found=str(day), expected=f"a day from {FIRST_DAY} to {LAST_DAY}")
    return day


def place_asked(code: str, key: str) -> str:
    """A two-letter country code in capitals."""
    place = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", place):
        raise BadInput("not a place", key=key, found=code, expected="a two-letter code such as CN, HK, MO, SG or AE")
    return place


def _facts_of_one(chip: str | Mapping[str, Fact], law: Law, given: Mapping[str, Fact]) -> tuple[str, dict[str, np.ndarray]]:
    """Name and facts of one item, from the tables or from what was given."""
    if not isinstance(chip, str):
        return str(chip.get("chip") or "the chip described"), facts_given({**chip, **given}, law.things)
    name = find_chip(chip, law.things)
    facts = facts_of(law.things.loc[[name]])
    told = facts_given(given)
    return name, facts | {fact: told[fact] for fact in given}


def statuses(chips: pd.DataFrame, moves: Sequence[Move], day: dt.date, to: str = "CN", hq: str | None = None) -> np.ndarray:
    """Codes of STATUSES on one day (chip,)."""
    return judge(*provisions_on(moves, day), facts_of(chips), to, hq).code


def spells(
    chips: pd.DataFrame, moves: Sequence[Move], first: dt.date, last: dt.date, to: str = "CN", hq: str | None = None
) -> pd.DataFrame:
    """Status of chips through time: one row per chip and spell of one status, from first to last day (both included).

    Columns chip, since, until (the day after the spell), status, paragraph (the rule that decides, or "none").
    """
    days = sorted({first, *(move.since for move in moves if first < move.since <= last and move.kind in OF_STATUS)})
    facts = facts_of(chips)
    rows: list[list[object]] = []
    open_row: dict[str, list[object]] = {}
    for day in days:
        controls, reliefs = provisions_on(moves, day)
        verdict = judge(controls, reliefs, facts, to, hq)
        for chip, code, decider in zip(chips.index, verdict.code, verdict.decider, strict=True):
            paragraph = controls[int(decider)].paragraph if decider >= 0 else "none"
            row = open_row.get(chip)
            if row is not None and row[3:] == [STATUSES[int(code)], paragraph]:
                continue
            if row is not None:
                row[2] = day
            open_row[chip] = [chip, day, last + dt.timedelta(days=1), STATUSES[int(code)], paragraph]
            rows.append(open_row[chip])
    table = pd.DataFrame(rows, columns=["chip", "since", "until", "status", "paragraph"])
    order = {chip: place for place, chip in enumerate(chips.index)}
    return table.sort_values(["chip", "since"], key=lambda c: c.map(order) if c.name == "chip" else c, ignore_index=True)


def permitted(
    chips: pd.DataFrame, moves: Sequence[Move], quarters: pd.DatetimeIndex, to: str = "CN", hq: str | None = None
) -> np.ndarray:
    """Share of the days of each quarter on which the law lets each chip go (chip, quarter), as rows of `chips`.

    Free, exceptions, presumption of approval and case by case count as 1, denial and prohibition as 0. Whether a chip is on
    the market, and how many licences are granted, is not asked here.
    """
    first, last = quarters[0].date(), (quarters[-1] + pd.offsets.QuarterBegin(startingMonth=1)).date()
    inside = sorted({move.since for move in moves if first < move.since < last and move.kind in OF_STATUS})
    facts = facts_of(chips)
    spells = [judge(*provisions_on(moves, day), facts, to, hq).code <= OPEN for day in (first, *inside)]
    shares: np.ndarray = np.array(spells, dtype=float).T @ days_in_force(inside, quarters)
    return np.round(shares, 12)


def expected_denials(
    chips: pd.DataFrame, name: str, book: Mapping[str, Regime], quarters: pd.DatetimeIndex, after: dt.date
) -> np.ndarray:
    """Coming denials of each chip, spread over the days between the first word of them and their effect (chip, quarter).

    Only rules that take effect after the day `after` count. One chip that will be denied adds up to one over its quarters. The
    word is that of the earliest move which denies it alone, or of the earliest of all that day where none does.
    """
    moves = resolve(name, book)
    coming = [move for move in moves if move.kind in OF_STATUS and move.since > after]
    out = np.zeros((len(chips), len(quarters)))
    for day in sorted({move.since for move in coming}):
        earlier, todays = [move for move in moves if move.since < day], [move for move in coming if move.since == day]
        left = (statuses(chips, earlier, day) <= OPEN) & (statuses(chips, moves, day) > OPEN)
        words = sorted((first_word(move, name, book), place) for place, move in enumerate(todays))
        for word, place in words if left.any() else ():
            alone = left & (statuses(chips, [*earlier, todays[place]], day) > OPEN)
            out += np.outer(alone, days_between(word, day, quarters))
            left &= ~alone
        out += np.outer(left, days_between(words[0][0], day, quarters))
    return out * (quarters.date >= after)


def __getattr__(name: str) -> Any:
    """The designs of vendors stand in `forecast.design` and can be had from here as well."""
    if name in ("compliant_design", "Design"):
        return getattr(importlib.import_module("forecast.design"), name)
    raise AttributeError(f"module 'forecast.rulebook' has no attribute {name!r}")
