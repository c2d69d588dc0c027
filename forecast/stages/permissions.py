"""Export law as numbers: tests on specifications, controls that catch a chip, reliefs that loosen, one status each.

Reading rules. A test on an unknown fact is neither met nor failed but unknown; a control or relief whose outcome is
unknown does not apply (a chip of unknown area is judged on its TPP alone), and the caller can see that it was unknown.
Each control that a chip meets gives a status, loosened by the reliefs that the chip meets; the tightest status wins.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

import numpy as np

Policy = Literal[
    "free",
    "exception_nac",
    "exception_aca",
    "exception_hbm",
    "licence_presumption_of_approval",
    "licence_case_by_case",
    "licence_presumption_of_denial",
    "prohibited",
]
STATUSES: tuple[str, ...] = get_args(Policy)
"""Outcomes from loosest to tightest; their position is their code."""

OPEN = 5
"""Highest code under which chips can go: case by case. A presumption of denial is coded as a zero."""

MET, FAILED, UNKNOWN = 1, 0, -1

Facts = Mapping[str, np.ndarray]
"""What is known of each chip, by name of fact, each an array (chip,): numbers with NaN where unknown, names as text."""


class Metric(NamedTuple):
    """A fact that a test may speak of: number, flag or date; its unit; what it is."""

    kind: str
    unit: str
    about: str


METRICS: dict[str, Metric] = {
    "tpp": Metric("number", "TPP", "Dense rate times bit length, the largest over formats, summed over the package."),
    "performance_density": Metric(
        "number", "TPP/mm2", "TPP over the area of logic dies on non-planar nodes; 0 if there are none."
    ),
    "die_area": Metric("number", "mm2", "That area; memory dies do not count."),
    "dram_bandwidth": Metric("number", "GB/s", "Total bandwidth of the memory in the package or attached to it."),
    "io_bandwidth": Metric("number", "GB/s", "Scale-up link, both directions; the host link where there is no other."),
    "memory": Metric("number", "GB", "Memory as marketed."),
    "datacenter": Metric("flag", "1", "Designed or marketed for data centres."),
    "prc_designed": Metric("flag", "1", "Designed by a firm headquartered in China."),
    "released": Metric("date", "day", "First commercial shipment anywhere."),
    "first_us_sale": Metric("date", "day", "First commercial sale in the United States; empty means none known."),
    "primitive_tpp": Metric("number", "TPP", "Bits times TOPS of digital units outside the processors (rule of 2022)."),
    "analog_tpp": Metric("number", "TPP", "TOPS of analog or multi-level units times 8 (rule of 2022)."),
    "hbm_copackaged": Metric("flag", "1", "Stacks of high-bandwidth memory stand in the package beside the logic."),
    "hbm_stack": Metric("flag", "1", "A stack of high-bandwidth memory, not joined to a dominant logic die."),
    "memory_bandwidth_density": Metric("number", "GB/s/mm2", "Bandwidth of a memory stack over its area."),
    "packager_approved": Metric("flag", "1", "The stack goes to a packaging site that 15 CFR 740.25 accepts."),
    "from_us": Metric("flag", "1", "The item leaves from the United States, not from a third country."),
    "certified": Metric("flag", "1", "The exporter certifies supply, capacity, security and remote users."),
    "tested_in_us": Metric("flag", "1", "An independent American laboratory has tested a sample at home."),
    "recipient_approved": Metric("flag", "1", "The recipient is one that the rule names as approved."),
    "supercomputer": Metric("flag", "1", "The item goes into a supercomputer as 15 CFR 772.1 defines it."),
    "listed_share": Metric("number", "%", "Share of the buyer that listed parties own together, directly or not."),
    "foundry_order": Metric("flag", "1", "The exporter is the fab or packager that made the chip to order."),
    "process_node": Metric("number", "nm", "Node of the logic die; 16 stands for all non-planar logic above it."),
    "transistors": Metric("number", "1e9", "Transistors in the finished package, all dies together."),
    "designer_approved": Metric("flag", "1", "An approved or authorised designer attests less than 3A090.a."),
    "osat_approved": Metric("flag", "1", "An approved packager finishes the chip and attests the transistors."),
    "made_outside": Metric("flag", "1", "Made outside Macau and D:5 by a fab that attests the transistors."),
    "tool": Metric("flag", "1", "Equipment to make chips."),
    "service": Metric("flag", "1", "Installing, servicing or supporting such equipment."),
    "eda": Metric("flag", "1", "Software to design chips."),
    "wavelength": Metric("number", "nm", "Light source of a scanner."),
    "resolution": Metric("number", "nm", "Smallest feature of a scanner: 0.25 times wavelength over numerical aperture."),
    "overlay": Metric("number", "nm", "Largest dedicated chuck overlay of a scanner."),
    "metrology": Metric("flag", "1", "Equipment to measure or inspect wafers."),
    "home_listed": Metric("flag", "1", "On the control list of the country where it is made."),
    "listed_3b": Metric("flag", "1", "In the entries of ECCN 3B001, 3B002, 3B993 or 3B994."),
    "advanced_fab": Metric("flag", "1", "For a fab of logic to 16 nm, DRAM to 18 nm, or NAND from 128 layers."),
    "veu": Metric("flag", "1", "The buyer is a validated end user (15 CFR 748.15)."),
}
"""Facts of an item, of its shipment and of its buyer that tests may speak of."""


class Criterion(NamedTuple):
    """One comparison: the sum of some facts against a bound (dates as days since 1970-01-01, yes as 1)."""

    metrics: tuple[str, ...]
    relation: str
    bound: float
    text: str

    @property
    def kind(self) -> str:
        """Number, flag or date."""
        return METRICS[self.metrics[0]].kind


class Provision(NamedTuple):
    """A control or a relief, ready to be evaluated: any branch will do, within a branch all tests must hold."""

    lever: str
    paragraph: str
    branches: tuple[tuple[Criterion, ...], ...]
    named: tuple[str, ...]
    vendors: tuple[str, ...]
    destinations: tuple[str, ...]
    headquarters: bool
    applies_to: tuple[str, ...]
    policy: int
    origins: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    only_headquartered: tuple[str, ...] = ()
    not_headquartered: tuple[str, ...] = ()


_TEST = re.compile(r"^([a-z_0-9]+(?: \+ [a-z_0-9]+)*) (>=|<=|==|>|<) (\S+)$")
_RELATIONS = {">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, ">": np.greater, "<": np.less}


@lru_cache(maxsize=1024)
def parse_test(text: str) -> Criterion:
    """A test written as 'tpp >= 4800', 'datacenter == yes' or 'first_us_sale <= 2030-06-30'; ValueError if it is none."""
    match = _TEST.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a test; write a fact, a comparison and a value, as in 'tpp >= 4800'")
    metrics = tuple(match[1].split(" + "))
    for name in metrics:
        if name not in METRICS:
            raise ValueError(f"{text!r} speaks of {name!r}; the facts known are {', '.join(METRICS)}")
    kinds = {METRICS[name].kind for name in metrics}
    if len(metrics) > 1 and kinds != {"number"}:
        raise ValueError(f"{text!r} adds up facts that are not numbers")
    return Criterion(metrics, match[2], _bound(text, kinds.pop(), match[2], match[3]), text)


def _bound(text: str, kind: str, relation: str, word: str) -> float:
    """The value of a test as a number."""
    if kind == "flag":
        if relation != "==" or word not in ("yes", "no"):
            raise ValueError(f"{text!r}: a yes-or-no fact is tested as '== yes' or '== no'")
        return float(word == "yes")
    if kind == "date":
        return day_number(dt.date.fromisoformat(word))
    if not re.fullmatch(r"\d+(\.\d+)?", word):
        raise ValueError(f"{text!r}: {word!r} is not a number")
    return float(word)


def day_number(day: dt.date) -> float:
    """A date as days since 1970-01-01."""
    return float((day - dt.date(1970, 1, 1)).days)


def value_of(test: Criterion, facts: Facts) -> np.ndarray:
    """The left side of a test for each chip (chip,), NaN where a fact is unknown."""
    first, *others = (np.asarray(facts[name], dtype=float) for name in test.metrics)
    return sum(others, first)


def outcome(test: Criterion, facts: Facts) -> np.ndarray:
    """MET, FAILED or UNKNOWN for each chip (chip,)."""
    value = value_of(test, facts)
    met = np.asarray(_RELATIONS[test.relation](value, test.bound))
    return np.where(np.isnan(value), UNKNOWN, np.where(met, MET, FAILED)).astype(np.int8)


def _any(parts: Sequence[np.ndarray], size: int) -> np.ndarray:
    """Disjunction with unknowns: met if any is met, else unknown if any is unknown."""
    table = np.array(parts, dtype=np.int8).reshape(-1, size)
    return np.where((table == MET).any(0), MET, np.where((table == UNKNOWN).any(0), UNKNOWN, FAILED)).astype(np.int8)


class Sheet:
    """Facts of some items as a key: equal where every fact is, so that a rule is asked once about the same items."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.key = tuple((name, tuple(one) if one.dtype == object else one.tobytes()) for name, one in facts.items())
        self.hash = hash(self.key)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sheet) and self.key == other.key


