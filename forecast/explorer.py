"""What moves when a lever or an input moves, answered at once: the model on few draws, beside the unchanged world.

The inputs of a world are drawn once; a lever then changes only what the law changes in them. A setting is the same as on the
command line (`--set`), so what is explored can be written down as a scenario, and a run of it on as many draws says the same.
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.adhoc import CHILD, DEFAULT, question
from forecast.catalogue.load import Catalogue, open_catalogue, with_own
from forecast.contract import BadInput
from forecast.inputs import Reads, build_again, built
from forecast.inputs.answers import answered
from forecast.inputs.axes import Axes
from forecast.inputs.fabs import foundry_inputs, line_levers_inputs
from forecast.inputs.law import scalars_inputs, stacks_ahead_inputs
from forecast.model.live import Live
from forecast.names import CHANNELS, INPUTS, end_of_year, label_quarter, quarters_between
from forecast.regime import BY_FIRM, BY_VENDOR, LEVERS, NO_EFFECT, Lever, parted, plain_name, resolve, scalar_path
from forecast.rows import GROUPS, quantiles
from forecast.scenario import Scenario
from forecast.sensitivity import tornado

LIVE = 512
"""Draws of the live chart."""

SHOWN_TO = 2030
"""Year to whose end the chart runs, and the model for it, where the scenario goes on longer."""

SUMS = ("onshore", "accessible")
MOST_INPUTS = 4
"""Inputs with a control of their own: those that move the headline most."""

HEADLINE_YEAR = 2028
LEAST_DRAWS = 128
"""Draws on which inputs are ranked by what they move, at least."""

LEAST, MOST = 0.25, 4.0
"""Range of the factor on an input."""


OF_LEVERS = (scalars_inputs, stacks_ahead_inputs)
"""What builds the inputs that levers set, but for those by line; what thresholds permit no lever moves."""


class Answer(NamedTuple):
    """Stock at bounds with quantiles p05, p25, p50, p75, p95, unchanged and changed, and the paired effect. [H100e]"""

    channel: str
    bounds: pd.DatetimeIndex
    before: np.ndarray
    after: np.ndarray
    effect: np.ndarray
    year: int
    draws: int
    seconds: float


class Explorer:
    """One scenario's world under one regime, and what settings make of it.

    `word` is a scenario (its first regime) or a regime. Raises BadInput where there is none of that name.
    """

    def __init__(self, word: str, draws: int = LIVE, home: Path | None = None) -> None:
        self.word, self.draws, self.home = word, draws, home
        self.catalogue: Catalogue = open_catalogue(home)
        self.scenario = question(word, (), draws, home)
        whole = word == self.scenario.name or Path(word).suffix in (".yaml", ".yml")
        self.parent = self.scenario.name if whole else DEFAULT
        self.regime = self.scenario.regimes[0] if whole else plain_name(word)
        self._world = lru_cache(maxsize=2)(self._unchanged)
        self._scaled = lru_cache(maxsize=1)(self._with_factors)

    @property
    def levers(self) -> dict[str, Lever]:
        """Levers that move something in the model and that no overlay of the regime holds."""
        overlays = parted(self.regime)[1]
        book = with_own(self.catalogue, self.scenario).regimes
        held = {move.lever for name in overlays for move in book[name].moves}
        return {name: lever for name, lever in LEVERS.items() if lever.acts_on != NO_EFFECT and name not in held}

    def stands_at(self, since: str) -> dict[str, float]:
        """The value of each lever under the unchanged regime, at the end of a quarter."""
        moves = resolve(self.regime, with_own(self.catalogue, self.scenario).regimes)
        quarter = quarters_between(since, since)
        return {name: float(scalar_path(moves, name, quarter)[0]) for name in self.levers}

    @property
    def quarters(self) -> list[str]:
        """Quarters from which a lever can move."""
        return [label_quarter(each) for each in quarters_between(self.scenario.as_of, self.scenario.last)[1:]]

    @property
    def first(self) -> str:
        """The first quarter of the year after the origin, where the run reaches it."""
        quarter = f"{int(self.scenario.as_of[:4]) + 1}Q1"
        return quarter if quarter in self.quarters else self.quarters[0]

    def main_inputs(self, most: int = MOST_INPUTS) -> list[str]:
        """Inputs that move accessible compute at the headline year most, by rank, among those that take a factor."""
        inputs, _, live = self._world(max(self.draws, LEAST_DRAWS))
        stock = self._sum(live.stock, "accessible")[self._at(live)]
        table = tornado(inputs, stock, f"{self._year()}Q4")
        names = [str(name) for name in table["input"] if name in INPUTS]
        return names[:most]

    def settings(self, levers: Mapping[str, float], factors: Mapping[str, float], since: str) -> tuple[list[str], list[str]]:
        """What differs from the unchanged world, as typed on the command line: levers and inputs."""
        stands = self.stands_at(since)
        moved = [f"{name}={value:.6g}@{since}" for name, value in levers.items() if abs(value - stands[name]) > 1e-9]
        return moved, [f"{name}={by:.6g}x" for name, by in factors.items() if abs(by - 1.0) > 1e-9]

    def asked(self, moved: list[str], scaled: list[str], draws: int | None = None) -> Scenario:
        """The scenario in memory that the settings make; its last regime is the changed one."""
        return question(self.word, [*moved, *scaled], draws or self.draws, self.home)

    def answer(self, moved: list[str], scaled: list[str], channel: str = "accessible", draws: int | None = None) -> Answer:
        """Stocks without and with the settings on the same draws. Raises BadInput where a setting cannot be used."""
        clock, many = time.perf_counter(), draws or self.draws
        if channel not in SUMS:
            raise BadInput("no such sum of channels", key="channel", found=channel, expected=", ".join(SUMS))
        chosen = self.asked(moved, scaled, many)
        unchanged = self._world(many)[2]
        inputs, live = self._scaled(tuple(scaled), many) if scaled else (self._world(many)[0], unchanged)
        stock = live.stock
        if moved:
            name = next(each for each in chosen.regimes if parted(each)[0] == CHILD)
            one = chosen.model_copy(update={"regimes": (name,)})
            stock = live.again(under(inputs, one, self.catalogue, {text.partition("=")[0] for text in moved}))
        before, after = (self._sum(each, channel) for each in (unchanged.stock, stock))
        effect = after[self._at(live)] - before[self._at(live)]
        return Answer(
            channel, pd.DatetimeIndex(live.bound), quantiles(before), quantiles(after), quantiles(effect), self._year(), many,
            time.perf_counter() - clock,
        )  # fmt: skip

    def _year(self) -> int:
        return min(HEADLINE_YEAR, int(self.scenario.last[:4]) - (0 if self.scenario.last.endswith("Q4") else 1))

    def _at(self, live: Live) -> int:
        """Place of the end of the headline year among the bounds."""
        return int(live.bound.get_loc(end_of_year(self._year())))

    def _last(self, inputs: xr.Dataset) -> int:
        """Place of the last quarter that is shown."""
        shown = np.flatnonzero(inputs["quarter"].dt.year.values <= SHOWN_TO)
        return int(shown[-1])

    def _unchanged(self, draws: int) -> tuple[xr.Dataset, Reads, Live]:
        """Inputs under the unchanged regime, what each was built from, and the world that they make."""
        chosen = self.asked([], [], draws).model_copy(update={"regimes": (self.regime,)})
        inputs, reads = built(chosen, self.catalogue)
        return inputs, reads, Live(inputs, self._last(inputs))

    def _with_factors(self, scaled: tuple[str, ...], draws: int) -> tuple[xr.Dataset, Live]:
        """The same with factors on some inputs: only those and what rests on them is built again."""
        plain, reads, _ = self._world(draws)
        chosen = self.asked([], list(scaled), draws).model_copy(update={"regimes": (self.regime,)})
        inputs = build_again(plain, reads, chosen, self.catalogue, {text.partition("=")[0] for text in scaled})
        return inputs, Live(inputs, self._last(inputs))

    @staticmethod
    def _sum(stock: np.ndarray, channel: str) -> np.ndarray:
        """A sum over channels of a stock (channel, bound, draw). [H100e]"""
        return np.asarray(stock[[CHANNELS.index(name) for name in GROUPS[channel]]].sum(axis=0))


def under(inputs: xr.Dataset, scenario: Scenario, catalogue: Catalogue, levers: set[str]) -> dict[str, xr.Variable]:
    """What the one regime of a scenario sets in inputs built for its parent, from which it differs in levers alone."""
    catalogue = answered(catalogue, scenario)
    axes = Axes(scenario, catalogue)
    named = {line_levers_inputs: BY_FIRM, foundry_inputs: BY_VENDOR}
    builders = (*OF_LEVERS, *(build for build, its in named.items() if levers & set(its)))
    law = {name: part for build in builders for name, part in build(catalogue, scenario, axes, {}).items()}
    return {name: xr.Variable(*parts) for name, parts in law.items()}
