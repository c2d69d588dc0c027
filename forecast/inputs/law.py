"""Levers by quarter, what the law permits, and what is expected of it before it holds."""

import numpy as np

from forecast.anticipation import expected_falls
from forecast.catalogue.load import Catalogue
from forecast.inputs.axes import Axes, Known, Values, attrs_of
from forecast.names import HOSTS
from forecast.regime import LEVERS, resolve, scalar_path
from forecast.rulebook import expected_denials, levy, permitted
from forecast.scenario import Scenario

AHEAD = "fall of the lever, spread over the days between the first word of it and its effect"


def levers_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Levers (regime, quarter) and what the law permits (regime, gpu_class, quarter), by days in force."""
    sheets = catalogue.chips.loc[catalogue.table("gpus/classes.csv")["chip"]]
    out = scalars_inputs(catalogue, scenario, axes, _known)
    moves = [resolve(name, catalogue.regimes) for name in scenario.regimes]
    allowed = np.stack([permitted(sheets, each, axes.quarter) for each in moves])
    about = "Share of the quarter in which the law lets the class go to China"
    out["permitted"] = (
        ("regime", "gpu_class", "quarter"),
        allowed,
        attrs_of("1", about, "thresholds against the chip's sheet, by days in force"),
    )
    return out


def scalars_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """What dated scalars set: levers (regime, quarter), remote access by host, duty and revenue share by class."""
    sheets = catalogue.chips.loc[catalogue.table("gpus/classes.csv")["chip"]]
    moves = [resolve(name, catalogue.regimes) for name in scenario.regimes]
    out: Values = {}
    for lever, row in LEVERS.items():
        array = np.stack([scalar_path(each, lever, axes.quarter) for each in moves])
        out[f"lever_{lever}"] = (
            ("regime", "quarter"),
            array,
            attrs_of(row.unit, row.about, "dated moves of the regime, by days in force"),
        )
    about = "How far remote access by Chinese tenants is closed, by host."
    closed = np.zeros((len(moves), len(axes.country), len(axes.quarter)))
    for host in HOSTS:
        at = axes.country.get_loc(host)
        closed[:, at] = [scalar_path(each, "cloud_rule", axes.quarter, country=host) for each in moves]
    method = "dated moves of the regime that touch the host, by days in force"
    out["lever_cloud_rule_hosts"] = (("regime", "country", "quarter"), closed, attrs_of("1", about, method))
    out["levy"] = (
        ("regime", "gpu_class", "quarter"),
        np.stack([levy(sheets, each, axes.quarter) for each in moves]),
        attrs_of("1", "Duty and revenue share on a class", "bands and names of the levies against the chip's sheet"),
    )
    return out


def ahead_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """How much of a coming fall buyers expect in each quarter before it: stacks (regime, quarter), chips by class."""
    sheets = catalogue.chips.loc[catalogue.table("gpus/classes.csv")["chip"]]
    after = axes.quarter[scenario.observed].date()
    denials = np.stack([expected_denials(sheets, name, catalogue.regimes, axes.quarter, after) for name in scenario.regimes])
    about = "Share of a coming denial of the class that is expected in the quarter"
    chips = (("regime", "gpu_class", "quarter"), denials, attrs_of("1", about, AHEAD))
    return stacks_ahead_inputs(catalogue, scenario, axes, _known) | {"ahead_chips": chips}


def stacks_ahead_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """How much of a coming fall of access to memory buyers expect in each quarter before it (regime, quarter)."""
    after, book = axes.quarter[scenario.observed].date(), catalogue.regimes
    falls = np.stack([expected_falls(name, book, "hbm_access", axes.quarter, after) for name in scenario.regimes])
    about = "Share of a coming fall that is expected in the quarter"
    return {"ahead_stacks": (("regime", "quarter"), falls, attrs_of("1", about, AHEAD))}
