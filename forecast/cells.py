"""The cells into which the tests of a law cut what may be known of a part: inside a cell no test changes its mind."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from forecast.stages.permissions import Criterion, Provision


class Edge(NamedTuple):
    """Where a cell begins: at a value (closed) or just above it."""

    value: float
    closed: bool = True

    @property
    def point(self) -> float:
        """The lowest number inside the cell."""
        return self.value if self.closed else math.nextafter(self.value, math.inf)


ANOTHER = "(another)"
"""A vendor that no rule names."""

BOTTOM = Edge(0.0)
"""The lowest cell of every fact begins at zero."""


def tests_of(provisions: Iterable[Provision]) -> tuple[Criterion, ...]:
    """Every test of some provisions once, in order."""
    return tuple(dict.fromkeys(test for rule in provisions for branch in rule.branches for test in branch))


def edges(tests: Iterable[Criterion], metrics: Sequence[str]) -> tuple[Edge, ...]:
    """Edges of the cells into which tests on a fact, or on the sum of some facts, cut its range, from the lowest up."""
    cuts = {
        Edge(test.bound, test.relation in (">=", "<", "=="))
        for test in tests
        if test.metrics == tuple(metrics) and test.bound > 0.0
    }
    return (BOTTOM, *sorted(cuts, key=lambda edge: edge.point))


def points(tests: Iterable[Criterion], metrics: Sequence[str]) -> list[float]:
    """The lowest number of each cell, from the lowest cell up."""
    return [edge.point for edge in edges(tests, metrics)]
