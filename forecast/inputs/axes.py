"""What all builders of inputs share: the labels of a run, attributes, and rows that a run may use."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from forecast.catalogue.load import Catalogue
from forecast.names import CHANNELS, COUNTRIES, GOODS, STACK_ORIGINS, bounds_of, parse_quarter, quarters_between, year_fraction
from forecast.scenario import FIRST, Scenario

Value = tuple[tuple[str, ...], np.ndarray, dict[str, str]]
Values = dict[str, Value]
Known = Mapping[str, np.ndarray]


class Asked(Mapping[str, np.ndarray]):
    """Arrays by name that remember which of them were asked for; to go through all is to ask for all."""

    def __init__(self, values: Values) -> None:
        self.values_of, self.asked = values, set[str]()

    def __getitem__(self, name: str) -> np.ndarray:
        """One array."""
        self.asked.add(name)
        return self.values_of[name][1]

    def __iter__(self) -> Iterator[str]:
        """All names."""
        self.asked.update(self.values_of)
        return iter(self.values_of)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.values_of)


class Axes:
    """The labels of one run."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        self.regime = pd.Index(scenario.regimes, name="regime")
        self.quarter = quarters_between(FIRST, scenario.last)
        self.bound = bounds_of(self.quarter)
        self.gpu_class = pd.Index(catalogue.table("gpus/classes.csv")["gpu_class"].tolist(), name="gpu_class")
        self.channel = pd.Index(CHANNELS, name="channel")
        self.country = pd.Index(COUNTRIES, name="country")
        self.good = pd.Index(GOODS, name="good")
        self.stack_origin = pd.Index(STACK_ORIGINS, name="stack_origin")
        self.fab = pd.Index(catalogue.table("fabs/lines.csv")["fab"].tolist(), name="fab")
        self.draw = pd.RangeIndex(scenario.draws, name="draw")
        self.middle = year_fraction(self.quarter) + 0.125
        self.instant = year_fraction(self.bound)

    def coords(self) -> dict[str, pd.Index]:
        """All labels by dimension."""
        names = ("regime", "quarter", "bound", "gpu_class", "channel", "country", "good", "fab", "stack_origin", "draw")
        return {name: getattr(self, name) for name in names}


def attrs_of(unit: str, about: str, method: str) -> dict[str, str]:
    """Attributes of one input."""
    return {"units": unit, "long_name": about, "method": method}


def input_rows(catalogue: Catalogue, name: str) -> pd.DataFrame:
    """The rows of a history table that a run may use."""
    table = catalogue.table(name)
    return table[table["role"] == "input"]


def on_market(row: pd.Series, axes: Axes) -> np.ndarray:
    """One in the quarters in which a vendor sells the class, else zero."""
    first, last = parse_quarter(row["first_quarter"]), parse_quarter(row["last_quarter"])
    return np.asarray((axes.quarter >= first) & (axes.quarter <= last), dtype=float)


def share_path(table: pd.DataFrame, labels: pd.Index, column: str, axes: Axes) -> np.ndarray:
    """Shares (label, quarter) between anchor quarters by straight lines, flat outside them."""
    anchors = sorted(table["quarter"].unique())
    wide = table.pivot_table(index="quarter", columns=column, values="share", aggfunc="sum").reindex(
        index=anchors, columns=labels
    )
    moments = year_fraction(pd.DatetimeIndex([parse_quarter(quarter) for quarter in anchors]))
    instants = year_fraction(axes.quarter)
    return np.stack([np.interp(instants, moments, wide[name].fillna(0.0).to_numpy()) for name in labels])
