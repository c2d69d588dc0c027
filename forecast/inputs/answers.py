"""The vendor's answer: parts that a what-if leaves open and that nobody sells yet become classes of the run.

For each day after the origin on which a regime opens or closes a part, the newest settled product, and the newest whose die area
is known, are cut down to the best part that the law of that day still lets go. A part that comes close to one on sale, or is
beaten by another, is not built.
"""

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.catalogue.history import CLASS_UNITS
from forecast.catalogue.load import Catalogue, with_own
from forecast.cells import tests_of
from forecast.design import DIMENSIONS, OPEN_STATUS, PURPOSES, Part, best_part
from forecast.inputs.axes import Axes, Known, Values, attrs_of
from forecast.inputs.market import OFFERED, SHEETS
from forecast.names import label_quarter, parse_quarter
from forecast.regime import Move, days_in_force, resolve
from forecast.rulebook import OF_STATUS, Fact, provisions_on, statuses
from forecast.scenario import Scenario
from forecast.stages.permissions import OPEN, Provision, reaches

SETTLED = dt.timedelta(days=365)
"""Time since release after which a vendor cuts a product down. Judgement: A800 from a two-year-old A100, H20 from the H100."""

CLOSE = 0.75
"""A part on sale that does this share of what the best part would do in both goods is answer enough. Judgement."""

ABILITIES = {*DIMENSIONS, "performance_density"}
"""Facts of a part that a vendor can change."""

Built = tuple[str, str, float, float, dict[str, float]]
"""Class of a part, class it is cut from, shares kept of rate and memory bandwidth, facts."""

_SEARCHED: dict[Hashable, list[Built]] = {}

PREFIX = "answer_"

CUT = ("h100e", "bandwidth", "tdp", "price")
"""What a part has less of than its product: rate, memory bandwidth, power and price."""


class Answer(NamedTuple):
    """A part that a vendor would bring, and by regime the spells of law to which it is the answer.

    Its class, the class it is cut from, shares kept of rate and memory bandwidth [1], its facts as `classify` takes them.
    """

    name: str
    base: str
    rate: float
    memory: float
    facts: dict[str, float]
    spells: tuple[tuple[str, dt.date, dt.date], ...]

    @property
    def merit(self) -> float:
        """Geometric mean of what is kept of rate and memory bandwidth. [1]"""
        return float(np.sqrt(self.rate * self.memory))

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return f"NVIDIA's answer ({self.facts['tpp']:,.0f} TPP, {self.facts['dram_bandwidth']:,.0f} GB/s)".replace(",", "\u202f")


def answers_of(catalogue: Catalogue, scenario: Scenario) -> tuple[Answer, ...]:
    """Every part that some regime of a scenario calls for, in the order of regimes and days; none under law that stands still.

    Raises BadInput as `resolve` does.
    """
    found: dict[str, Answer] = {}
    for regime in scenario.regimes:
        for answer in _of_regime(catalogue, scenario, regime):
            seen = found.get(answer.name)
            found[answer.name] = seen._replace(spells=(*seen.spells, *answer.spells)) if seen else answer
    return tuple(found.values())


def _of_regime(catalogue: Catalogue, scenario: Scenario, regime: str) -> list[Answer]:
    """Answers to one regime: each stands from the change of law that calls for it to the next that matters to chips."""
    moves = resolve(regime, catalogue.regimes)
    origin = (pd.Timestamp(parse_quarter(scenario.as_of)) + pd.offsets.QuarterEnd()).date()
    spells: list[tuple[dt.date, list[Built]]] = []
    for day in sorted({move.since for move in moves if move.kind in OF_STATUS and move.since > origin}):
        earlier = [move for move in moves if move.since < day]
        if _lines(earlier, day) == _lines(moves, day):
            continue
        parts = _parts(catalogue, moves, day)
        same = [one[0] for one in _parts(catalogue, earlier, day)] == [one[0] for one in parts]
        if not same or _open(catalogue, earlier, day) != _open(catalogue, moves, day):
            spells.append((day, parts))
    ends = [*(day for day, _ in spells), dt.date.max][1:]
    return [Answer(*one, ((regime, day, end),)) for (day, parts), end in zip(spells, ends, strict=True) for one in parts]


def _lines(moves: Sequence[Move], day: dt.date) -> set[Provision]:
    """Controls and reliefs of a day that reach a buyer in China and ask what a part can do, or nothing."""
    controls, reliefs = provisions_on(moves, day)
    rules = [rule for rule in (*controls, *reliefs) if reaches(rule, "CN", None)]
    asked = {rule: {metric for test in tests_of([rule]) for metric in test.metrics} for rule in rules}
    return {rule for rule, metrics in asked.items() if not metrics or metrics & ABILITIES}


