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
from forecast.inputs import build_inputs
from forecast.inputs.axes import Axes
from forecast.inputs.fabs import line_levers_inputs
from forecast.inputs.law import ahead_inputs, levers_inputs
from forecast.model import run
from forecast.names import INPUTS, end_of_year, label_quarter, quarters_between
from forecast.regime import LEVERS, NO_EFFECT, Lever, parted, plain_name, resolve, scalar_path
from forecast.rows import grouped, quantiles
from forecast.scenario import Scenario
from forecast.sensitivity import tornado

LIVE = 128
"""Draws of the live chart: one regime on so many answers in less than 0.3 s on two cores."""

FULL = 512
"""Draws on request."""

CHANNELS = ("onshore", "accessible")
MOST_INPUTS = 4
"""Inputs with a control of their own: those that move the headline most."""

HEADLINE_YEAR = 2028
LEAST, MOST = 0.25, 4.0
"""Range of the factor on an input."""


OF_LAW = (levers_inputs, ahead_inputs, line_levers_inputs)
"""What builds the inputs that a regime sets."""


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
        self._inputs = lru_cache(maxsize=8)(self._drawn)
        self._before = lru_cache(maxsize=4)(lambda many: self._stock(self._inputs((), many)))

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
        many = max(self.draws, LIVE)
        inputs = self._inputs((), many)
        stock = self._before(many).sel(channel="accessible", bound=end_of_year(self._year()))
        table = tornado(inputs, stock.values.astype(float), f"{self._year()}Q4")
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
        if channel not in CHANNELS:
            raise BadInput("no such sum of channels", key="channel", found=channel, expected=", ".join(CHANNELS))
        chosen = self.asked(moved, scaled, many)
        inputs = self._inputs(tuple(scaled), many)
        if moved:
            name = next(each for each in chosen.regimes if parted(each)[0] == CHILD)
            inputs = under(inputs, chosen.model_copy(update={"regimes": (name,)}), self.catalogue)
        before, after = (part.sel(channel=channel) for part in (self._before(many), self._stock(inputs)))
        at = end_of_year(self._year())
        effect = after.sel(bound=at).values.astype(float) - before.sel(bound=at).values.astype(float)
        return Answer(
            channel, pd.DatetimeIndex(before["bound"].values), quantiles(before.values), quantiles(after.values),
            quantiles(effect), self._year(), many, time.perf_counter() - clock,
        )  # fmt: skip

    def _year(self) -> int:
        return min(HEADLINE_YEAR, int(self.scenario.last[:4]) - (0 if self.scenario.last.endswith("Q4") else 1))

    def _drawn(self, scaled: tuple[str, ...], draws: int) -> xr.Dataset:
        """Inputs under the unchanged regime with factors on some of them."""
        chosen = self.asked([], list(scaled), draws)
        return build_inputs(chosen.model_copy(update={"regimes": (self.regime,)}), self.catalogue)

    def _stock(self, inputs: xr.Dataset) -> xr.DataArray:
        """Stock (channel, bound, draw) with the sums over channels. [H100e]"""
        result = run(inputs, block=inputs.sizes["draw"], workers=1)
        return grouped(result["compute_nominal"].isel(regime=0, drop=True)).transpose("channel", "bound", "draw").astype(float)


def under(inputs: xr.Dataset, scenario: Scenario, catalogue: Catalogue) -> xr.Dataset:
    """Inputs of the same draws under the one regime of a scenario: only what the law sets is built again."""
    catalogue = with_own(catalogue, scenario)
    axes = Axes(scenario, catalogue)
    law = {name: part for build in OF_LAW for name, part in build(catalogue, scenario, axes, {}).items()}
    kept = inputs.drop_vars([*law, "regime"])
    return kept.assign_coords(regime=axes.regime).assign({name: xr.Variable(*parts) for name, parts in law.items()})
