"""The override ledger: each assumption that a scenario changes, by whom, why, on what source, and its effect on the headline."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from forecast.catalogue.load import open_catalogue
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import end_of_year
from forecast.quantity import Quantity
from forecast.rows import grouped, quantiles
from forecast.scenario import Override, Scenario

DRAWS = 256
"""Draws on which the effects are worked out, where a scenario has more."""

CHANNEL = "accessible"


class Entry(NamedTuple):
    """One changed assumption. effect is with it less without it, draw by draw: p05, p25, p50, p75, p95. [H100e]"""

    name: str
    about: str
    unit: str
    default: Quantity
    override: Override
    effect: np.ndarray


class Ledger(NamedTuple):
    """The entries of a scenario, largest median effect first, and all of them together."""

    entries: list[Entry]
    together: np.ndarray
    regime: str
    year: int
    draws: int


def ledger(scenario: Scenario, home: Path | None = None) -> Ledger:
    """Runs the scenario with all its changes, without each, and without any, on the same draws under its first regime.

    Effects need not add up: what one change does depends on the others.
    """
    catalogue = open_catalogue(home)
    few = scenario.model_copy(update={"draws": min(DRAWS, scenario.draws), "regimes": scenario.regimes[:1]})
    year = min(int(scenario.as_of[:4]) + 2, int(scenario.last[:4]) - (not scenario.last.endswith("Q4")))

    def stock(overrides: dict[str, Override]) -> np.ndarray:
        result = run(build_inputs(few.model_copy(update={"overrides": overrides}), catalogue))
        held = grouped(result["compute_nominal"]).sel(channel=CHANNEL, bound=end_of_year(year))
        return np.asarray(held.isel(regime=0).values, dtype=float)

    whole = stock(dict(scenario.overrides))
    entries = []
    for name, override in scenario.overrides.items():
        rest = {key: other for key, other in scenario.overrides.items() if key != name}
        default = catalogue.quantities[name]
        entries.append(Entry(name, default.about, default.unit, default, override, quantiles(whole - stock(rest))))
    together = quantiles(whole - stock({})) if scenario.overrides else np.zeros(5)
    entries.sort(key=lambda entry: -abs(float(entry.effect[2])))
    return Ledger(entries, together, scenario.regimes[0], year, few.draws)