def catches(provision: Provision, facts: Facts | Sheet) -> np.ndarray:
    """Whether a provision speaks of each chip (chip,): its vendor and origin are addressed, and its tests hold or it is named."""
    return _caught(provision, facts if isinstance(facts, Sheet) else Sheet(facts))


@lru_cache(maxsize=8192)
def _caught(provision: Provision, sheet: Sheet) -> np.ndarray:
    """The answer of `catches`, which nobody may change: it is given again."""
    found = _asked(provision, sheet.facts)
    found.setflags(write=False)
    return found


def _asked(provision: Provision, facts: Facts) -> np.ndarray:
    """Whether a provision speaks of each chip (chip,), asked anew."""
    size = len(facts["chip"])
    addressed = _among(facts["vendor"], provision.vendors) & _among(facts["origin"], provision.origins)
    if not addressed.any():
        return np.full(size, FAILED, dtype=np.int8)
    found = _any([_branch(branch, facts, size) for branch in provision.branches], size)
    if provision.named:
        found = np.where(_among(facts["chip"], provision.named), MET, found)
    return np.where(addressed, found, FAILED).astype(np.int8)


def _branch(branch: Sequence[Criterion], facts: Facts, size: int) -> np.ndarray:
    """Whether all tests of a branch hold for each chip (chip,); the rest is not asked once every chip has failed one."""
    found = np.full(size, MET, dtype=np.int8)
    for test in branch:
        met = outcome(test, facts)
        found = np.where((found == FAILED) | (met == FAILED), FAILED, np.minimum(found, met))
        if not found.any():
            break
    return found


