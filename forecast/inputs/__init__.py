"""Build step: a scenario and the catalogue become one Dataset that holds all that a run needs.

Levers on (regime, quarter), uncertainties with a draw dimension, constants and tables on gpu_class and quarter.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from forecast import draws as streams
from forecast.catalogue.load import Catalogue, in_part, open_catalogue, resolved
from forecast.contract import BadInput
from forecast.inputs.answers import answered, answers_inputs
from forecast.inputs.axes import Asked, Axes, Values, attrs_of, input_rows
from forecast.inputs.beijing import beijing_inputs
from forecast.inputs.fabs import (
    dies_inputs,
    foundry_inputs,
    line_levers_inputs,
    lines_inputs,
    memory_inputs,
    packages_inputs,
    roadmap_inputs,
)
from forecast.inputs.history import forks_inputs, observed_inputs, world_inputs
from forecast.inputs.law import ahead_inputs, levers_inputs
from forecast.inputs.market import OFFERED, classes_inputs, hosts_inputs, market_inputs, mixes_inputs, with_prices
from forecast.inputs.systems import systems_inputs
from forecast.names import HOSTS, INPUTS, quarters_between, year_fraction
from forecast.quantity import Quantity
from forecast.scenario import Override, Scenario
from forecast.units import factor

__all__ = ["OFFERED", "ON_BOUNDS", "Reads", "build_again", "build_inputs", "built", "in_forms", "with_prices"]

Reads = dict[str, set[str]]
"""Names of inputs that each builder read, by the builder's name."""

ON_BOUNDS = ("software_training", "software_serving", "offshore_stock", "run_days", *HOSTS.values())
"""Paths that are read at bounds; all others are read at the middle of a quarter."""

BUILDERS = (
    forks_inputs, classes_inputs, answers_inputs, mixes_inputs, levers_inputs, ahead_inputs, dies_inputs, lines_inputs,
    line_levers_inputs, foundry_inputs, memory_inputs, packages_inputs, roadmap_inputs, hosts_inputs, market_inputs,
    beijing_inputs, observed_inputs, world_inputs, systems_inputs,
)  # fmt: skip


def build_inputs(scenario: Scenario, catalogue: Catalogue | None = None) -> xr.Dataset:
    """All inputs of a scenario on the labels of its run. Variables carry units, long_name and method.

    Dimensions: regime, quarter, bound, gpu_class, channel, country, draw.
    """
    return built(scenario, catalogue or open_catalogue())[0]


def built(scenario: Scenario, catalogue: Catalogue) -> tuple[xr.Dataset, Reads]:
    """All inputs of a scenario, and which of them each builder read."""
    catalogue = answered(catalogue, scenario)
    _within_the_data(scenario, catalogue)
    axes = Axes(scenario, catalogue)
    quantities = resolved(catalogue, scenario)
    values = _quantities(quantities, catalogue, scenario, axes, quantities)
    reads: Reads = {}
    for build in BUILDERS:
        known = Asked(values)
        values |= build(catalogue, scenario, axes, known)
        reads[build.__name__] = known.asked
    attrs = {"scenario": scenario.name, "as_of": scenario.as_of, "seed": scenario.seed, "observed_quarters": scenario.observed}
    return xr.Dataset(values, coords=axes.coords(), attrs=attrs), reads


def build_again(inputs: xr.Dataset, reads: Reads, scenario: Scenario, catalogue: Catalogue, names: Iterable[str]) -> xr.Dataset:
    """The inputs of a scenario that differs from the one of `built` in the beliefs `names` alone.

    Only those, and what was built from them, are built again, on the same draws.
    """
    catalogue = answered(catalogue, scenario)
    axes, changed = Axes(scenario, catalogue), set(names)
    values: Values = {str(name): (tuple(map(str, each.dims)), each.values, each.attrs) for name, each in inputs.variables.items()}
    fresh = _quantities(resolved(catalogue, scenario), catalogue, scenario, axes, changed)
    for build in BUILDERS:
        if reads[build.__name__] & changed:
            fresh |= build(catalogue, scenario, axes, Asked(values | fresh))
            changed |= set(fresh)
    return inputs.assign({name: xr.Variable(*parts) for name, parts in fresh.items()})


