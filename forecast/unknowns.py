"""What a part with missing facts could be: every status that some value of the missing facts would give."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from forecast.cells import ANOTHER, points, tests_of
from forecast.stages.permissions import (
    FAILED,
    METRICS,
    STATUSES,
    UNKNOWN,
    Criterion,
    Facts,
    Provision,
    catches,
    judge,
    outcome,
    reaches,
)


class Possible(NamedTuple):
    """Statuses that missing facts leave open, from loosest to tightest; the facts it hangs on; the tests left undecided."""

    statuses: tuple[str, ...]
    facts: tuple[str, ...]
    tests: tuple[str, ...]


def possible(facts: Facts, controls: Sequence[Provision], reliefs: Sequence[Provision], to: str, hq: str | None) -> Possible:
    """All statuses of one part (facts of shape (1,)) over the cells of what is not known of it; an empty vendor is not known."""
    asked = [rule for rule in (*controls, *reliefs) if reaches(rule, to, hq)]
    axes = _axes(facts, [_undecided_part(rule, facts) for rule in asked])
    grid = dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True)) if axes else {}
    shape = next(iter(grid.values())).shape if grid else (1,)
    filled = {name: np.full(shape, values[0], dtype=values.dtype).ravel() for name, values in facts.items()}
    filled |= {name: values.ravel() for name, values in grid.items()}
    if "performance_density" not in axes:
        filled = _with_density(filled)
    code = judge(controls, reliefs, filled, to, hq).code.reshape(shape)
    hangs = [name for place, name in enumerate(axes) if (code.max(axis=place) != code.min(axis=place)).any()]
    return Possible(
        statuses=tuple(STATUSES[int(each)] for each in np.unique(code)),
        facts=tuple(hangs),
        tests=tuple(dict.fromkeys(test.text for rule in asked for test in _undecided(rule, facts, hangs))),
    )


def _undecided_part(rule: Provision, facts: Facts) -> Provision:
    """A rule without the branches that what is known has already failed, and without tests if its vendors are others."""
    vendor = str(facts["vendor"][0])
    if rule.vendors and vendor and vendor not in rule.vendors:
        return rule._replace(branches=(), vendors=())
    return rule._replace(branches=tuple(branch for branch in rule.branches if _can_hold(branch, facts)))


def _can_hold(branch: Sequence[Criterion], facts: Facts) -> bool:
    """Whether no test of a branch fails on what is known."""
    return all(outcome(test, facts)[0] != FAILED for test in branch)


def _axes(facts: Facts, asked: Sequence[Provision]) -> dict[str, np.ndarray]:
    """Values to try of each missing fact that a rule asks for, one for each cell."""
    tests = tests_of(asked)
    wanted = {name for test in tests for name in test.metrics}
    missing = [name for name in METRICS if name in wanted and np.isnan(facts[name][0])]
    area_known = not np.isnan(facts["die_area"][0])
    if "performance_density" in missing and area_known:
        named = ["tpp", *(name for name in missing if name != "performance_density")]
        missing = [name for name in dict.fromkeys(named) if np.isnan(facts[name][0])]
    axes: dict[str, np.ndarray] = {}
    for name in missing:
        found = {*points(tests, (name,)), *_from_sums(tests, name, facts)}
        if name == "tpp" and area_known:
            found |= {density * float(facts["die_area"][0]) for density in points(tests, ("performance_density",))}
        axes[name] = np.array([0.0, 1.0] if METRICS[name].kind == "flag" else sorted(found))
    vendors = sorted({vendor for rule in asked for vendor in rule.vendors})
    if vendors and not facts["vendor"][0]:
        axes["vendor"] = np.array([*vendors, ANOTHER], dtype=object)
    return axes


def _from_sums(tests: Iterable[Criterion], name: str, facts: Facts) -> set[float]:
    """What a fact must reach for a sum with others to reach its bound, missing ones sharing what the known ones leave."""
    found = set()
    for test in tests:
        if len(test.metrics) > 1 and name in test.metrics:
            values = [float(facts[each][0]) for each in test.metrics]
            known = [value for value in values if value == value]
            found.add(max((test.bound - sum(known)) / (len(values) - len(known)), 0.0))
    return found


def _with_density(facts: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Facts with performance density worked out from TPP and area where it is missing."""
    density = facts["performance_density"]
    return {**facts, "performance_density": np.where(np.isnan(density), facts["tpp"] / facts["die_area"], density)}


def _undecided(rule: Provision, facts: Facts, hangs: Sequence[str]) -> list[Criterion]:
    """Tests on the facts that matter which keep a rule from being decided."""
    if catches(rule, facts)[0] != UNKNOWN and not (rule.vendors and not facts["vendor"][0]):
        return []
    held = [test for branch in rule.branches if _can_hold(branch, facts) for test in branch]
    return [test for test in held if outcome(test, facts)[0] == UNKNOWN and set(test.metrics) & {*hangs}]
