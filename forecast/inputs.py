"""Build step: a scenario and the catalogue become one Dataset that holds all that a run needs.

Levers on (regime, quarter), uncertainties with a draw dimension, constants and tables on gpu_class and quarter.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from forecast import draws as streams
from forecast.catalogue.history import CLASS_UNITS
from forecast.catalogue.load import Catalogue, in_part, open_catalogue, resolved, with_own
from forecast.contract import BadInput
from forecast.names import (
    CHANNELS,
    COUNTRIES,
    H100_DENSE_8BIT,
    INPUTS,
    bounds_of,
    label_quarter,
    parse_quarter,
    quarters_between,
    year_fraction,
)
from forecast.quantity import Quantity, Spread
from forecast.regime import LEVERS, resolve, scalar_path
from forecast.rulebook import permitted
from forecast.scenario import FIRST, Override, Scenario
from forecast.units import factor

ON_BOUNDS = ("software_training", "software_serving", "offshore_stock")
"""Paths that are read at bounds; all others are read at the middle of a quarter."""

OFFERED = {
    "h200": "supply_h200",
    "b30a": "supply_b30a",
    "b200": "supply_b200_b300",
    "b300": "supply_b200_b300",
    "h20": "supply_h20",
    "mi308x": "supply_mi308x",
}
"""Vendor supply to China by class; other classes are not offered. Classes of one supply share it as NVIDIA's mix has them."""


LEVIED = {"h200": "duty", "b30a": "duty", "h20": "revenue_share", "mi308x": "revenue_share"}
"""Which levy falls on which class: the duty's bands hold the H200 class, the revenue share belongs to H20 and MI308."""


class Axes:
    """The labels of one run."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        self.regime = pd.Index(scenario.regimes, name="regime")
        self.quarter = quarters_between(FIRST, scenario.last)
        self.bound = bounds_of(self.quarter)
        self.gpu_class = pd.Index(catalogue.table("gpus/classes.csv")["gpu_class"].tolist(), name="gpu_class")
        self.channel = pd.Index(CHANNELS, name="channel")
        self.country = pd.Index(COUNTRIES, name="country")
        self.draw = pd.RangeIndex(scenario.draws, name="draw")
        self.middle = year_fraction(self.quarter) + 0.125
        self.instant = year_fraction(self.bound)

    def coords(self) -> dict[str, pd.Index]:
        """All labels by dimension."""
        return {k: getattr(self, k) for k in ("regime", "quarter", "bound", "gpu_class", "channel", "country", "draw")}


def build_inputs(scenario: Scenario, catalogue: Catalogue | None = None) -> xr.Dataset:
    """All inputs of a scenario on the labels of its run. Variables carry units, long_name and method.

    Dimensions: regime, quarter, bound, gpu_class, channel, country, draw.
    """
    catalogue = with_own(catalogue or open_catalogue(), scenario)
    _within_the_data(scenario, catalogue)
    axes = Axes(scenario, catalogue)
    quantities = resolved(catalogue, scenario)
    values = _quantities(quantities, catalogue, scenario, axes)
    for build in (_classes, _mixes, _levers, _market, _observed, _world):
        values |= build(catalogue, scenario, axes, {name: array for name, (_, array, _) in values.items()})
    attrs = {"scenario": scenario.name, "as_of": scenario.as_of, "seed": scenario.seed, "observed_quarters": scenario.observed}
    return xr.Dataset(values, coords=axes.coords(), attrs=attrs)


def _within_the_data(scenario: Scenario, catalogue: Catalogue) -> None:
    """Refuse an origin for which Chinese output or the world was not observed."""
    chips = _input_rows(catalogue, "history/acquisitions.csv")
    seen = {
        "Chinese output": chips[chips["channel"] == "domestic"]["quarter"].max(),
        "the world": _input_rows(catalogue, "history/world.csv")["quarter"].max(),
    }
    for what, last in seen.items():
        if scenario.as_of > last:
            raise BadInput(
                f"as_of lies beyond the observations of {what}", key="as_of", found=scenario.as_of, expected=f"at most {last}"
            )


Values = dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]
Known = Mapping[str, np.ndarray]


def _attrs(unit: str, about: str, method: str) -> dict[str, str]:
    return {"units": unit, "long_name": about, "method": method}


def _quantities(quantities: Mapping[str, Quantity], catalogue: Catalogue, scenario: Scenario, axes: Axes) -> Values:
    """Every quantity under its own name, in the unit of the run: (draw,), or (quarter|bound, draw) for a path."""
    table = catalogue.table("correlations.csv")
    pairs = list(zip(table["name"], table["with"], table["rho"], strict=True))
    z = streams.ranks(scenario.seed, sorted(quantities), pairs, scenario.draws)
    changes = in_part(catalogue, scenario)
    out: Values = {}
    for name, quantity in quantities.items():
        unit = INPUTS[name]
        attrs = _attrs(unit, quantity.about, f"{quantity.basis}; {quantity.reason}")
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


def _classes(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Rate, bandwidth, power, price, stacks and dies per chip (gpu_class, draw): judged values, else the chip's sheet."""
    classes = catalogue.table("gpus/classes.csv")
    sheets = catalogue.chips.loc[classes["chip"]]
    shape = (len(axes.gpu_class), scenario.draws)
    sheet = {"h100e": sheets["dense_8bit"] / H100_DENSE_8BIT, "bandwidth": sheets["dram_bandwidth"] / 1e3, "tdp": sheets["tdp"]}
    base = {name: np.nan_to_num(sheet[name].to_numpy(float)) if name in sheet else np.zeros(shape[0]) for name in CLASS_UNITS}
    arrays = {name: np.repeat(base[name][:, None], scenario.draws, axis=1) for name in CLASS_UNITS}
    for row in catalogue.table("gpus/class_values.csv").itertuples():
        place = axes.gpu_class.get_loc(row.gpu_class)
        spread = Spread(p05=row.p05, p50=row.p50, p95=row.p95)
        z = streams.normals(scenario.seed, f"{row.gpu_class}.{row.variable}", scenario.draws)
        arrays[row.variable][place] = streams.read_off(spread, row.scale, z) * factor(row.unit, CLASS_UNITS[row.variable])
    method = "params/gpus/class_values.csv, else the sheet of the class's chip in params/gpus/chips.csv"
    return {
        name: (("gpu_class", "draw"), arrays[name], _attrs(unit, f"{name} of one chip", method))
        for name, unit in CLASS_UNITS.items()
    }