def _among(words: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Which words are among some names (chip,); all of them if no name is given."""
    return np.array([word in names for word in words], dtype=bool) if names else np.ones(len(words), dtype=bool)


def of_origin(provision: Provision, facts: Facts) -> bool:
    """Whether a provision speaks of goods from where at least one of the items comes from."""
    return bool(_among(facts["origin"], provision.origins).any())


def reaches(provision: Provision, to: str, hq: str | None) -> bool:
    """Whether a provision covers a destination, or the buyer's headquarters where the rule follows those."""
    if to in provision.exempt or (hq is not None and hq in provision.not_headquartered):
        return False
    if provision.only_headquartered and hq not in provision.only_headquartered:
        return False
    places = provision.destinations
    return "any" in places or to in places or (provision.headquarters and hq is not None and hq in places)


class Verdict(NamedTuple):
    """Codes of STATUSES (chip,) and, for each chip, the index of the control that decided, or -1."""

    code: np.ndarray
    decider: np.ndarray


def judge(controls: Sequence[Provision], reliefs: Sequence[Provision], facts: Facts, to: str, hq: str | None = None) -> Verdict:
    """The status of each chip for one destination and one buyer's headquarters, under the provisions of one day."""
    size, sheet = len(facts["chip"]), Sheet(facts)
    code, decider = np.zeros(size, dtype=np.int8), np.full(size, -1, dtype=np.int16)
    for place, control in enumerate(controls):
        if not reaches(control, to, hq):
            continue
        found = np.full(size, control.policy, dtype=np.int8)
        for relief in reliefs:
            if control.paragraph in relief.applies_to and reaches(relief, to, hq):
                eased = np.minimum(found, np.int8(relief.policy))
                found = np.where(catches(relief, sheet) == MET, eased, found)
        tighter = (catches(control, sheet) == MET) & ((decider < 0) | (found > code))
        code, decider = np.where(tighter, found, code), np.where(tighter, place, decider)
    return Verdict(code.astype(np.int8), decider)
