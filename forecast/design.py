"""The vendor's answer: the best part that a law leaves open, from nothing or from a product that is cut down.

A search over the corners of the law: just below every threshold in force and at the product's own values, in whole units.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from forecast.cells import points, tests_of
from forecast.contract import BadInput
from forecast.regime import Move
from forecast.rulebook import Fact, facts_given, provisions_on
from forecast.stages.permissions import (
    MET,
    METRICS,
    STATUSES,
    Criterion,
    Facts,
    Provision,
    catches,
    judge,
    outcome,
    reaches,
)

Purpose = Literal["training", "serving"]
PURPOSES: dict[str, str] = {
    "training": "rate first; then memory bandwidth and links, by their geometric mean",
    "serving": "geometric mean of rate and memory bandwidth first; then links",
}
"""What makes one part better than another, in order."""

DIMENSIONS = ("tpp", "dram_bandwidth", "io_bandwidth", "die_area")
"""What a vendor may cut: rate, memory bandwidth, links, die area."""

OPEN_STATUS = "licence_case_by_case"
_BEYOND = 1e9
_DESIGN: dict[str, Fact] = {
    "vendor": "NVIDIA",
    "datacenter": True,
    "prc_designed": False,
    "dram_bandwidth": 0.0,
    "io_bandwidth": 0.0,
}


class Design(NamedTuple):
    """The best part that the rules leave open: its TPP (infinite if nothing bounds it), status and the next rule above it."""

    tpp: float
    status: str
    bound_by: str


class Cut(NamedTuple):
    """One dimension of a part: the product's value, what is left, and the rule and test that hold it there (empty if none)."""

    dimension: str
    base: float
    value: float
    rule: str
    test: str

    @property
    def kept(self) -> float:
        """Share of the product's value that is left, 1 if nothing was cut."""
        return self.value / self.base if self.base else 1.0


class Part(NamedTuple):
    """A part cut from a product: its facts, its status, and dimension by dimension what was cut and what holds it.

    `whole` says that the product itself may go as it is; `least_area` is the smallest die [mm2] that carries the rate at the
    product's own density and keeps the status, NaN where the product's area is not known.
    """

    purpose: str
    facts: dict[str, Fact]
    status: str
    paragraph: str
    cuts: tuple[Cut, ...]
    whole: bool
    least_area: float

    @property
    def left(self) -> tuple[float, ...]:
        """What is left of rate, memory bandwidth and links."""
        return tuple(cut.value for cut in self.cuts[:3])


class Bench(NamedTuple):
    """What a search stands on: the rules that ask about the buyer, the product's facts (1,), and where the part goes."""

    controls: tuple[Provision, ...]
    reliefs: tuple[Provision, ...]
    base: Facts
    to: str
    hq: str | None

    @property
    def tests(self) -> tuple[Criterion, ...]:
        """Every test that bears on the buyer."""
        return tests_of((*self.controls, *self.reliefs))

    def value(self, dimension: str) -> float:
        """What the product has of a dimension."""
        return float(self.base[dimension][0])


def best_part(
    product: Mapping[str, Fact],
    moves: Sequence[Move],
    on: dt.date,
    *,
    purpose: Purpose = "training",
    tightest: str = OPEN_STATUS,
    to: str = "CN",
    hq: str | None = None,
    sold_at_home: dt.date | None = None,
) -> Part | None:
    """The best part within a product's values whose status on a day is no tighter than asked; None if there is none.

    product: its facts as `classify` takes them, with tpp, dram_bandwidth and io_bandwidth. A part that is cut is a new one: no
    rule names it, and it was first sold at home on `sold_at_home`, or never. Where the product's die area is not known, each
    rule on density is taken at its worst. Raises BadInput on a missing fact, an unknown purpose or status.
    """
    bench = _bench(product, moves, on, to, hq)
    _asked(bench, purpose, tightest)
    limit = STATUSES.index(tightest)
    if _worst(bench, bench.base)[0] <= limit:
        return _part(bench, bench.base, purpose, limit, whole=True)
    bench = bench._replace(base=_renewed(bench.base, sold_at_home))
    tried = _corners(bench)
    allowed = _worst(bench, tried) <= limit
    if not allowed.any():
        return None
    best = int(np.lexsort([*reversed(_merit(tried, purpose, bench)), allowed])[-1])
    return _part(bench, {name: values[[best]] for name, values in tried.items()}, purpose, limit, whole=False)


