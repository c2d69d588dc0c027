"""Questions to the law: what is the status of this chip on this day, and for how much of a quarter.

The answers say what the coded text says, not what was sold: exceptions that hardly anybody used count as open, and a
presumption of denial counts as closed. Conditions of paper (certificates, notices) are taken as met; party lists (Entity
List, military end users) are not coded.
"""

import datetime as dt
import difflib
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
from forecast.catalogue.home import find_home
from forecast.catalogue.law import law_stamp, load_chips, load_regimes
from forecast.chipnames import find_chip
from forecast.contract import BadInput
from forecast.names import parse_quarter
from forecast.regime import LEVERS, Move, Regime, Rule, days_in_force, in_force, origin, resolve, state_on
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
    day_number,
    judge,
    outcome,
    reaches,
    value_of,
)

Fact = float | int | bool | str | dt.date | None
SHIPMENT: dict[str, float] = {"hbm_stack": 0.0, "packager_approved": 0.0, "from_us": 1.0}
"""Facts of a shipment that no data sheet has, as they are unless said otherwise: a logic chip that leaves from the US."""

FIRST_DAY = pd.Timestamp(parse_quarter(FIRST)).date()
LAST_DAY = (pd.Timestamp(parse_quarter(LAST)) + pd.offsets.QuarterEnd()).date()
"""First and last day on which the law may be asked: the quarters of the model."""

_MARGIN_UNIT = {"date": "days", "flag": ""}


class Law(NamedTuple):
    """Everything read from disk that an answer needs: regimes by name and the chip table."""

    regimes: dict[str, Regime]
    chips: pd.DataFrame


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
    `unknown` are those on missing facts that could still change the answer (none of them counted as met).
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

    @property
    def open(self) -> bool:
        """Whether chips can go at all."""
        return STATUSES.index(self.status) <= OPEN


def read_law(params: Path | str | None = None) -> Law:
    """Regimes and chips from a params folder, or from the nearest one upwards."""
    folder = find_home() / "params" if params is None else Path(params)
    return Law(load_regimes(folder), load_chips(folder))


@lru_cache(maxsize=4)
def _cached_law(folder: Path, _stamp: tuple[int, ...]) -> Law:
    """The law of a folder, read once for as long as no file changes."""
    return read_law(folder)


def law_of(params: Law | Path | str | None) -> Law:
    """The law that was handed over, or the one on disk."""
    if isinstance(params, Law):
        return params
    folder = (find_home() / "params" if params is None else Path(params)).resolve()
    return _cached_law(folder, law_stamp(folder))


def classify(
    chip: str | Mapping[str, Fact],
    *,
    on: dt.date | str,
    to: str = "CN",
    hq: str | None = None,
    regime: str = "current",
    shipped_from: str = "US",
    params: Law | Path | str | None = None,
) -> Answer:
    """Status of a chip (a name of the chip table, or facts by name) on a day, for a destination and a buyer's headquarters.

    A buyer headquartered in China counts as China wherever a rule follows headquarters. Raises BadInput on an unknown chip,
    fact, regime, day or place.
    """
    law = law_of(params)
    day, place, home = day_asked(on), place_asked(to, "to"), None if hq is None else place_asked(hq, "hq")
    start = place_asked(shipped_from, "from")
    moves = resolve(regime, law.regimes)
    name, facts = _facts_of_one(chip, law.chips)
    facts["from_us"] = np.array([float(start == "US")])
    standing = in_force(moves, day)
    controls, reliefs = provisions_on(moves, day)
    verdict = judge(controls, reliefs, facts, place, home)
    decider = int(verdict.decider[0])
    asked = [rule for rule in controls if reaches(rule, place, home)]
    hit = {rule.paragraph for rule in asked if catches(rule, facts)[0] == MET}
    asked += [rule for rule in reliefs if reaches(rule, place, home) and hit.intersection(rule.applies_to)]
    applied = [rule.lever for rule in asked if catches(rule, facts)[0] == MET]
    return Answer(
        chip=name,
        on=day,
        to=place,
        hq=home,
        regime=regime,
        status=STATUSES[int(verdict.code[0])],
        paragraph=controls[decider].paragraph if decider >= 0 else "none",
        tests=tuple(_finding(rule, test, facts) for rule in asked for branch in rule.branches for test in branch),
        unknown=tuple(dict.fromkeys(finding for rule in asked for finding in _undecided(rule, facts))),
        citations=tuple(_cite(standing[lever], regime, law.regimes) for lever in applied),
    )


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


def _cite(move: Move, regime: str, book: Mapping[str, Regime]) -> str:
    """The move with the step of law that made it."""
    step = origin(move, regime, book)
    return f"{move.lever} since {move.since}: {step.citation} ({step.name}, {step.url})"


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


def _day(on: dt.date | str, key: str = "on") -> dt.date:
    """A date, also from its ISO text."""
    try:
        return on.date() if isinstance(on, dt.datetime) else on if isinstance(on, dt.date) else dt.date.fromisoformat(on)
    except (ValueError, TypeError):
        raise BadInput("not a date", key=key, found=on, expected="a day as YYYY-MM-DD") from None


def day_asked(on: dt.date | str) -> dt.date:
    """A day that the law here is coded for, or taken to hold on. Raises BadInput with the range."""
    day = _day(on)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadInput("no law is coded for this day", key="on", found=str(day), expected=f"a day from {FIRST_DAY} to {LAST_DAY}")
    return day