def in_forms(inputs: xr.Dataset, scenario: Scenario, catalogue: Catalogue | None = None) -> xr.Dataset:
    """Inputs of a scenario that differs from the one of `inputs` in the forks that it fixes, and in nothing else.

    Equal to `build_inputs(scenario)`, number for number: only what depends on a fork is made again.
    """
    catalogue = answered(catalogue or open_catalogue(), scenario)
    axes = Axes(scenario, catalogue)
    known = {str(name): array.values for name, array in inputs.data_vars.items()}
    made: Values = {}
    for build in (forks_inputs, world_inputs):
        made |= build(catalogue, scenario, axes, known | {name: array for name, (_, array, _) in made.items()})
    return inputs.assign(made)


def _within_the_data(scenario: Scenario, catalogue: Catalogue) -> None:
    """Refuse an origin for which Chinese output or the world was not observed."""
    chips = input_rows(catalogue, "history/acquisitions.csv")
    seen = {
        "Chinese output": chips[chips["channel"] == "domestic"]["quarter"].max(),
        "the world": input_rows(catalogue, "history/world.csv")["quarter"].max(),
    }
    for what, last in seen.items():
        if scenario.as_of > last:
            raise BadInput(
                f"as_of lies beyond the observations of {what}", key="as_of", found=scenario.as_of, expected=f"at most {last}"
            )


def _quantities(
    quantities: Mapping[str, Quantity], catalogue: Catalogue, scenario: Scenario, axes: Axes, wanted: Iterable[str]
) -> Values:
    """The quantities wanted, each under its own name, in the unit of the run: (draw,), or (quarter|bound, draw) for a path."""
    table = catalogue.table("correlations.csv")
    pairs = list(zip(table["name"], table["with"], table["rho"], strict=True))
    z = streams.ranks(scenario.seed, sorted(quantities), pairs, scenario.draws)
    changes = in_part(catalogue, scenario)
    out: Values = {}
    for name in wanted:
        quantity = quantities[name]
        unit = INPUTS[name]
        attrs = attrs_of(unit, quantity.about, f"{quantity.basis}; {quantity.reason}")
        scale = _factor(name, quantity.unit, unit, catalogue)
        if catalogue.quantities[name].path is None:
            array = streams.sample(quantity, z[name], scale)
            out[name] = (("draw",), streams.multiplied(quantity, array, _by(changes, name), scale), attrs)
            continue
        on_bounds = name in ON_BOUNDS
        shocks = streams.yearly_shocks(scenario.seed, name, scenario.draws)
        moments = axes.instant if on_bounds else axes.middle
        array = streams.sample_path(quantity, z[name], shocks, moments, scale)
        if name in changes:
            override, belief = changes[name]
            new = streams.sample_path(belief, z[name], shocks, moments, scale)
            new = streams.multiplied(belief, new, _by(changes, name), scale)
            array = np.where(_from(override, moments)[:, None], new, array)
        out[name] = (("bound" if on_bounds else "quarter", "draw"), array, attrs)
    return out


def _by(changes: Mapping[str, tuple[Override, Quantity]], name: str) -> float:
    """The factor that a scenario puts on an input, one where it puts none."""
    factor_of = changes[name][0].factor if name in changes else None
    return 1.0 if factor_of is None else factor_of


def _from(override: Override, moments: np.ndarray) -> np.ndarray:
    """Where a change holds (moment,): in its quarter and later; a level at a bound only after the quarter has begun."""
    begins = -np.inf if override.since is None else year_fraction(quarters_between(override.since, override.since))[0]
    return moments > begins


def _factor(name: str, found: str, wanted: str, catalogue: Catalogue) -> float:
    """Units of a file to units of the run; a unit of another kind is told with its place."""
    try:
        return factor(found, wanted)
    except ValueError:
        path, line = catalogue.places[name]
        raise BadInput("a unit of another kind", file=path, line=line, key=f"{name}.unit", found=found, expected=wanted) from None