def ladder(product: Mapping[str, Fact], moves: Sequence[Move], on: dt.date, **asked: object) -> list[Part]:
    """The best part at each status from free to case by case, where better than the rung below; asked as `best_part`."""
    rungs: list[Part] = []
    for status in STATUSES[: STATUSES.index(OPEN_STATUS) + 1]:
        part = best_part(product, moves, on, tightest=status, **asked)  # type: ignore[arg-type]
        if part is not None and (not rungs or rungs[-1].left != part.left):
            rungs.append(part)
    return rungs


def _bench(product: Mapping[str, Fact], moves: Sequence[Move], on: dt.date, to: str, hq: str | None) -> Bench:
    """Rules of the day that ask about the buyer, and the product's facts."""
    controls, reliefs = provisions_on(moves, on)
    asked = [tuple(rule for rule in rules if reaches(rule, to, hq)) for rules in (controls, reliefs)]
    return Bench(asked[0], asked[1], facts_given(product), to, hq)


def _asked(bench: Bench, purpose: str, tightest: str) -> None:
    """Raises BadInput on what cannot be searched."""
    if purpose not in PURPOSES:
        raise BadInput("not a purpose", key="for", found=purpose, expected=" or ".join(PURPOSES))
    if tightest not in STATUSES:
        raise BadInput("not a status", key="tightest", found=tightest, expected=", ".join(STATUSES))
    for dimension in DIMENSIONS[:3]:
        if not bench.value(dimension) > 0.0:
            raise BadInput("the product lacks a fact", key=dimension, expected=f"a number above zero [{METRICS[dimension].unit}]",
                           mend=f"give it: --{dimension.replace('_', '-')}")  # fmt: skip


def _renewed(base: Facts, sold_at_home: dt.date | None) -> Facts:
    """Facts of a new part that is cut from a product: without its name, sold at home on a day or never."""
    day = sold_at_home or dt.date.max
    return {**base, "chip": np.array([""], dtype=object), "first_us_sale": np.array([float((day - dt.date(1970, 1, 1)).days)])}


def _corners(bench: Bench) -> dict[str, np.ndarray]:
    """Facts of all parts worth trying (part,): every dimension at the product's value or just below a threshold."""
    area = bench.value("die_area")
    tpp, dram, links = (bench.value(name) for name in DIMENSIONS[:3])
    rates = {tpp, *_below(bench.tests, ("tpp",), tpp)}
    rates |= {_under(density * area) for density in points(bench.tests, ("performance_density",)) if 0.0 < density * area <= tpp}
    memories = {dram, *_below(bench.tests, ("dram_bandwidth",), dram)}
    joints = {links, *_below(bench.tests, ("io_bandwidth",), links)}
    pairs = {(d, j) for d in memories for j in joints} | _shared(bench.tests, memories, joints)
    inside = [(d, j) for d, j in sorted(pairs) if 0.0 <= d <= dram and 0.0 <= j <= links]
    tried = [(rate, *pair) for rate in sorted(rates) if 0.0 < rate <= tpp for pair in inside]
    many = {name: np.repeat(values, len(tried)) for name, values in bench.base.items()}
    for place, name in enumerate(DIMENSIONS[:3]):
        many[name] = np.array([each[place] for each in tried], dtype=float)
    return {**many, "performance_density": many["tpp"] / many["die_area"]}


def _under(bound: float) -> float:
    """The largest whole number below a bound."""
    return float(math.ceil(bound) - 1)


def _below(tests: Iterable[Criterion], metrics: tuple[str, ...], base: float) -> set[float]:
    """The largest whole number below each threshold on a fact that a product's value reaches."""
    return {_under(point) for point in points(tests, metrics) if 0.0 < point <= base}


def _shared(tests: Iterable[Criterion], memories: Iterable[float], joints: Iterable[float]) -> set[tuple[float, float]]:
    """Memory and link bandwidths just below a threshold on their sum: one at a corner and the rest for the other, or halves."""
    found = set()
    for point in points(tests, ("dram_bandwidth", "io_bandwidth"))[1:]:
        total = _under(point)
        found |= {(d, total - d) for d in memories} | {(total - j, j) for j in joints}
        found.add((total - math.floor(total / 2), float(math.floor(total / 2))))
    return found


def _worst(bench: Bench, tried: Facts) -> np.ndarray:
    """Codes of STATUSES (part,); where the die area is not known, the tightest over all densities."""
    densities = points(bench.tests, ("performance_density",))
    known = not np.isnan(tried["performance_density"]).any()
    cases = [tried] if known else [{**tried, "performance_density": np.full(len(tried["tpp"]), each)} for each in densities]
    codes: np.ndarray = np.max([judge(bench.controls, bench.reliefs, case, bench.to, bench.hq).code for case in cases], axis=0)
    return codes


