"""A run in the forms that others read: IAMC-style long rows (one column a year), and a hub-style table of quantiles.

IAMC columns: model, scenario, region, variable, unit, then one column a year; pyam opens the file as it is.
Hub columns, after the hubverse's model output: model_id, reference_date, scenario_id, location, target, horizon,
target_end_date, output_type, output_type_id, value.
"""

from pathlib import Path

import pandas as pd

from forecast.contract import BadInput
from forecast.contrast import write_csv
from forecast.folder import Run, Step, compute, open_summary
from forecast.rows import PROBABILITIES
from forecast.scenario import Scenario

MODEL = "forecast"
REGION = "China"
STOCKS = ("compute_nominal", "compute_training", "compute_serving", "power", "us_compute", "ratio_us_china")
"""Stocks and ratios at instants: the value of a year is that at its end. Flows are not handed over yearly."""

WORDS = {
    "compute_nominal": "Compute|Stock|8-bit",
    "compute_training": "Compute|Stock|Training",
    "compute_serving": "Compute|Stock|Serving",
    "power": "Power|Demand",
    "us_compute": "Compute|Stock|American",
    "ratio_us_china": "Compute|Ratio|American to Chinese",
}
IAMC = ("model", "scenario", "region", "variable", "unit")
HUB = (
    "model_id", "reference_date", "scenario_id", "location", "target", "horizon", "target_end_date", "output_type",
    "output_type_id", "value",
)  # fmt: skip


def iamc(made: Run, scenario: Scenario) -> pd.DataFrame:
    """Year-end stocks as IAMC rows: a row for each regime, variable, channel and statistic, a column for each year.

    A statistic other than the median stands in the variable's name, as in `Compute|Stock|8-bit|Onshore|5th percentile`.
    """
    rows = _year_ends(made)
    rows["year"] = rows["quarter"].str[:4].astype(int)
    rows["model"], rows["region"] = f"{MODEL} {made.manifest['code_version']}", REGION
    rows["scenario"] = scenario.name + "|" + rows["regime"]
    channel = rows["channel"].map(lambda word: f"|{word.capitalize()}" if word else "")
    percentile = rows["statistic"].map(lambda word: "" if word == "p50" else f"|{int(word[1:])}th percentile")
    rows["variable"] = rows["variable"].map(WORDS) + channel + percentile
    wide = rows.pivot_table(index=list(IAMC), columns="year", values="value", aggfunc="first").reset_index()
    wide.columns = pd.Index([str(name) for name in wide.columns])
    return wide


def hub(made: Run, scenario: Scenario) -> pd.DataFrame:
    """Quantiles of stocks after the origin, by horizon in quarters. Rows are in the order of the hub's columns."""
    table = open_summary(made.folder)
    rows = table[table["variable"].isin(STOCKS) & table["statistic"].isin(list(PROBABILITIES))].copy()
    rows = rows[rows["quarter"] > scenario.as_of]
    origin = pd.Period(scenario.as_of, freq="Q")
    quarters = pd.PeriodIndex(rows["quarter"], freq="Q")
    rows["model_id"], rows["location"], rows["output_type"] = MODEL, REGION, "quantile"
    rows["scenario_id"] = scenario.name + ":" + rows["regime"]
    rows["target"] = rows["variable"] + rows["channel"].map(lambda word: f" {word}" if word else "") + " [" + rows["unit"] + "]"
    rows["reference_date"] = origin.end_time.date().isoformat()
    rows["horizon"] = [int((quarter - origin).n) for quarter in quarters]
    rows["target_end_date"] = [quarter.end_time.date().isoformat() for quarter in quarters]
    rows["output_type_id"] = rows["statistic"].map(PROBABILITIES)
    order = ["scenario_id", "target", "horizon", "output_type_id"]
    return rows.sort_values(order, kind="stable")[list(HUB)].reset_index(drop=True)


def _year_ends(made: Run) -> pd.DataFrame:
    """Quantiles of stocks at year-ends in the summary's rows."""
    table = open_summary(made.folder)
    known = table["variable"].isin(STOCKS) & table["statistic"].isin(list(PROBABILITIES)) & table["quarter"].str.endswith("Q4")
    return table[known].copy()


FORMS = {"iamc": ".csv", "hub": ".csv", "xlsx": ".xlsx"}
"""Forms that a run is handed over in, and how their files end."""


def export(
    scenario: Scenario, kind: str, out: Path | None = None, home: Path | None = None, *, step: Step = lambda _: None
) -> Path:
    """Compute a scenario, or find its run, and write it in one of the forms; into the run folder where no file is named.

    Raises BadInput on a form that is not known.
    """
    if kind not in FORMS:
        raise BadInput("a form that is not known", key="--format", found=kind, expected=", ".join(FORMS))
    made = compute(scenario, home, step=step)
    path = out or made.folder / f"{scenario.name}-{kind}{FORMS[kind]}"
    step("writing")
    if kind == "xlsx":
        from forecast.workbook import write_workbook

        return write_workbook(made, scenario, path, home)
    write_csv((iamc if kind == "iamc" else hub)(made, scenario), path)
    return path