def _classes(catalogue: Catalogue) -> pd.DataFrame:
    return catalogue.table("gpus/classes.csv").set_index("gpu_class")


def _products(catalogue: Catalogue, day: dt.date) -> list[str]:
    """What NVIDIA cuts down on a day: its newest settled product, and the newest one whose die area is known."""
    held, quarter = _classes(catalogue), label_quarter(pd.Timestamp(day))
    sheets = catalogue.chips.loc[held["chip"]].set_index(held.index)
    settled = (sheets["released"] <= pd.Timestamp(day - SETTLED)) & sheets["first_us_sale"].notna()
    sold = settled & (held["vendor"] == "NVIDIA") & (held["last_quarter"] >= quarter)
    newest = sheets[sold].sort_values("released", kind="stable")
    known = newest[newest["die_area"].notna()]
    return list(dict.fromkeys([*known.index[-1:], *newest.index[-1:]]))


def _open(catalogue: Catalogue, moves: Sequence[Move], day: dt.date) -> tuple[bool, ...]:
    """Which of the offered classes and products the law of a day lets go."""
    names = [*OFFERED, *_products(catalogue, day)]
    chips = catalogue.chips.loc[_classes(catalogue).loc[names, "chip"]]
    return tuple(bool(code <= OPEN) for code in statuses(chips, moves, day))


def _parts(catalogue: Catalogue, moves: Sequence[Move], day: dt.date) -> list[Built]:
    """The parts that vendors bring under the law of a day; a law that was searched before is not searched again."""
    asked = (
        day,
        *map(tuple, provisions_on(moves, day)),
        tuple(OFFERED),
        *(catalogue.hashes.get(name, "") for name in ("gpus/chips.csv", "gpus/classes.csv")),
    )
    if asked not in _SEARCHED:
        _SEARCHED[asked] = _search(catalogue, moves, day)
    return _SEARCHED[asked]


def _search(catalogue: Catalogue, moves: Sequence[Move], day: dt.date) -> list[Built]:
    """The parts that vendors bring on a day of change, as name, base, shares kept and facts."""
    classes, quarter = _classes(catalogue), label_quarter(pd.Timestamp(day))
    sold = classes.loc[
        [name for name in OFFERED if classes.loc[name, "first_quarter"] <= quarter <= classes.loc[name, "last_quarter"]]
    ]
    sheets = catalogue.chips.loc[sold["chip"]]
    beside = sheets[statuses(sheets, moves, day) <= OPEN]
    rivals = [(row.dense_8bit, row.dram_bandwidth) for row in beside.itertuples() if np.isfinite(row.dense_8bit)]
    found: list[Built] = []
    for base in _products(catalogue, day):
        sheet = catalogue.chips.loc[classes.loc[base, "chip"]]
        for purpose, tightest in product(PURPOSES, ("free", OPEN_STATUS)):
            asked = {"purpose": purpose, "tightest": tightest}
            part = best_part({**_facts(sheet), "chip": str(sheet.name)}, moves, day, **asked)  # type: ignore[arg-type]
            if part is None or part.whole or part.status.startswith("exception"):
                continue
            one = _built(base, sheet, part)
            if one[0] not in [each[0] for each in found]:
                found.append(one)
    does = {one[0]: (one[2] * _rate(catalogue, one[1]), one[4]["dram_bandwidth"]) for one in found}
    return [one for one in found if not _answered(does[one[0]], rivals) and not _beaten(one[0], does)]


def _built(base: str, sheet: pd.Series, part: Part) -> Built:
    """A part as a class: named after what it can do."""
    rate, memory, links = part.left
    facts = {
        "tpp": rate, "dram_bandwidth": memory, "io_bandwidth": links, "die_area": float(sheet["die_area"]),
        "performance_density": rate / float(sheet["die_area"]),
    }  # fmt: skip
    name = f"{PREFIX}{base}_{rate:.0f}_{memory:.0f}"
    return name, base, rate / float(sheet["tpp"]), memory / float(sheet["dram_bandwidth"]), facts


def _facts(sheet: pd.Series) -> dict[str, Fact]:
    """What a search asks of a product."""
    names = ("vendor", "datacenter", "prc_designed", "tpp", "dram_bandwidth", "io_bandwidth", "die_area", "hbm_copackaged")
    return {name: sheet[name] for name in names if not pd.isna(sheet[name])}


