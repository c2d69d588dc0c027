"""What may come of the law: branches with weights that add up to one, layers that go with any, and when it may turn."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from forecast.contract import BadInput
from forecast.regime import Regime, card

EVERY = "every"
"""In place of a quarter: the chance of a change in each quarter that is not named."""


def check_branches(params: Path, branches: pd.DataFrame, points: pd.DataFrame, regimes: Mapping[str, Regime]) -> None:
    """Raise BadInput where a branch is no regime, weights do not add up, or a turning point is no quarter."""
    path = params / "branches.csv"
    rows = branches[branches["kind"] == "branch"]
    if abs(rows["weight"].sum() - 1.0) > 1e-6:
        line = int(rows["line"].iloc[0]) if len(rows) else 1
        found = f"{rows['weight'].sum():.4f}"
        raise BadInput("weights of branches do not add up", file=path, line=line, key="weight", found=found, expected="1")
    for row in branches.itertuples():
        try:
            known = regimes[str(row.regime)] if row.kind == "layer" and row.regime in regimes else card(str(row.regime), regimes)
        except BadInput as problem:
            raise BadInput(
                "a branch that is no regime", file=path, line=int(row.line), found=str(row.regime), mend=problem.mend
            ) from None
        if row.kind == "branch" and known.status not in ("enacted", "what_if"):
            raise BadInput(
                "a branch that is no regime by itself", file=path, line=int(row.line), found=f"{row.regime} ({known.status})"
            )
    if branches["regime"].iloc[0] != "current":
        raise BadInput("the first branch", file=path, line=2, found=str(branches["regime"].iloc[0]), expected="current")
    for row in points.itertuples():
        if row.when != EVERY and not re.fullmatch(r"20\d\dQ[1-4]", str(row.when)):
            raise BadInput(
                "a turning point that is no quarter", file=params / "turning_points.csv", line=int(row.line), key="when",
                found=str(row.when), expected=f"YYYYQn or {EVERY}",
            )  # fmt: skip
    if EVERY not in set(points["when"]):
        raise BadInput(
            "no chance for the quarters that are not named", file=params / "turning_points.csv", line=1, expected=EVERY
        )
