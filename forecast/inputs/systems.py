"""How large one training system can be by its network: supernodes, and how many of them one scale-out fabric joins."""

from typing import Any

import numpy as np
import pandas as pd

from forecast import draws as streams
from forecast.catalogue.load import Catalogue
from forecast.inputs.axes import Axes, Known, Values, attrs_of
from forecast.names import parse_quarter, year_fraction
from forecast.quantity import Spread
from forecast.scenario import Scenario
from forecast.stages.frontier import joined_cards

TABLE = "demand/supernodes.csv"


def systems_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Largest fabric of Chinese cards [H100e] and of foreign ones [chip] (bound, draw), and whose path a world follows (draw,).

    The fabrics are nominal and as current law has them; two kinds of card are not joined for one run. How many supernodes one
    fabric joins has one rank in all kinds; a supernode is late where its card is.
    """
    shape = (len(axes.bound), scenario.draws)
    chinese, foreign = np.zeros(shape), np.zeros(shape)
    for row in catalogue.table(TABLE).itertuples():
        cards = _fabric(row, scenario, axes, known["fabric_ramp"])
        place = axes.gpu_class.get_loc(row.gpu_class)
        if known["is_domestic"][place]:
            chinese = np.maximum(chinese, cards * known["h100e"][place])
        else:
            foreign = np.maximum(foreign, cards)
    by_record = streams.uniforms(scenario.seed, "system.path", scenario.draws)[: scenario.draws] < known["record_weight"]
    method = f"params/{TABLE}: cards times supernodes joined, filled over fabric_ramp from the first delivery; the largest kind"
    return {
        "fabric_chinese": (
            ("bound", "draw"),
            chinese,
            attrs_of("H100e", "Largest system of Chinese cards that one fabric joins, nominal", method),
        ),
        "fabric_foreign": (
            ("bound", "draw"),
            foreign,
            attrs_of("chip", "Largest system of foreign cards that one fabric joins in China", method),
        ),
        "system_by_record": (
            ("draw",),
            by_record.astype(np.int8),
            attrs_of("1", "One where the largest system follows known clusters, zero where supernodes", "record_weight"),
        ),
    }


def _fabric(row: Any, scenario: Scenario, axes: Axes, ramp: np.ndarray) -> np.ndarray:
    """Cards of one kind that a single fabric joins (bound, draw). [chip]"""
    many = streams.normals(scenario.seed, "fabric.joined", scenario.draws)
    slip = streams.normals(scenario.seed, f"{row.gpu_class}.release", scenario.draws)
    joined = streams.read_off(Spread(p05=row.joined_p05, p50=row.joined_p50, p95=row.joined_p95), "log", many)
    late = np.zeros(scenario.draws)
    if row.late_p95 > row.late_p05:
        late = streams.read_off(Spread(p05=row.late_p05, p50=row.late_p50, p95=row.late_p95), "identity", slip)
    told = float(year_fraction(pd.DatetimeIndex([parse_quarter(row.quarter)]))[0]) + 0.125
    return joined_cards(row.cards * joined, axes.instant[:, None] - told - late / 4.0, ramp)
