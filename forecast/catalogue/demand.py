"""Tables of buyers and sectors that must agree with each other and with the national path of money."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from forecast.contract import BadInput
from forecast.quantity import Quantity

AGREE = 0.02
"""By how much shares may miss one, and what buyers published the national path at its median."""


def check_buyers(params: Path, tables: Mapping[str, pd.DataFrame], quantities: Mapping[str, Quantity]) -> None:
    """Shares of buyers add up in every year; where all publish, their sum is the national path; sectors split each buyer.

    Raises BadInput with the first row of what does not.
    """
    path, buyers = params / "demand/buyers.csv", tables["demand/buyers.csv"]
    national = quantities["capex"].path or {}
    names = set(buyers["buyer"])
    for year, rows in buyers.groupby("year"):
        line = int(rows["line"].iloc[0])
        if set(rows["buyer"]) != names:
            raise BadInput("a year without all buyers", file=path, line=line, key=f"{year:g}", expected=", ".join(sorted(names)))
        _adds_up(path, line, f"{year:g}", float(rows["share"].sum()), 1.0)
        if rows["published"].notna().all() and f"{year:g}" in national:
            _adds_up(path, line, f"published, {year:g}", float(rows["published"].sum()), national[f"{year:g}"].p50)
    path, sectors = params / "demand/sectors.csv", tables["demand/sectors.csv"]
    for buyer, rows in sectors.groupby("buyer"):
        line = int(rows["line"].iloc[0])
        if buyer not in names:
            raise BadInput("an unknown buyer", file=path, line=line, found=str(buyer), expected=", ".join(sorted(names)))
        _adds_up(path, line, str(buyer), float(rows["share"].sum()), 1.0)
    if missing := sorted(names - set(sectors["buyer"])):
        raise BadInput("a buyer that serves no sector", file=path, line=2, found=missing[0])


def check_supernodes(params: Path, table: pd.DataFrame) -> None:
    """Beliefs of supernodes are in order, and no more are joined at the median than their maker claims."""
    path = params / "demand/supernodes.csv"
    for row in table.to_dict("records"):
        for what in ("joined", "late"):
            found = [row[f"{what}_{name}"] for name in ("p05", "p50", "p95")]
            if found != sorted(found):
                raise BadInput("quantiles out of order", file=path, line=row["line"], key=what, found=str(found))
        if row["joined_p50"] > row["claimed"]:
            raise BadInput(
                "more than its maker claims", file=path, line=row["line"], key="joined_p50", found=f"{row['joined_p50']:g}",
                expected=f"at most {row['claimed']:g}",
            )  # fmt: skip


def _adds_up(path: Path, line: int, key: str, found: float, expected: float) -> None:
    if abs(found / expected - 1.0) > AGREE:
        raise BadInput(
            "shares do not add up", file=path, line=line, key=key, found=f"{found:.4g}", expected=f"{expected:g} within 2 %"
        )
