"""What Beijing bars at home, from the table of its gate."""

import numpy as np

from forecast.catalogue.law import load_gate
from forecast.catalogue.load import Catalogue
from forecast.inputs.axes import Axes, Known, Values, attrs_of
from forecast.regime import days_in_force
from forecast.scenario import Scenario

BAR = "banned_in_state_funded_data_centres"
"""State of the gate from whose date on sovereign buyers may buy Chinese accelerators only."""


def beijing_inputs(catalogue: Catalogue, _scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Share of each quarter in which sovereign buyers are barred from foreign accelerators (quarter,)."""
    gate = load_gate(catalogue.home / "params")
    held = np.zeros(len(axes.quarter))
    for row in gate[gate["state"] == BAR].to_dict("records"):
        days = [row["since"].date(), *([] if row["until"] is None or row["until"] != row["until"] else [row["until"].date()])]
        held += days_in_force(days, axes.quarter)[1]
    about = "Share of the quarter in which state-funded centres may buy Chinese accelerators only"
    return {"sovereign_bar": (("quarter",), np.minimum(held, 1.0), attrs_of("1", about, "days in force by cn_gate.csv"))}