def _rate(catalogue: Catalogue, base: str) -> float:
    return float(catalogue.chips.loc[_classes(catalogue).loc[base, "chip"], "dense_8bit"])


def _answered(one: tuple[float, float], rivals: list[tuple[float, float]]) -> bool:
    """Whether something on sale comes close in both goods."""
    return any(rate >= CLOSE * one[0] and np.sqrt(rate * memory) >= CLOSE * np.sqrt(one[0] * one[1]) for rate, memory in rivals)


def _beaten(name: str, does: dict[str, tuple[float, float]]) -> bool:
    """Whether another part does at least as much in rate and memory bandwidth and more in one."""
    own = does[name]
    others = [pair for other, pair in does.items() if other != name]
    return any(rate >= own[0] and memory >= own[1] and (rate, memory) != own for rate, memory in others)


def product_of(gpu_class: str) -> str:
    """The class whose chip a class is cut from; itself where it is no answer."""
    return gpu_class.removeprefix(PREFIX).split("_")[0] if gpu_class.startswith(PREFIX) else gpu_class


def answered(catalogue: Catalogue, scenario: Scenario) -> Catalogue:
    """The catalogue with the scenario's own regimes, and with the classes and chips that vendors' answers add."""
    own = with_own(catalogue, scenario)
    new = () if _known(own) else answers_of(own, scenario)
    if not new:
        return own
    classes, chips = own.table("gpus/classes.csv"), own.chips
    rows = [
        {"gpu_class": one.name, "label": one.label, "label_zh": "", "vendor": "NVIDIA", "origin": "US", "chip": one.name,
         "first_quarter": label_quarter(pd.Timestamp(min(day for _, day, _ in one.spells))), "last_quarter": scenario.last,
         "note": "found by forecast.design", "line": 0}
        for one in new
    ]  # fmt: skip
    sheets = [_sheet(own, one) for one in new]
    tables = {**own.tables, "gpus/classes.csv": pd.concat([classes, pd.DataFrame(rows)], ignore_index=True)}
    return replace(
        own, tables=tables, chips=pd.concat([chips, pd.DataFrame(sheets).astype(chips.dtypes)]).rename_axis(chips.index.name)
    )


def _known(catalogue: Catalogue) -> bool:
    """Whether answers stand in the catalogue already."""
    return bool(catalogue.table("gpus/classes.csv")["gpu_class"].str.startswith(PREFIX).any())


def _sheet(catalogue: Catalogue, one: Answer) -> pd.Series:
    """The sheet of a part: its product's, with what was cut and without a name that a rule knows."""
    base = catalogue.chips.loc[_classes(catalogue).loc[one.base, "chip"]].copy()
    for column in ("dense_8bit", "dense_16bit", "dense_4bit"):
        base[column] *= one.rate
    for fact, value in one.facts.items():
        base[fact] = value
    base["label"], base["aliases"], base["first_us_sale"] = one.label, "", pd.NaT
    return base.rename(one.name)


def answers_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Where the law calls for a vendor's answer (regime, gpu_class, quarter), which classes are answers, and their sheets.

    Rate and memory bandwidth (gpu_class, draw) are the product's times what is kept; power and price follow merit, the geometric
    mean of the two, to powers of their own.
    """
    due = np.zeros((len(axes.regime), len(axes.gpu_class), len(axes.quarter)))
    is_answer = np.asarray(axes.gpu_class.str.startswith(PREFIX), dtype=np.int8)
    arrays = {name: known[name].copy() for name in CUT}
    for one in answers_of(catalogue, scenario) if is_answer.any() else ():
        place, base = axes.gpu_class.get_loc(one.name), axes.gpu_class.get_loc(one.base)
        kept = one.rate, one.memory, one.merit ** known["answer_power"], one.merit ** known["answer_price"]
        for name, share in zip(CUT, kept, strict=True):
            arrays[name][place] = arrays[name][base] * share
        for regime, since, until in one.spells:
            held = days_in_force([day for day in (since, until) if day < dt.date.max], axes.quarter)
            due[axes.regime.get_loc(regime), place] += held[1]
    method = "the law of the regime against what a vendor can cut from its products"
    about = "Share of the quarter in which law calls for this answer of a vendor"
    sheets: Values = {
        name: (("gpu_class", "draw"), array, attrs_of(CLASS_UNITS[name], f"{name} of one chip", SHEETS))
        for name, array in arrays.items()
    }
    return sheets | {
        "answer_due": (("regime", "gpu_class", "quarter"), due, attrs_of("1", about, method)),
        "is_answer": (("gpu_class",), is_answer, attrs_of("1", "One for parts that vendors would bring", method)),
    }