def _share_path(table: pd.DataFrame, labels: pd.Index, column: str, axes: Axes) -> np.ndarray:
    """Shares (label, quarter) between anchor quarters by straight lines, flat outside them."""
    anchors = sorted(table["quarter"].unique())
    wide = table.pivot_table(index="quarter", columns=column, values="share", aggfunc="sum").reindex(
        index=anchors, columns=labels
    )
    moments = year_fraction(pd.DatetimeIndex([parse_quarter(quarter) for quarter in anchors]))
    instants = year_fraction(axes.quarter)
    return np.stack([np.interp(instants, moments, wide[name].fillna(0.0).to_numpy()) for name in labels])


def _mixes(catalogue: Catalogue, _scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Tables of shares on (gpu_class|country, quarter)."""
    tables = {
        "package_mix": ("fabs/mix.csv", "gpu_class", "Share of a class in Chinese packages, while it is on the market"),
        "diverted_mix": ("supply/diverted_mix.csv", "gpu_class", "Share of a class in diverted chips"),
        "nvidia_mix": ("supply/nvidia_mix.csv", "gpu_class", "Share of a class in the H100e of NVIDIA's supply"),
        "country_mix": ("supply/offshore_countries.csv", "country", "Share of a country in the rented stock"),
    }
    out: Values = {}
    for name, (file, column, about) in tables.items():
        array = _share_path(catalogue.table(file), getattr(axes, column), column, axes)
        if name == "package_mix":
            array = array * np.stack([_on_market(row, axes) for _, row in catalogue.table("gpus/classes.csv").iterrows()])
            array = array / np.maximum(array.sum(axis=0), 1e-9)
        out[name] = ((column, "quarter"), array, _attrs("1", about, f"params/{file}, straight lines between anchors"))
    return out


def _levers(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Levers (regime, quarter) and what the law permits (regime, gpu_class, quarter), by days in force."""
    classes = catalogue.table("gpus/classes.csv")
    sheets = catalogue.chips.loc[classes["chip"]]
    moves = [resolve(name, catalogue.regimes) for name in scenario.regimes]
    out: Values = {}
    for lever, row in LEVERS.items():
        array = np.stack([scalar_path(each, lever, axes.quarter) for each in moves])
        out[f"lever_{lever}"] = (
            ("regime", "quarter"),
            array,
            _attrs(row.unit, row.about, "dated moves of the regime, by days in force"),
        )
    levy = np.zeros((len(moves), len(axes.gpu_class), len(axes.quarter)))
    for name, lever in LEVIED.items():
        levy[:, axes.gpu_class.get_loc(name)] = out[f"lever_{lever}"][1]
    out["levy"] = (
        ("regime", "gpu_class", "quarter"),
        levy,
        _attrs("1", "Duty or revenue share on a class", "levers duty and revenue_share"),
    )
    allowed = np.stack([permitted(sheets, each, axes.quarter) for each in moves])
    about = "Share of the quarter in which the law lets the class go to China"
    out["permitted"] = (
        ("regime", "gpu_class", "quarter"),
        allowed,
        _attrs("1", about, "thresholds against the chip's sheet, by days in force"),
    )
    return out


def _market(catalogue: Catalogue, _scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Vendor supply and list prices (gpu_class, quarter, draw), and the best domestic part (quarter, draw)."""
    classes = catalogue.table("gpus/classes.csv")
    origin = classes["origin"].to_numpy() == "CN"
    years = axes.middle[:, None]
    supply = np.zeros((len(classes), len(axes.quarter), known["h100e"].shape[1]))
    quarters_since = np.maximum((axes.middle - 2026.5) * 4, 0.0)[:, None]
    for name, quantity in OFFERED.items():
        place = axes.gpu_class.get_loc(name)
        per_chip = known["h100e"][place] if catalogue.quantities[quantity].unit.startswith("H100e") else 1.0
        decay = (1.0 - known["supply_h200_decay"]) ** quarters_since if name == "h200" else 1.0
        on_market = _on_market(classes.iloc[place], axes)[:, None]
        supply[place] = known[quantity] / per_chip * decay * on_market * _part_of_supply(name, axes, known)
    at_home = known["h100e"][:, None, :] * (known["domestic_price"] * known["domestic_price_fall"] ** (2025.5 - years))
    abroad = known["price"][:, None, :] * known["foreign_price_fall"] ** np.minimum(2026.5 - years, 0.0)
    price = np.where(origin[:, None, None], at_home, abroad)
    made = np.where(origin[:, None] & (known["package_mix"] > 0.02), 1.0, 0.0)
    best = (known["h100e"][:, None, :] * made[:, :, None]).max(axis=0)
    dims = ("gpu_class", "quarter", "draw")
    return {
        "vendor_supply": (
            dims,
            supply,
            _attrs("chip/quarter", "Chips the vendor would supply to China if permitted", "by class, see OFFERED"),
        ),
        "list_price": (
            dims,
            price,
            _attrs("USD/chip", "Price of one chip before duty and premium", "reference price and yearly fall"),
        ),
        "best_domestic": (
            ("quarter", "draw"),
            best,
            _attrs("H100e/chip", "Rate of the best Chinese part in volume", "over 2 % of packages"),
        ),
        "is_domestic": (
            ("gpu_class",),
            origin.astype(np.int8),
            _attrs("1", "One for Chinese designs", "params/gpus/classes.csv"),
        ),
    }


def _part_of_supply(name: str, axes: Axes, known: Known) -> np.ndarray:
    """Share (quarter, 1) of a class in a supply that it shares with others, as NVIDIA's mix has them; one where it is alone."""
    together = [other for other, quantity in OFFERED.items() if quantity == OFFERED[name]]
    if len(together) == 1:
        return np.ones((len(axes.quarter), 1))
    mix = known["nvidia_mix"][[axes.gpu_class.get_loc(other) for other in together]]
    return np.asarray(mix[together.index(name)] / np.maximum(mix.sum(axis=0), 1.0e-9))[:, None]


def _on_market(row: pd.Series, axes: Axes) -> np.ndarray:
    """One in the quarters in which a vendor sells the class, else zero."""
    first, last = parse_quarter(row["first_quarter"]), parse_quarter(row["last_quarter"])
    return ((axes.quarter >= first) & (axes.quarter <= last)).astype(float)


def _input_rows(catalogue: Catalogue, name: str) -> pd.DataFrame:
    """The rows of a history table that a run may use."""
    table = catalogue.table(name)
    return table[table["role"] == "input"]


def _observed(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Flows up to as_of sampled from observations: one latent rank per series, one quantile in all its quarters."""
    shape = (len(axes.gpu_class), len(CHANNELS), len(axes.quarter), scenario.draws)
    chips, last = np.zeros(shape), parse_quarter(scenario.as_of)
    offshore = CHANNELS.index("offshore")
    for row in _input_rows(catalogue, "history/acquisitions.csv").itertuples():
        quarter = parse_quarter(row.quarter)
        if quarter > last:
            continue
        z = streams.normals(scenario.seed, f"series.{row.series}", scenario.draws)
        flow = streams.read_off(Spread(p05=row.p05, p50=row.p50, p95=row.p95), "log", z)
        place = (axes.gpu_class.get_loc(row.gpu_class), CHANNELS.index(row.channel), axes.quarter.get_loc(quarter))
        abroad = known["offshore_placement"] if row.kept_abroad else 0.0
        chips[place] += flow * (1.0 - abroad)
        chips[place[0], offshore, place[2]] += flow * abroad
    diverted, per_quarter = _observed_diverted(catalogue, scenario, axes, known)
    chips[:, CHANNELS.index("diverted")] = diverted
    about = "Chips acquired up to as_of, without those bought abroad"
    return {
        "observed": (
            ("gpu_class", "channel", "quarter", "draw"),
            chips,
            _attrs("chip/quarter", about, "nowcast from params/history"),
        ),
        "diverted_base": (
            ("draw",),
            per_quarter,
            _attrs("chip/quarter", "Diverted chips a quarter in 2026", "flow of 2025 times its ratio"),
        ),
    }


def _observed_diverted(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Diverted chips (gpu_class, quarter, draw) to as_of, and the chips a quarter that 2026 starts from (draw,)."""
    z = streams.normals(scenario.seed, "series.diverted", scenario.draws)
    mix = known["diverted_mix"]
    per_chip = np.einsum("cq,cd->qd", mix, known["h100e"])
    total = np.zeros((len(axes.quarter), scenario.draws))
    for row in _input_rows(catalogue, "history/diverted.csv").itertuples():
        place = axes.quarter.get_loc(parse_quarter(row.quarter))
        spread = Spread(p05=row.p05, p50=row.p50, p95=row.p95)
        total[place] = streams.read_off(spread, "log", z) / per_chip[place]
    year = [axes.quarter.get_loc(parse_quarter(f"2025Q{k}")) for k in range(1, 5)]
    base = total[year].mean(axis=0) * known["diverted_2026_ratio"]
    later = (axes.quarter > axes.quarter[year[-1]]) & (axes.quarter <= parse_quarter(scenario.as_of))
    total[later] = base
    return mix[:, :, None] * total, base


def _world(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """American additions (gpu_class, quarter, draw): the world less China's foreign chips, times the American share."""
    table = _input_rows(catalogue, "history/world.csv")
    table = table[[parse_quarter(q) <= parse_quarter(scenario.as_of) for q in table["quarter"]]]
    world = np.zeros((len(axes.gpu_class), len(axes.quarter)))
    where = {"nvidia": known["nvidia_mix"]}
    for series, rows in catalogue.table("supply/world_mix.csv").groupby("series"):
        where[str(series)] = _share_path(rows, axes.gpu_class, "gpu_class", axes)
    for row in table.itertuples():
        place = axes.quarter.get_loc(parse_quarter(row.quarter))
        world[:, place] += row.p50 * where[row.series][:, place]
    last = scenario.observed - 1
    foreign = np.where((known["is_domestic"] == 0)[:, None], known["h100e"], 0.0)
    to_china = np.einsum("ckqd,cd->qd", known["observed"][:, : CHANNELS.index("offshore")], foreign)
    outside = np.maximum(world.sum(axis=0)[:, None] * known["world_level"] - to_china, 0.0)
    for quarter in range(last + 1, len(axes.quarter)):
        outside[quarter] = outside[quarter - 1] * known["world_growth"][quarter] ** 0.25
    parts = _parts_of_world(table, axes, last)
    world[:, last + 1 :] = np.sum([part * where[series] for series, part in parts.items()], axis=0)[:, last + 1 :]
    mix = world / np.maximum(world.sum(axis=0), 1.0e-9)
    chips = mix[:, :, None] * outside * known["us_share"] / known["h100e"][:, None, :]
    about = "Chips that American companies acquire"
    return {
        "us_additions": (
            ("gpu_class", "quarter", "draw"),
            chips,
            _attrs("chip/quarter", about, "params/history/world.csv, params/supply/world_mix.csv and growth"),
        )
    }


def _parts_of_world(table: pd.DataFrame, axes: Axes, place: int) -> dict[str, float]:
    """Share of each vendor series in the world's additions of one quarter."""
    rows = table[table["quarter"] == label_quarter(axes.quarter[place])].groupby("series")["p50"].sum()
    return {str(series): float(part) for series, part in (rows / rows.sum()).items()}