def place_asked(code: str, key: str) -> str:
    """A two-letter country code in capitals."""
    place = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", place):
        raise BadInput("not a place", key=key, found=code, expected="a two-letter code such as CN, HK, MO, SG or AE")
    return place


def facts_of(chips: pd.DataFrame) -> dict[str, np.ndarray]:
    """Facts of many chips from the chip table (chip,): numbers, flags as 0 and 1, dates as days, NaN where unknown."""
    size = len(chips)
    facts: dict[str, np.ndarray] = {"chip": chips.index.to_numpy(dtype=object), "vendor": chips["vendor"].to_numpy(dtype=object)}
    for name, metric in METRICS.items():
        if name not in chips:
            facts[name] = np.full(size, SHIPMENT.get(name, np.nan))
        elif metric.kind == "date":
            days = (chips[name] - pd.Timestamp(0)) / pd.Timedelta(days=1)
            facts[name] = days.to_numpy(dtype=float)
        else:
            facts[name] = chips[name].to_numpy(dtype=float, na_value=np.nan)
    return facts


def _facts_of_one(chip: str | Mapping[str, Fact], chips: pd.DataFrame) -> tuple[str, dict[str, np.ndarray]]:
    """Name and facts of one chip, from the table or from what was given."""
    if isinstance(chip, str):
        name = find_chip(chip, chips)
        return name, facts_of(chips.loc[[name]])
    return str(chip.get("chip") or "the chip described"), facts_given(chip)


def facts_given(chip: Mapping[str, Fact]) -> dict[str, np.ndarray]:
    """Facts of one chip as a person gave them (1,); density follows from TPP and area when it is not given.

    An area of zero is that of a planar node: no density, and no test on it is met.
    """
    facts = {name: np.array([SHIPMENT.get(name, np.nan)]) for name in METRICS}
    for name, value in chip.items():
        if name in ("chip", "vendor"):
            continue
        if name not in METRICS:
            near = difflib.get_close_matches(name, list(METRICS), n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else None
            raise BadInput("unknown fact", key=name, expected=", ".join(METRICS), mend=hint)
        facts[name] = np.array([_number(name, value)])
    area = facts["die_area"]
    if np.isnan(facts["performance_density"][0]):
        facts["performance_density"] = np.divide(facts["tpp"], area, out=np.zeros(1), where=area != 0.0)
    return {**facts, **{name: np.array([chip.get(name) or ""], dtype=object) for name in ("chip", "vendor")}}


def _number(name: str, value: Fact) -> float:
    """A given fact as a number: yes and no as 1 and 0, dates as days, None as unknown."""
    if value is None or value == "":
        return math.nan
    kind = METRICS[name].kind
    if kind == "flag":
        if value in (True, False, "yes", "no"):
            return float(value in (True, "yes"))
        raise BadInput("not yes or no", key=name, found=str(value))
    if kind == "date":
        return day_number(_day(value if isinstance(value, dt.date) else str(value), name))
    if isinstance(value, bool | str | dt.date) or value < 0:
        raise BadInput("not a number that can be used", key=name, found=str(value), expected=f"a number [{METRICS[name].unit}]")
    return float(value)


def statuses(chips: pd.DataFrame, moves: Sequence[Move], day: dt.date, to: str = "CN", hq: str | None = None) -> np.ndarray:
    """Codes of STATUSES on one day (chip,)."""
    controls, reliefs = provisions_on(moves, day)
    return judge(controls, reliefs, facts_of(chips), to, hq).code


def spells(
    chips: pd.DataFrame, moves: Sequence[Move], first: dt.date, last: dt.date, to: str = "CN", hq: str | None = None
) -> pd.DataFrame:
    """Status of chips through time: one row per chip and spell of one status, from first to last day (both included).

    Columns chip, since, until (the day after the spell), status, paragraph (the rule that decides, or "none").
    """
    days = sorted({first, *(move.since for move in moves if first < move.since <= last and move.lever not in LEVERS)})
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
    changes = sorted({move.since for move in moves if isinstance(move.value, Rule) or move.value is None})
    inside = [day for day in changes if first < day < last]
    spells = [statuses(chips, moves, day, to, hq) <= OPEN for day in (first, *inside)]
    shares: np.ndarray = np.clip(np.array(spells, dtype=float).T @ days_in_force(inside, quarters), 0.0, 1.0)
    return shares


def expected_denials(
    chips: pd.DataFrame, name: str, book: Mapping[str, Regime], quarters: pd.DatetimeIndex, after: dt.date
) -> np.ndarray:
    """Coming denials of each chip, spread over the days between the first word of them and their effect (chip, quarter).

    Only rules that take effect after the day `after` count. One chip that will be denied adds up to one over its quarters.
    """
    moves = resolve(name, book)
    rules = [move for move in moves if move.lever not in LEVERS and move.since > after]
    out = np.zeros((len(chips), len(quarters)))
    for day in sorted({move.since for move in rules}):
        before, then = (statuses(chips, moves, each) <= OPEN for each in (day - dt.timedelta(days=1), day))
        word = min(first_word(move, name, book) for move in rules if move.since == day)
        out += np.outer(before & ~then, days_between(word, day, quarters))
    return out * (quarters.date >= after)


def __getattr__(name: str) -> Any:
    """The designs of vendors stand in `forecast.design` and can be had from here as well."""
    if name in ("compliant_design", "Design"):
        return getattr(importlib.import_module("forecast.design"), name)
    raise AttributeError(f"module 'forecast.rulebook' has no attribute {name!r}")
