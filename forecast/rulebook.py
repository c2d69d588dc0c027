"""Questions to the law: what is the status of this chip on this day, for how much of a quarter, and what may be designed.

The answers say what the coded text says, not what was sold: exceptions that hardly anybody used count as open, and a
presumption of denial counts as closed. Conditions of paper (certificates, notices) are taken as met; party lists (Entity
List, military end users) are not coded.
"""

import datetime as dt
import difflib
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.anticipation import days_between, first_word
from forecast.catalogue.home import find_home
from forecast.catalogue.law import law_stamp, load_chips, load_regimes
from forecast.contract import BadInput
from forecast.regime import (
    LEVERS,
    Move,
    Regime,
    Rule,
    days_in_force,
    in_force,
    origin,
    resolve,
    state_on,
)
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

_MARGIN_UNIT = {"date": "days", "flag": ""}
_BEYOND = 1e9
_DESIGN: dict[str, Fact] = {
    "vendor": "NVIDIA",
    "datacenter": True,
    "prc_designed": False,
    "dram_bandwidth": 0.0,
    "io_bandwidth": 0.0,
}


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


class Design(NamedTuple):
    """The best part that the rules leave open: its TPP (infinite if nothing bounds it), status and the next rule above it."""

    tpp: float
    status: str
    bound_by: str


def read_law(params: Path | str | None = None) -> Law:
    """Regimes and chips from a params folder, or from the nearest one upwards."""
    folder = find_home() / "params" if params is None else Path(params)
    return Law(load_regimes(folder), load_chips(folder))


@lru_cache(maxsize=4)
def _cached_law(folder: Path, _stamp: tuple[int, ...]) -> Law:
    """The law of a folder, read once for as long as no file changes."""
    return read_law(folder)


def _law(params: Law | Path | str | None) -> Law:
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
    """Status of a chip (an id of the chip table, or facts by name) on a day, for a destination and a buyer's headquarters.

    A buyer headquartered in China counts as China wherever a rule follows headquarters. Raises BadInput on an unknown chip,
    fact, regime, day or place.
    """
    law = _law(params)
    day, place, home, start = _day(on), _place(to, "to"), None if hq is None else _place(hq, "hq"), _place(shipped_from, "from")
    moves = resolve(regime, law.regimes)
    name, facts = _facts_of_one(chip, law.chips)
    facts["from_us"] = np.array([float(start == "US")])
    standing = in_force(moves, day)
    controls, reliefs = _provisions(moves, day)
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


def _provisions(moves: Sequence[Move], day: dt.date) -> tuple[list[Provision], list[Provision]]:
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


def _day(on: dt.date | str) -> dt.date:
    """A date, also from its ISO text."""
    try:
        return on if isinstance(on, dt.date) else dt.date.fromisoformat(on)
    except ValueError:
        raise BadInput("not a date", key="on", found=on, expected="a day as YYYY-MM-DD") from None


def _place(code: str, key: str) -> str:
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
        if chip not in chips.index:
            near = difflib.get_close_matches(chip, list(chips.index), n=1, cutoff=0.4)
            raise BadInput("unknown chip", found=chip, mend=f"did you mean {near[0]!r}?" if near else "give its facts instead")
        return chip, facts_of(chips.loc[[chip]])
    return str(chip.get("chip") or "the chip described"), _facts_given(chip)


def _facts_given(chip: Mapping[str, Fact]) -> dict[str, np.ndarray]:
    """Facts of one chip as a person gave them (1,); density follows from TPP and area when it is not given."""
    facts = {name: np.array([SHIPMENT.get(name, np.nan)]) for name in METRICS}
    for name, value in chip.items():
        if name in ("chip", "vendor"):
            continue
        if name not in METRICS:
            near = difflib.get_close_matches(name, list(METRICS), n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else None
            raise BadInput("unknown fact", key=name, expected=", ".join(METRICS), mend=hint)
        facts[name] = np.array([_number(name, value)])
    if np.isnan(facts["performance_density"][0]):
        facts["performance_density"] = facts["tpp"] / facts["die_area"]
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
        return day_number(_day(value if isinstance(value, dt.date) else str(value)))
    if isinstance(value, bool | str | dt.date) or value < 0:
        raise BadInput("not a number that can be used", key=name, found=str(value), expected=f"a number [{METRICS[name].unit}]")
    return float(value)


def statuses(chips: pd.DataFrame, moves: Sequence[Move], day: dt.date, to: str = "CN", hq: str | None = None) -> np.ndarray:
    """Codes of STATUSES on one day (chip,)."""
    controls, reliefs = _provisions(moves, day)
    return judge(controls, reliefs, facts_of(chips), to, hq).code


def spells(chips: pd.DataFrame, moves: Sequence[Move], first: dt.date, last: dt.date, to: str = "CN") -> pd.DataFrame:
    """Status of chips through time: one row per chip and spell of one status, from first to last day (both included).

    Columns chip, since, until (the day after the spell), status, paragraph (the rule that decides, or "none").
    """
    days = sorted({first, *(move.since for move in moves if first < move.since <= last and move.lever not in LEVERS)})
    facts = facts_of(chips)
    rows: list[list[object]] = []
    open_row: dict[str, list[object]] = {}
    for day in days:
        controls, reliefs = _provisions(moves, day)
        verdict = judge(controls, reliefs, facts, to, None)
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
    return out


def compliant_design(
    moves: Sequence[Move],
    on: dt.date,
    die_area: float,
    *,
    to: str = "CN",
    tightest: str = "licence_case_by_case",
    **facts: Fact,
) -> Design:
    """The highest whole TPP of a data-centre part of a die area [mm2] whose status on a day is no tighter than asked.

    Further facts by name: `dram_bandwidth`, `io_bandwidth` (zero leaves them out of the question), `first_us_sale`, `vendor`.
    `tightest="free"` asks for a part that needs nothing at all. A simple search: just below and at every threshold on TPP or
    density in force, and far above them all.
    """
    controls, reliefs = _provisions(moves, on)
    tests = [test for rule in [*controls, *reliefs] for branch in rule.branches for test in branch]
    bounds = [math.ceil(bound) for test in tests if (bound := _in_tpp(test, die_area)) is not None]
    tpp = np.array(sorted({*bounds, *(bound - 1 for bound in bounds), _BEYOND}), dtype=float)
    one = _facts_given({**_DESIGN, **facts, "die_area": die_area})
    many = {name: np.repeat(value, len(tpp)) for name, value in one.items()}
    verdict = judge(controls, reliefs, {**many, "tpp": tpp, "performance_density": tpp / die_area}, to)
    allowed = verdict.code <= STATUSES.index(tightest)
    if not allowed.any():
        return Design(0.0, STATUSES[int(verdict.code[0])], controls[int(verdict.decider[0])].paragraph)
    best = int(np.flatnonzero(allowed)[-1])
    if best == len(tpp) - 1:
        return Design(math.inf, STATUSES[int(verdict.code[best])], "none")
    return Design(float(tpp[best]), STATUSES[int(verdict.code[best])], controls[int(verdict.decider[best + 1])].paragraph)


def _in_tpp(test: Criterion, die_area: float) -> float | None:
    """The TPP at which a test changes its mind for a die area, None for tests on other facts."""
    if test.metrics == ("tpp",):
        return test.bound
    return test.bound * die_area if test.metrics == ("performance_density",) else None
