"""What is known of items as numbers: chips, memory stacks, tools and software from their tables, or one item by given facts.

Facts of a shipment or a buyer that no data sheet has stand at what SHIPMENT says unless given.
"""

import datetime as dt
import difflib
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.chipnames import exactly
from forecast.contract import BadInput
from forecast.stages.permissions import METRICS, day_number

Fact = float | int | bool | str | dt.date | None

SHIPMENT: dict[str, float] = {
    "primitive_tpp": 0.0,
    "analog_tpp": 0.0,
    "hbm_stack": 0.0,
    "packager_approved": 0.0,
    "from_us": 1.0,
    "certified": 1.0,
    "tested_in_us": 1.0,
    "recipient_approved": 1.0,
    "supercomputer": 0.0,
    "listed_share": 0.0,
    "foundry_order": 0.0,
    "designer_approved": 0.0,
    "osat_approved": 0.0,
    "tool": 0.0,
    "service": 0.0,
    "eda": 0.0,
    "metrology": 0.0,
    "veu": 0.0,
}
"""Facts that no data sheet has, as they are unless said otherwise: a finished logic chip that leaves from the United States
to an ordinary buyer, its papers in order."""

NOT_A_CHIP = ("hbm_stack", "tool", "service", "eda")
"""Flags of things that compute nothing; rules on circuits have nothing to test on them."""

OF_CHIPS: dict[str, float] = {
    "tpp": 0.0, "performance_density": 0.0, "dram_bandwidth": 0.0, "io_bandwidth": 0.0, "datacenter": 0.0, "hbm_copackaged": 0.0,
    "prc_designed": 0.0,
}  # fmt: skip
"""Facts of circuits as they stand for a thing that is none."""

WORDS = ("chip", "vendor", "origin")
"""Facts that are words: the item's id, who sells it, the country that it comes from."""


def facts_of(chips: pd.DataFrame) -> dict[str, np.ndarray]:
    """Facts of many items from their table (chip,): numbers, flags as 0 and 1, dates as days, NaN where unknown."""
    size = len(chips)
    facts: dict[str, np.ndarray] = {"chip": chips.index.to_numpy(dtype=object)}
    facts |= {name: chips[name].to_numpy(dtype=object) for name in ("vendor", "origin")}
    for name, metric in METRICS.items():
        usual = SHIPMENT.get(name, math.nan)
        if name not in chips:
            facts[name] = np.full(size, usual)
        elif metric.kind == "date":
            days = (chips[name] - pd.Timestamp(0)) / pd.Timedelta(days=1)
            facts[name] = days.to_numpy(dtype=float)
        else:
            values = chips[name].to_numpy(dtype=float, na_value=np.nan)
            facts[name] = np.where(np.isnan(values), usual, values)
    return facts


def facts_given(chip: Mapping[str, Fact], things: pd.DataFrame | None = None) -> dict[str, np.ndarray]:
    """Facts of one item as a person gave them (1,); density follows from TPP and area when it is not given.

    An area of zero is that of a planar node: no density, and no test on it is met.
    With a table of things the item's name is read as an id, so that rules which name it are met, and its origin follows its
    vendor. Raises BadInput.
    """
    facts = {name: np.array([SHIPMENT.get(name, np.nan)]) for name in METRICS}
    for name, value in chip.items():
        if name in WORDS:
            continue
        if name not in METRICS:
            near = difflib.get_close_matches(name, list(METRICS), n=1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else None
            raise BadInput("unknown fact", key=name, expected=", ".join(METRICS), mend=hint)
        facts[name] = np.array([_number(name, value)])
    if any(facts[flag][0] == 1.0 for flag in NOT_A_CHIP):
        facts |= {name: np.array([value]) for name, value in OF_CHIPS.items() if np.isnan(facts[name][0])}
    area = facts["die_area"]
    if np.isnan(facts["performance_density"][0]):
        facts["performance_density"] = np.divide(facts["tpp"], area, out=np.zeros(1), where=area != 0.0)
    words = {name: str(chip.get(name) or "") for name in WORDS}
    if things is not None:
        known = exactly(words["chip"], things)
        words["chip"] = known[0] if len(known) == 1 else words["chip"]
    words["origin"] = words["origin"] or _origin(words["vendor"], facts, things)
    return {**facts, **{name: np.array([word], dtype=object) for name, word in words.items()}}


def _origin(vendor: str, facts: Mapping[str, np.ndarray], things: pd.DataFrame | None) -> str:
    """Where an item comes from if nobody says: as its vendor's other things, else by who designed it, else the United States."""
    if things is not None and vendor in set(things["vendor"]):
        return str(things.loc[things["vendor"] == vendor, "origin"].mode().iloc[0])
    return "CN" if facts["prc_designed"][0] == 1.0 else "US"


def _number(name: str, value: Fact) -> float:
    """A given fact as a number: yes and no as 1 and 0, dates as days, None as unknown."""
    if value is None or value == "":
        return math.nan
    kind = METRICS[name].kind
    if kind == "flag":
        if value in (True, False, "yes", "no"):
            return float(value in (True, "yes"))
        raise BadInput("not yes or no", key=name, found=str(value))
    if kind == "date":
        return day_number(as_day(value if isinstance(value, dt.date) else str(value), name))
    if isinstance(value, bool | str | dt.date) or value < 0:
        raise BadInput("not a number that can be used", key=name, found=str(value), expected=f"a number [{METRICS[name].unit}]")
    return float(value)


def as_day(on: dt.date | str, key: str = "on") -> dt.date:
    """A date, also from its ISO text. Raises BadInput."""
    try:
        return on.date() if isinstance(on, dt.datetime) else on if isinstance(on, dt.date) else dt.date.fromisoformat(on)
    except (ValueError, TypeError):
        raise BadInput("not a date", key=key, found=on, expected="a day as YYYY-MM-DD") from None
