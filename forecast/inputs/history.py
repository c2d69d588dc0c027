"""Flows up to as_of from observations, the world outside China, and the structural fork of each draw."""

import numpy as np
import pandas as pd

from forecast import draws as streams
from forecast.catalogue.load import Catalogue
from forecast.inputs.axes import Axes, Known, Values, attrs_of, input_rows, share_path
from forecast.names import CHANNELS, FORKS, label_quarter, parse_quarter
from forecast.quantity import Spread
from forecast.scenario import Scenario


def observed_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Flows up to as_of sampled from observations: one latent rank per series, one quantile in all its quarters."""
    shape = (len(axes.gpu_class), len(CHANNELS), len(axes.quarter), scenario.draws)
    chips, last = np.zeros(shape), parse_quarter(scenario.as_of)
    offshore = CHANNELS.index("offshore")
    for row in input_rows(catalogue, "history/acquisitions.csv").itertuples():
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
            attrs_of("chip/quarter", about, "nowcast from params/history"),
        ),
        "diverted_base": (
            ("draw",),
            per_quarter,
            attrs_of("chip/quarter", "Diverted chips a quarter in 2026", "flow of 2025 times its ratio"),
        ),
    }


def _observed_diverted(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Diverted chips (gpu_class, quarter, draw) to as_of, and the chips a quarter that 2026 starts from (draw,)."""
    z = streams.normals(scenario.seed, "series.diverted", scenario.draws)
    mix = known["diverted_mix"]
    per_chip = np.einsum("cq,cd->qd", mix, known["h100e"])
    total = np.zeros((len(axes.quarter), scenario.draws))
    for row in input_rows(catalogue, "history/diverted.csv").itertuples():
        place = axes.quarter.get_loc(parse_quarter(row.quarter))
        spread = Spread(p05=row.p05, p50=row.p50, p95=row.p95)
        total[place] = streams.read_off(spread, "log", z) / per_chip[place]
    year = [axes.quarter.get_loc(parse_quarter(f"2025Q{k}")) for k in range(1, 5)]
    base = total[year].mean(axis=0) * known["diverted_2026_ratio"]
    later = (axes.quarter > axes.quarter[year[-1]]) & (axes.quarter <= parse_quarter(scenario.as_of))
    total[later] = base
    return mix[:, :, None] * total, base


def world_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """American additions (gpu_class, quarter, draw): the world less China's foreign chips, times the American share."""
    table = input_rows(catalogue, "history/world.csv")
    table = table[[parse_quarter(q) <= parse_quarter(scenario.as_of) for q in table["quarter"]]]
    world = np.zeros((len(axes.gpu_class), len(axes.quarter)))
    where = {"nvidia": known["nvidia_mix"]}
    for series, rows in catalogue.table("supply/world_mix.csv").groupby("series"):
        where[str(series)] = share_path(rows, axes.gpu_class, "gpu_class", axes)
    for row in table.itertuples():
        place = axes.quarter.get_loc(parse_quarter(row.quarter))
        world[:, place] += row.p50 * where[row.series][:, place]
    last = scenario.observed - 1
    foreign = np.where((known["is_domestic"] == 0)[:, None], known["h100e"], 0.0)
    to_china = np.einsum("ckqd,cd->qd", known["observed"][:, : CHANNELS.index("offshore")], foreign)
    outside = np.maximum(world.sum(axis=0)[:, None] * known["world_level"] - to_china, 0.0)
    outside[last + 1 :] = outside[last] * _world_path(known, last)
    parts = _parts_of_world(table, axes, last)
    world[:, last + 1 :] = np.sum([part * where[series] for series, part in parts.items()], axis=0)[:, last + 1 :]
    mix = world / np.maximum(world.sum(axis=0), 1.0e-9)
    chips = mix[:, :, None] * outside * known["us_share"] / known["h100e"][:, None, :]
    about = "Chips that American companies acquire"
    return {
        "us_additions": (
            ("gpu_class", "quarter", "draw"),
            chips,
            attrs_of("chip/quarter", about, "params/history/world.csv and growth, limited by packaging and power in one fork"),
        ),
        "third_country_flow": (
            ("quarter", "draw"),
            outside * (1.0 - known["us_share"]),
            attrs_of("H100e/quarter", "Compute that buyers outside China and America acquire", "the world less both"),
        ),
    }


def _world_path(known: Known, last: int) -> np.ndarray:
    """Additions of the world outside China after quarter `last`, relative to it (quarter, draw), in the form of each world.

    Trend: as elicited from orders. Limited: the least of that, packaging times what a wafer carries, and power times what a
    watt carries; packaging and power are taken to bind at `last`, as chips were sold out and halls short.
    """
    ahead = slice(last + 1, None)
    trend = np.cumprod(known["world_growth"][ahead] ** 0.25, axis=0)
    packaging = np.cumprod((known["world_packaging_growth"][ahead] * known["rate_per_wafer_growth"]) ** 0.25, axis=0)
    power = np.cumprod((known["world_power_growth"][ahead] * known["rate_per_watt_growth"]) ** 0.25, axis=0)
    limited = np.minimum(np.minimum(packaging, power), trend)
    return np.where(known["fork_world"] == FORKS["world"].index("limited"), limited, trend)


def forks_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """The form that each world takes in every structural fork (draw,): sampled by weight, or the one that a scenario fixes."""
    table = catalogue.table("forks.csv").set_index(["fork", "form"])["weight"]
    out: Values = {}
    for fork, forms in FORKS.items():
        steps = np.cumsum([table[(fork, form)] for form in forms])
        codes = np.searchsorted(steps, streams.uniforms(scenario.seed, f"fork.{fork}", scenario.draws)[: scenario.draws])
        if fork in scenario.forks:
            codes = np.full(scenario.draws, forms.index(scenario.forks[fork]))
        about = f"Form of the fork {fork}: " + ", ".join(f"{k} is {form}" for k, form in enumerate(forms))
        codes = np.minimum(codes, len(forms) - 1).astype(np.int8)
        out[f"fork_{fork}"] = (("draw",), codes, attrs_of("1", about, "params/forks.csv"))
    return out


def _parts_of_world(table: pd.DataFrame, axes: Axes, place: int) -> dict[str, float]:
    """Share of each vendor series in the world's additions of one quarter."""
    rows = table[table["quarter"] == label_quarter(axes.quarter[place])].groupby("series")["p50"].sum()
    return {str(series): float(part) for series, part in (rows / rows.sum()).items()}