def _merit(tried: Facts, purpose: str, bench: Bench) -> list[np.ndarray]:
    """What makes one part better than another, first things first, each relative to the product."""
    rate, memory, links = (tried[name] / bench.value(name) for name in DIMENSIONS[:3])
    if purpose == "training":
        return [rate, np.sqrt(memory * links), memory]
    return [np.sqrt(rate * memory), rate, links]


def _part(bench: Bench, chosen: Facts, purpose: str, limit: int, *, whole: bool) -> Part:
    """The part as a reader wants it, with what holds each dimension."""
    verdict = judge(bench.controls, bench.reliefs, chosen, bench.to, bench.hq)
    decider = int(verdict.decider[0])
    cuts = []
    for name in DIMENSIONS:
        value = float(chosen[name][0])
        rule, test = ("", "") if value >= bench.value(name) or math.isnan(value) else _holds(bench, chosen, name, limit)
        cuts.append(Cut(name, bench.value(name), value, rule, test))
    facts: dict[str, Fact] = {name: float(chosen[name][0]) for name in (*DIMENSIONS, "performance_density")}
    return Part(
        purpose=purpose,
        facts=facts,
        status=STATUSES[int(_worst(bench, chosen)[0])],
        paragraph=bench.controls[decider].paragraph if decider >= 0 else "none",
        cuts=tuple(cuts),
        whole=whole,
        least_area=_least_area(bench, chosen, limit),
    )


def _holds(bench: Bench, chosen: Facts, dimension: str, limit: int) -> tuple[str, str]:
    """The paragraph and the test that a part would run into with one unit more of a dimension."""
    more = {**chosen, dimension: chosen[dimension] + 1.0}
    more["performance_density"] = more["tpp"] / more["die_area"]
    if _worst(bench, more)[0] <= limit:
        return "", ""
    for rule in (*bench.reliefs, *bench.controls):
        if (catches(rule, chosen)[0] == MET) == (catches(rule, more)[0] == MET):
            continue
        turned = [test for branch in rule.branches for test in branch if outcome(test, chosen)[0] != outcome(test, more)[0]]
        if turned:
            return rule.paragraph, turned[0].text
    return _at_worst(bench, chosen, more)


def _at_worst(bench: Bench, chosen: Facts, more: Facts) -> tuple[str, str]:
    """The control that stops a part of unknown density when its density is at its worst."""
    for density in reversed(points(bench.tests, ("performance_density",))):
        case = {**more, "performance_density": np.full(len(more["tpp"]), density)}
        decider = int(judge(bench.controls, bench.reliefs, case, bench.to, bench.hq).decider[0])
        if decider >= 0:
            rule = bench.controls[decider]
            texts = [test.text for test in tests_of([rule]) if outcome(test, chosen)[0] != outcome(test, case)[0]]
            return rule.paragraph, f"{next((text for text in texts if 'density' not in text), rule.lever)}, whatever the density"
    return "", ""


def _least_area(bench: Bench, chosen: Facts, limit: int) -> float:
    """The smallest whole die area [mm2] that carries the rate at the product's own density and keeps the status."""
    area = bench.value("die_area")
    if math.isnan(area):
        return math.nan
    rate = float(chosen["tpp"][0])
    smallest = math.ceil(rate / (bench.value("tpp") / area))
    areas = np.arange(smallest, math.floor(area) + 1, dtype=float)
    many = {name: np.repeat(values, len(areas)) for name, values in chosen.items()}
    many |= {"die_area": areas, "performance_density": rate / areas}
    kept = areas[judge(bench.controls, bench.reliefs, many, bench.to, bench.hq).code <= limit]
    return float(kept[0]) if len(kept) else area


def compliant_design(
    moves: Sequence[Move],
    on: dt.date,
    die_area: float,
    *,
    to: str = "CN",
    tightest: str = OPEN_STATUS,
    **facts: Fact,
) -> Design:
    """The highest whole TPP of a data-centre part of a die area [mm2] whose status on a day is no tighter than asked.

    Further facts by name: `dram_bandwidth`, `io_bandwidth` (zero leaves them out of the question), `first_us_sale`, `vendor`.
    `tightest="free"` asks for a part that needs nothing at all. A simple search: just below and at every threshold on TPP or
    density in force, and far above them all.
    """
    controls, reliefs = provisions_on(moves, on)
    tests = tests_of((*controls, *reliefs))
    bounds = [math.ceil(bound) for test in tests if (bound := _in_tpp(test, die_area)) is not None]
    tpp = np.array(sorted({*bounds, *(bound - 1 for bound in bounds), _BEYOND}), dtype=float)
    one = facts_given({**_DESIGN, **facts, "die_area": die_area})
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
