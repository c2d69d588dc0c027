"""Where two laws differ: the cells of what may be known of a part, and the fewest boxes of cells that hold a difference."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from forecast.cells import ANOTHER, BOTTOM, Edge, edges, tests_of
from forecast.rulebook import SHIPMENT
from forecast.stages.permissions import METRICS, Criterion, Facts, Provision, judge

SUM = ("dram_bandwidth", "io_bandwidth")
Box = tuple[tuple[int, int], ...]
"""First and last cell, the last not included, along each axis."""


class Subject(NamedTuple):
    """A kind of thing that laws speak of: its name in the plural, the facts that vary, those that are fixed, and its mark.

    A subject with a mark is looked at only where a rule that asks for that fact differs; one without vendors is made by none
    that a rule names.
    """

    name: str
    varies: tuple[str, ...]
    fixed: Mapping[str, float]
    mark: str = ""
    vendors: bool = True


SPEC = ("datacenter", "tpp", "performance_density", *SUM, "first_us_sale")
SUBJECTS = (
    Subject("parts", SPEC, {"from_us": 1.0}),
    Subject("parts designed in China", SPEC, {"from_us": 1.0, "prc_designed": 1.0}, "prc_designed", vendors=False),
    Subject(
        "stacks of high-bandwidth memory",
        ("memory_bandwidth_density", "packager_approved"),
        {"from_us": 1.0, "hbm_stack": 1.0},
        "memory_bandwidth_density",
    ),
)
"""Goods that leave from the United States; a fact that neither varies nor is fixed is as usual in a shipment, else zero or no."""


def asked_of(subject: Subject, rules: Iterable[Provision]) -> bool:
    """Whether some of the rules that differ speak of a subject in particular, or it is the general one."""
    return not subject.mark or any((subject.mark,) == test.metrics for test in tests_of(rules))


class Axis(NamedTuple):
    """One fact cut into cells: its metrics (two for their sum, none for the vendor), the edges, or groups of vendors."""

    metrics: tuple[str, ...]
    edges: tuple[Edge, ...]
    vendors: tuple[tuple[str, ...], ...] = ()

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.vendors) or len(self.edges)


class Cells(NamedTuple):
    """All cells of a subject: its axes, one part inside each cell (cell,), and which cells can exist at all (axes' shape)."""

    axes: tuple[Axis, ...]
    facts: dict[str, np.ndarray]
    real: np.ndarray

    def codes(self, controls: Sequence[Provision], reliefs: Sequence[Provision], to: str, hq: str | None) -> np.ndarray:
        """Codes of STATUSES in each cell (axes' shape)."""
        return judge(controls, reliefs, self.facts, to, hq).code.reshape(self.real.shape)


def cells_of(subject: Subject, rules: Iterable[Provision], differing: Iterable[Provision] = ()) -> Cells:
    """The cells into which some rules cut a subject; vendors whom the differing ones treat alike lie side by side."""
    held = tuple(rules)
    tests = tests_of(held)
    keys = [(name,) for name in subject.varies] + ([SUM] if {*SUM} <= {*subject.varies} else [])
    axes = [Axis(key, _edges(tests, key)) for key in keys] + [
        Axis((), (), _vendor_groups(held, tuple(differing)) if subject.vendors else ((ANOTHER,),))
    ]
    index = np.meshgrid(*(np.arange(axis.size) for axis in axes), indexing="ij")
    shape = index[0].shape
    facts = {name: np.full(shape, subject.fixed.get(name, SHIPMENT.get(name, 0.0))) for name in METRICS}
    for axis, place in zip(axes, index, strict=True):
        if len(axis.metrics) == 1:
            facts[axis.metrics[0]] = np.array([edge.point for edge in axis.edges])[place]
    real = np.ones(shape, dtype=bool)
    if SUM in keys:
        three = [keys.index(key) for key in ((SUM[0],), (SUM[1],), SUM)]
        facts[SUM[0]], facts[SUM[1]], real = _summed(*((axes[place], index[place]) for place in three))
    names = np.empty(len(axes[-1].vendors), dtype=object)
    names[:] = [group[0] for group in axes[-1].vendors]
    flat = {name: values.ravel() for name, values in facts.items()}
    flat |= {"vendor": names[index[-1]].ravel(), "chip": np.full(real.size, "", dtype=object)}
    flat["origin"] = np.full(real.size, "CN" if subject.fixed.get("prc_designed") else "US", dtype=object)
    return Cells(tuple(axes), flat, real)


def _edges(tests: Sequence[Criterion], key: tuple[str, ...]) -> tuple[Edge, ...]:
    """Edges along one fact; a yes-or-no fact has two cells where a test asks for it."""
    if METRICS[key[0]].kind != "flag":
        return edges(tests, key)
    return (BOTTOM, Edge(1.0)) if any(test.metrics == key for test in tests) else (BOTTOM,)


def _vendor_groups(rules: Sequence[Provision], differing: Sequence[Provision]) -> tuple[tuple[str, ...], ...]:
    """Vendors that no rule tells apart: first those whom the differing rules name, all that no rule names last."""
    lists = dict.fromkeys(rule.vendors for rule in rules if rule.vendors)
    named = dict.fromkeys(vendor for names in lists for vendor in names)
    groups: dict[tuple[bool, ...], list[str]] = {}
    for vendor in named:
        groups.setdefault(tuple(vendor in names for names in lists), []).append(vendor)
    apart = sorted({rule.vendors for rule in differing if rule.vendors})
    ordered = sorted(groups.values(), key=lambda group: tuple(group[0] not in names for names in apart))
    return (*map(tuple, ordered), (ANOTHER,))


def _summed(*given: tuple[Axis, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two facts that lie in their own cells while their sum lies in its cell, and where that can be."""
    low, high = [], []
    for axis, place in given:
        points = np.array([*(edge.point for edge in axis.edges), np.inf])
        low.append(points[place])
        high.append(points[place + 1])
    total = np.maximum(low[2], low[0] + low[1])
    room = np.minimum((high[0] - low[0]) / 2.0, 0.5)
    first = np.clip(total - low[1], low[0], np.where(np.isinf(high[0]), np.inf, high[0] - room))
    second = total - first
    return first, second, (total < high[2]) & (second >= low[1]) & (second < high[1])


def boxes(target: np.ndarray, may: np.ndarray, real: np.ndarray) -> list[Box]:
    """Few boxes that together hold every cell of a target, and of the others that can exist only such as may be held.

    The boxes that say least come first.
    """
    allowed, left, found = may | target | ~real, target & real, []
    while left.any():
        seed = tuple(int(place) for place in np.argwhere(left)[0])
        grown = {_grown(seed, allowed, order) for order in _orders(target.ndim)}
        best = max(grown, key=lambda box: (int(left[_slices(box)].sum()), _free(box, target.shape), box))
        found.append(best)
        left[_slices(best)] = False
    return sorted(found, key=lambda box: (-_free(box, target.shape), box))


def _orders(axes: int) -> Iterable[tuple[int, ...]]:
    """Orders in which a box grows: each pair of axes first, the rest as they come."""
    for first, second in itertools.permutations(range(axes), 2):
        yield (first, second, *(axis for axis in range(axes) if axis not in (first, second)))


def _grown(seed: tuple[int, ...], allowed: np.ndarray, order: Sequence[int]) -> Box:
    """The box around a cell that grows along one axis after the other as far as it may."""
    box = [(place, place + 1) for place in seed]
    for axis in order:
        for step in (-1, 1):
            while True:
                low, high = box[axis]
                new = low - 1 if step < 0 else high
                if not 0 <= new < allowed.shape[axis]:
                    break
                slab = [slice(*edge) for edge in box]
                slab[axis] = slice(new, new + 1)
                if not allowed[tuple(slab)].all():
                    break
                box[axis] = (min(low, new), max(high, new + 1))
    return tuple(box)


def _slices(box: Box) -> tuple[slice, ...]:
    """A box as an index."""
    return tuple(slice(*edge) for edge in box)


def held_by(box: Box, shape: Sequence[int]) -> np.ndarray:
    """Whether each cell lies in a box (axes' shape)."""
    inside = np.zeros(shape, dtype=bool)
    inside[_slices(box)] = True
    return inside


def _free(box: Box, shape: Sequence[int]) -> int:
    """Along how many axes a box says nothing."""
    return sum(edge == (0, size) for edge, size in zip(box, shape, strict=True))


def within(box: Box, cells: Cells, facts: Facts, at: int) -> bool:
    """Whether a part lies in a box; a fact that is not known lies in no bounded range."""
    for (low, high), axis in zip(box, cells.axes, strict=True):
        if (low, high) == (0, axis.size):
            continue
        if axis.vendors:
            named = {vendor for group in axis.vendors[:-1] for vendor in group}
            vendor = facts["vendor"][at] if facts["vendor"][at] in named else ANOTHER
            if not any(vendor in group for group in axis.vendors[low:high]):
                return False
            continue
        value = float(sum(facts[name][at] for name in axis.metrics))
        top = axis.edges[high].point if high < axis.size else np.inf
        if not axis.edges[low].point <= value < top:
            return False
    return True
