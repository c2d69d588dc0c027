"""Fitted trends: what they were fitted to, and a refusal when the data have changed since."""

import hashlib
from pathlib import Path

import pandas as pd

from forecast.catalogue.schema import TABLES
from forecast.catalogue.tables import read_table
from forecast.contract import BadInput
from forecast.names import parse_quarter
from forecast.quantity import Quantity

FITTED = "fitted"
TRENDS_FILE, RAMPS_FILE = "diagnostics.csv", "ramps.csv"
SERIES, SPECS = "history/series.csv", "history/trends.csv"
CEILINGS = {"foundry_capacity": 3.0e6, "advanced_logic": 6.0e5}
"""Series of capacity to which ramps are fitted, and the most that a ceiling may be. [wafer/month]

Foundry: three times what it has. Advanced logic: the most that press reports as an aim for 2030.
"""


def fit_tables(params: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Published series and the rows that say what is fitted to them, read and checked. Raises BadInput."""
    series, specs = (read_table(params / name, TABLES[name]) for name in (SERIES, SPECS))
    check_specs(params, series, specs)
    return series, specs


def data_hash(series: pd.DataFrame, specs: pd.DataFrame) -> str:
    """Hash of the figures and of what was asked of them; words beside the figures do not enter."""
    words = ["about", "touches", "line", "note"]
    whole = hashlib.sha256()
    for frame in (series, specs):
        kept = frame.drop(columns=[name for name in words if name in frame])
        whole.update(kept.to_csv(index=False, lineterminator="\n").encode())
    return whole.hexdigest()[:12]


def check_specs(params: Path, series: pd.DataFrame, specs: pd.DataFrame) -> None:
    """Raise BadInput where a row asks for a series that is not there, or has weights that do not add up."""
    known = set(series["series"])
    for spec in specs.itertuples():
        place, line = params / SPECS, int(spec.line)
        if spec.series not in known:
            raise BadInput(
                "an unknown series", file=place, line=line, key="series", found=spec.series, expected=", ".join(sorted(known))
            )
        weight = spec.unobserved + spec.damped + spec.judged
        if abs(weight - 1) > 1e-9:
            raise BadInput("weights do not add up", file=place, line=line, key=spec.series, found=f"{weight:g}", expected="1")
        if spec.judged > 0 and not spec.p05 <= spec.p50 <= spec.p95:
            raise BadInput(
                "a judged form without quantiles in order", file=place, line=line, key=spec.series, expected="p05 <= p50 <= p95"
            )
        for quarter in (spec.first_quarter, spec.last_quarter):
            parse_quarter(quarter)


def check_fitted(params: Path, tables: dict[str, pd.DataFrame], quantities: dict[str, Quantity]) -> None:
    """Raise BadInput when fitted files belong to other data than those that lie beside them, or an input is not fitted."""
    series, specs = tables[SERIES], tables[SPECS]
    check_specs(params, series, specs)
    now = data_hash(series, specs)
    for name in (TRENDS_FILE, RAMPS_FILE):
        held = set(tables[f"{FITTED}/{name}"]["data_hash"])
        if held != {now}:
            raise BadInput(
                "trends were fitted to other data", file=params / FITTED / name, line=2, key="data_hash",
                found=", ".join(sorted(held)), expected=now, mend="run forecast fit",
            )  # fmt: skip
    missing = [name for name in specs["feeds"] if name and name not in quantities]
    if missing:
        raise BadInput("an input was not fitted", file=params / SPECS, key=missing[0], mend="run forecast fit")
