"""A check by hindsight: what beliefs citable before the H200 rule say of deliveries to August 2026, beside what was reported."""

import numpy as np
import pandas as pd

from forecast.catalogue.load import Catalogue
from forecast.contract import BadInput
from forecast.draws import normals, read_off
from forecast.quantity import Scale, Spread
from forecast.rows import quantiles
from forecast.stages.imports import ceiling, ramped
from forecast.tables import Cell, Table, percent, spread, two_digits

PRIORS = "history/h200_priors.csv"
RULE, REPORT = pd.Timestamp("2026-01-15"), pd.Timestamp("2026-08-15")
DRAWS, SEED = 8192, 20260115


def h200_priors(catalogue: Catalogue) -> pd.DataFrame:
    """Beliefs as they could be cited before the rule took effect. Raises BadInput where one is younger."""
    table = catalogue.table(PRIORS)
    late = table[table["published"] >= RULE]
    if len(late):
        raise BadInput(
            "a belief from after the rule", file=catalogue.home / "params" / PRIORS, line=int(late["line"].iloc[0]),
            key="published",
            found=f"{late['published'].iloc[0]:%Y-%m-%d}", expected=f"before {RULE:%Y-%m-%d}",
        )  # fmt: skip
    return table.set_index("what")


def h200_delivered(catalogue: Catalogue, draws: int = DRAWS) -> np.ndarray:
    """H200 delivered from the rule to the report, by the licensed channel's own equations on those beliefs (draw,). [chip]"""
    table = h200_priors(catalogue)
    drawn = {
        name: read_off(Spread(p05=row.p05, p50=row.p50, p95=row.p95), _scale(row.scale), normals(SEED, f"h200.{name}", draws))
        for name, row in zip(table.index, table.itertuples(), strict=True)
    }
    days = pd.date_range(RULE.to_period("Q").start_time, REPORT, freq="QS")
    ends = [*days[1:], REPORT]
    share = [
        (end - max(day, RULE)).days / (day + pd.offsets.QuarterBegin(startingMonth=1) - day).days
        for day, end in zip(days, ends, strict=True)
    ]
    permitted = np.array(share)[None, None, :, None]
    on_offer = ceiling(drawn["supply"], ramped(permitted, drawn["lag"]) * permitted, drawn["acceptance"])
    return np.asarray(on_offer.sum(axis=2)[0, 0])


def _scale(name: str) -> Scale:
    return "logit" if name == "logit" else "log"


def h200_table(catalogue: Catalogue) -> Table:
    """Where the deliveries that were reported lie among those expected, with the beliefs behind them."""
    table, drawn = h200_priors(catalogue), h200_delivered(catalogue)
    low, middle, high = (float(v) for v in quantiles(drawn)[[0, 2, 4]])
    rows = catalogue.table("history/acquisitions.csv")
    came = rows[(rows["gpu_class"] == "h200") & (rows["channel"] == "licensed") & (rows["quarter"] == "2026Q3")]
    told = float(came["p50"].iloc[0])
    place = float((drawn < told).mean())
    body: list[list[Cell]] = []
    for row in table.itertuples():
        write = percent if row.unit == "1" else two_digits
        unit = "" if row.unit == "1" else row.unit
        body.append(
            [row.about, unit, (write(row.p50), spread(row.p05, row.p95, 1.0, write)), f"{row.published:%Y-%m-%d}", row.reason]
        )
    body.append([f"Expected, {RULE:%Y-%m-%d} to {REPORT:%Y-%m-%d}", "chip", (two_digits(middle), spread(low, high)), "", ""])
    inside = "inside" if low <= told <= high else "outside"
    said = f"{inside} the 90% interval; {percent(place)} of worlds have fewer"
    body.append(["Reported as delivered", "chip", two_digits(told), f"{came['published'].iloc[0]:%Y-%m-%d}", said])
    return Table(
        name="table-h200",
        title="H200 to August 2026: what could be expected, and what came",
        note="Prone to hindsight: the beliefs are held to what was published before the rule, but were written down after the "
        "outcome was known. It enters no score.",
        header=["What", "Unit", "Belief", "Published", "Why"],
        rows=body,
        data=pd.DataFrame({
            "statistic": ["p05", "p50", "p95", "reported", "share below"], "value": [low, middle, high, told, place],
        }),
    )  # fmt: skip
