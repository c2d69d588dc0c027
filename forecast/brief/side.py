"""Side questions of a brief, each asked once: two gates, bundles split, what drives the answer, compute owned abroad."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.breadth import goods_rows, shadow_rows
from forecast.brief.abroad import abroad_rows
from forecast.brief.front import front_results
from forecast.brief.odds import odds_rows
from forecast.catalogue.load import Catalogue
from forecast.figures import Drawing
from forecast.folder import open_inputs
from forecast.forms import between_forms
from forecast.gates import gate_effects
from forecast.lawpictures import plane_picture, status_picture
from forecast.ledger import ledger
from forecast.names import bounds_of, parse_quarter
from forecast.rows import quantiles
from forecast.scenario import Scenario
from forecast.sensitivity import FEWEST, Outcome, outcome_draws, tornado, uncertain
from forecast.tables import Rows, Scope
from forecast.waterfall import divisible, split_effects

SIDE_DRAWS = 512
"""Draws on which side questions are answered: the first ones of the run, so that they are the same worlds."""

STRUCTURE_DRAWS = 256
"""Draws on which structural forms and shadow values are run: both run every form."""

LEVEL, EFFECT = "level", "effect"
"""Outcomes whose drivers are told: the base's accessible compute, and the largest change of it."""


def side_results(
    scenario: Scenario, catalogue: Catalogue, run_folder: Path, result: xr.Dataset, scope: Scope, rows: Rows
) -> dict[str, Any]:
    """All side results of a finished run, and the seconds that each took.

    Keys: front (frames of page one), gates, split and forks (frames as in forecast.gates, forecast.waterfall and forecast.forms;
    split is None where no regime has two parts, forks where the scenario fixes all), drivers (outcome -> frame), most (the regime
    with the largest effect, or None), goods, shadow and odds (frames; odds is None where the base is not current law), rows (long
    rows), ledger (effects of changed inputs; None where the scenario changes none), draws, seconds.
    """
    clock, seconds = time.perf_counter(), {}

    def lap(name: str) -> None:
        nonlocal clock
        seconds[name] = round(time.perf_counter() - clock, 3)
        clock = time.perf_counter()

    inputs = open_inputs(run_folder)
    lap("reading")
    few = min(SIDE_DRAWS, scenario.draws)
    gates = gate_effects(inputs.isel(draw=slice(few)), scope.headline, scope.base)
    lap("gates")
    front = front_results(scenario, catalogue, inputs, result, scope, few)
    lap("page one")
    names = divisible(scenario, catalogue)
    split = split_effects(scenario.model_copy(update={"draws": few}), names, catalogue, scope.headline) if names else None
    lap("waterfall")
    changes = _changes(scenario, catalogue)
    lap("changed inputs")
    most = largest_effect(rows, scope)
    drivers = _drivers(inputs, result, scope, most)
    lap("drivers")
    forks, shadow = _structure(scenario, catalogue, scope, most)
    lap("forks and limits")
    told = {"front": front, "gates": gates, "split": split, "drivers": drivers, "most": most, "ledger": changes}
    more = {"rows": abroad_rows(result, inputs, rows), "forks": forks, "shadow": shadow, "goods": goods_rows(result, scope)}
    more |= {"pictures": law_pictures(scenario, catalogue, scope), "odds": _odds(scenario, catalogue, scope)}
    lap("places and goods")
    return {**told, **more, "draws": few, "seconds": seconds}


def _changes(scenario: Scenario, catalogue: Catalogue) -> dict[str, Any] | None:
    """What each changed input does to the headline under the first regime, largest first; nothing where none is changed."""
    if not scenario.overrides:
        return None
    book = ledger(scenario, catalogue.home)
    effects = {entry.name: [float(x) for x in entry.effect] for entry in book.entries}
    return {"effects": effects, "together": [float(x) for x in book.together], "quarter": f"{book.year}Q4", "draws": book.draws}


def _odds(scenario: Scenario, catalogue: Catalogue, scope: Scope) -> pd.DataFrame | None:
    """The unconditional forecast beside its branches; nothing where the base is not current law or no year ends there."""
    if scope.base != "current" or not scope.headline.endswith("Q4"):
        return None
    few = scenario.model_copy(update={"draws": min(STRUCTURE_DRAWS, scenario.draws), "what_ifs": ()})
    return odds_rows(few, int(scope.headline[:4]), catalogue)


def law_pictures(scenario: Scenario, catalogue: Catalogue, scope: Scope) -> dict[str, Drawing]:
    """The base's law through time and on the plane at the origin; nothing where the base is no regime of the shelf."""
    if scope.base not in catalogue.regimes:
        return {}
    last = str(bounds_of(pd.DatetimeIndex([parse_quarter(scope.headline)]))[1] - pd.Timedelta(days=1))[:10]
    origin = str(bounds_of(pd.DatetimeIndex([parse_quarter(scenario.as_of)]))[1])[:10]
    return {
        "status": status_picture(catalogue, (), scope.base, "2022-01-01", last),
        "plane": plane_picture(catalogue, origin, scope.base),
    }


def _structure(
    scenario: Scenario, catalogue: Catalogue, scope: Scope, most: str | None
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """The forks that the scenario leaves open, for the base and the largest change of accessible compute; shadow values."""
    regimes = tuple(filter(None, (scope.base, most)))
    asked = scenario.model_copy(update={"draws": min(STRUCTURE_DRAWS, scenario.draws), "regimes": regimes})
    forks = between_forms(asked, closing_day(scope.headline), "accessible", catalogue)
    return (None if forks.empty else forks), shadow_rows(asked, scope, catalogue)


def closing_day(quarter: str) -> str:
    """The day of the bound that closes a quarter."""
    return str(bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1])[:10]


def largest_effect(rows: Rows, scope: Scope) -> str | None:
    """The regime whose median change of accessible compute at the headline date is largest; None when there is one regime."""
    sizes = {
        name: abs(rows.value("effect:compute_nominal", "p50", regime=name, channel="accessible", quarter=scope.headline))
        for name in scope.others
    }
    return max(sizes, key=lambda name: sizes[name]) if sizes else None


def _drivers(inputs: xr.Dataset, result: xr.Dataset, scope: Scope, most: str | None) -> dict[str, pd.DataFrame]:
    """Inputs against accessible compute under the base and against the largest change of it; fewer where draws do not suffice."""
    if inputs.sizes["draw"] < FEWEST:
        return {}
    asked = {LEVEL: Outcome("compute_nominal", scope.headline, scope.base, "accessible")}
    if most is not None:
        asked[EFFECT] = Outcome("compute_nominal", scope.headline, most, "accessible", scope.base)
    beliefs = _beliefs(uncertain(inputs, scope.headline))
    found = {}
    for name, outcome in asked.items():
        values = outcome_draws(result, outcome)
        table = tornado(inputs, values, scope.headline) if np.ptp(values) > 0 else None
        if table is not None and not table["within_noise"].all():
            found[name] = table.join(beliefs, on="input")
    return found


def _beliefs(held: Mapping[str, tuple[np.ndarray, str, str, str]]) -> pd.DataFrame:
    """Median and 90% interval of each input by name."""
    numbers = {name: quantiles(draws.astype(float)) for name, (draws, *_) in held.items()}
    return pd.DataFrame({name: numbers_[[0, 2, 4]] for name, numbers_ in numbers.items()}, index=["p05", "p50", "p95"]).T


def profile(seconds: Mapping[str, float]) -> str:
    """Seconds by step in one line."""
    return ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items())
