"""Classes of chips, mixes, what vendors offer, prices, and halls abroad."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast import draws as streams
from forecast.catalogue.history import CLASS_UNITS
from forecast.catalogue.load import Catalogue
from forecast.inputs.axes import Axes, Known, Value, Values, attrs_of, on_market, share_path
from forecast.names import COUNTRIES, H100_DENSE_8BIT, HOSTS, year_fraction
from forecast.quantity import Spread
from forecast.scenario import Scenario
from forecast.units import factor

PRICED = ("h100e", "price", "domestic_price", "domestic_price_fall", "foreign_price_fall")
"""Inputs from which list prices follow."""

SHEETS = "params/gpus/class_values.csv, else the sheet of the class's chip in params/gpus/chips.csv"

OFFERED = {
    "h200": "supply_h200",
    "b30a": "supply_b30a",
    "b200": "supply_b200_b300",
    "b300": "supply_b200_b300",
    "h20": "supply_h20",
    "mi308x": "supply_mi308x",
}
"""Vendor supply to China by class; other classes are not offered. Classes of one supply share it as NVIDIA's mix has them."""


def classes_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
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
    return {
        name: (("gpu_class", "draw"), arrays[name], attrs_of(unit, f"{name} of one chip", SHEETS))
        for name, unit in CLASS_UNITS.items()
    }


def mixes_inputs(catalogue: Catalogue, _scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Tables of shares on (gpu_class|country, quarter)."""
    tables = {
        "diverted_mix": ("supply/diverted_mix.csv", "gpu_class", "Share of a class in diverted chips"),
        "nvidia_mix": ("supply/nvidia_mix.csv", "gpu_class", "Share of a class in the H100e of NVIDIA's supply"),
        "country_mix": ("supply/offshore_countries.csv", "country", "Share of a country in the rented stock"),
    }
    out: Values = {}
    for name, (file, column, about) in tables.items():
        array = share_path(catalogue.table(file), getattr(axes, column), column, axes)
        out[name] = ((column, "quarter"), array, attrs_of("1", about, f"params/{file}, straight lines between anchors"))
    return out


def market_inputs(catalogue: Catalogue, _scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Vendor supply and list prices (gpu_class, quarter, draw), and the best domestic part (quarter, draw)."""
    classes = catalogue.table("gpus/classes.csv")
    origin = classes["origin"].to_numpy() == "CN"
    supply = np.zeros((len(classes), len(axes.quarter), known["h100e"].shape[1]))
    quarters_since = np.maximum((axes.middle - 2026.5) * 4, 0.0)[:, None]
    for name, quantity in OFFERED.items():
        place = axes.gpu_class.get_loc(name)
        per_chip = known["h100e"][place] if catalogue.quantities[quantity].unit.startswith("H100e") else 1.0
        decay = (1.0 - known["supply_h200_decay"]) ** quarters_since if name == "h200" else 1.0
        sold = on_market(classes.iloc[place], axes)[:, None]
        supply[place] = known[quantity] / per_chip * decay * sold * _part_of_supply(name, axes, known)
    supply[known["is_answer"] == 1] = known["supply_answer"]
    made = origin[:, None, None] & (known["package_mix"] > 0.02)
    best = (known["h100e"][:, None, :] * made).max(axis=0)
    dims = ("gpu_class", "quarter", "draw")
    return {
        "vendor_supply": (
            dims,
            supply,
            attrs_of("chip/quarter", "Chips the vendor would supply to China if permitted", "by class, see OFFERED"),
        ),
        "list_price": listed(origin, known, axes.quarter),
        "best_domestic": (
            ("quarter", "draw"),
            best,
            attrs_of("H100e/chip", "Rate of the best Chinese part in volume", "over 2 % of packages"),
        ),
        "is_domestic": (
            ("gpu_class",),
            origin.astype(np.int8),
            attrs_of("1", "One for Chinese designs", "params/gpus/classes.csv"),
        ),
    }


def listed(origin: np.ndarray, known: Known, quarters: pd.DatetimeIndex) -> Value:
    """Price of one chip before duty and premium (gpu_class, quarter, draw). [USD/chip]

    origin (gpu_class,) is one for Chinese designs. Chinese parts cost by rate, foreign ones by part; both fall with time.
    """
    years = year_fraction(quarters)[:, None] + 0.125
    at_home = known["h100e"][:, None, :] * (known["domestic_price"] * known["domestic_price_fall"] ** (2025.5 - years))
    abroad = known["price"][:, None, :] * known["foreign_price_fall"] ** np.minimum(2026.5 - years, 0.0)
    price = np.where(np.asarray(origin, bool)[:, None, None], at_home, abroad)
    about = attrs_of("USD/chip", "Price of one chip before duty and premium", "reference price and yearly fall")
    return ("gpu_class", "quarter", "draw"), price, about


def with_prices(inputs: xr.Dataset) -> xr.Dataset:
    """Inputs as they were written, with the list prices that follow from them."""
    known = {name: inputs[name].values for name in PRICED}
    return inputs.assign(list_price=listed(inputs["is_domestic"].values, known, pd.DatetimeIndex(inputs["quarter"].values)))


def _part_of_supply(name: str, axes: Axes, known: Known) -> np.ndarray:
    """Share (quarter, 1) of a class in a supply that it shares with others, as NVIDIA's mix has them; one where it is alone."""
    together = [other for other, quantity in OFFERED.items() if quantity == OFFERED[name]]
    if len(together) == 1:
        return np.ones((len(axes.quarter), 1))
    mix = known["nvidia_mix"][[axes.gpu_class.get_loc(other) for other in together]]
    return np.asarray(mix[together.index(name)] / np.maximum(mix.sum(axis=0), 1.0e-9))[:, None]


def hosts_inputs(_catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Machines that halls open to Chinese tenants can power (country, bound, draw); none in China."""
    halls = np.zeros((len(COUNTRIES), len(axes.bound), scenario.draws))
    for country, name in HOSTS.items():
        halls[axes.country.get_loc(country)] = known[name]
    about = "Power of machines in halls that are open to Chinese tenants"
    return {"host_mw": (("country", "bound", "draw"), halls, attrs_of("MW", about, "params/supply/hosts.yaml, by country"))}
