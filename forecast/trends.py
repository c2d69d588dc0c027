"""Fitted trends as tables: each form with its weight and diagnostics, what it feeds, and ramps beside the elicited path."""

import math

import pandas as pd

from forecast.catalogue.fitted import RAMPS_FILE, SERIES, SPECS, TRENDS_FILE
from forecast.catalogue.load import Catalogue
from forecast.language import N_, _, number
from forecast.tables import Cell, Table, chance, labelled, percent, quarter_name, spread, two_digits

FORMS = {
    "unobserved": N_("unobserved components"),
    "damped": N_("damped smoothing"),
    "judged": N_("judgement"),
    "pooled": N_("together"),
}
MEASURES = {
    "growth": N_("growth a year, as a factor"),
    "excess": N_("above the trend, as a share of a year"),
}
RAMP_TITLES = {
    "foundry_capacity": N_("Largest Chinese foundry, all nodes, in 200 mm wafers"),
    "advanced_logic": N_("Advanced logic, year-ends as brokers and the press have them"),
}
SHOWN_YEARS = ("2027", "2028", "2030", "2032")
DOUBTFUL = 0.05
"""A p value below this is marked: the form leaves structure in its residuals."""


def trends_table(catalogue: Catalogue) -> Table:
    """Every form of every series: weight, what it says, residual tests, rolling origin, and the input that it feeds."""
    specs = catalogue.table(SPECS).set_index("series")
    held = catalogue.table(f"fitted/{TRENDS_FILE}")
    body: list[list[Cell]] = []
    for row in held.itertuples():
        spec = specs.loc[row.series]
        first = row.form == "unobserved"
        body.append([
            _("{about}, {first} to {last}: {measure}", about=_(spec["about"]), first=quarter_name(spec["first_quarter"]),
              last=quarter_name(spec["last_quarter"]), measure=_(MEASURES[spec["measure"]])) if first else "",
            _(FORMS[row.form]),
            "" if row.form == "pooled" else percent(row.weight),
            (two_digits(row.p50), spread(row.p05, row.p95)), _tested(row.ljung_box),
            _scored(row.error_ratio, row.coverage, row.origins), _feeds(spec) if first else "",
        ])  # fmt: skip
    return Table(
        name="table-trends",
        title=_("Trends fitted to published series"),
        note=_(
            "Residuals: p value of Ljung-Box over eight quarters; a star marks a form that leaves memory in "
            "its residuals. Rolling origin: error a year ahead over that of the last value, and how many of "
            "the origins fell into the 90% interval. A run reads what was fitted and never fits."
        ),
        header=[
            _("Series and measure"),
            _("Form"),
            _("Weight"),
            _("Median, 90%"),
            _("Residuals"),
            _("Rolling origin"),
            _("Feeds"),
        ],
        rows=body,
        data=held.drop(columns="line"),
    )


def _feeds(spec: "pd.Series[object]") -> str:
    """The input and the result that a series touches, in words."""
    touches = _(str(spec["touches"]))
    return labelled(str(spec["feeds"]).replace("_", " "), touches) if spec["feeds"] else _("nothing; {touches}", touches=touches)


def _tested(p: float) -> str:
    if math.isnan(p):
        return "–"
    return f"{chance(p)}{' *' if p < DOUBTFUL else ''}"


def _scored(ratio: float, coverage: float, origins: float) -> str:
    return (
        "–"
        if math.isnan(ratio)
        else _(
            "{ratio}; {inside} of {origins}",
            ratio=two_digits(ratio),
            inside=number(coverage * origins, 0),
            origins=number(origins, 0),
        )
    )


def ramps_table(catalogue: Catalogue) -> Table:
    """What three forms through published capacity give at year-ends, with the elicited path of advanced logic below."""
    held = catalogue.table(f"fitted/{RAMPS_FILE}")
    body: list[list[Cell]] = []
    for series, rows in held.groupby("series", sort=False):
        for k, row in enumerate(rows.itertuples()):
            values = [two_digits(getattr(row, f"y{year}") / 1e3) for year in SHOWN_YEARS]
            title = (
                _("{series} ({points} points)", series=_(RAMP_TITLES[str(series)]), points=number(row.points, 0))
                if k == 0
                else ""
            )
            body.append([title, _(str(row.form)), *values, number(row.aicc, 0 if abs(row.aicc) >= 100 else 1)])
    path = catalogue.quantities["logic_capacity"].path or {}
    cells: list[Cell] = [
        (two_digits(path[year].p50 / 1e3), spread(path[year].p05, path[year].p95, 1e3)) if year in path else "–"
        for year in SHOWN_YEARS
    ]
    body.append([_("Advanced logic as this model has it"), _("elicited"), *cells, ""])
    return Table(
        name="table-ramps",
        title=_("Ramps of capacity at year-ends, thousand wafers a month"),
        note=_(
            "Nothing is fed: nine published figures for three year-ends cannot tell the forms apart, and "
            "their run beyond the last of them is what each form assumes. Published aims climb faster than the elicited "
            "path, which counts on limits of tools."
        ),
        header=[_("Series"), _("Form"), *SHOWN_YEARS, "AICc"],
        rows=body,
        data=held.drop(columns="line"),
    )


def published_series(catalogue: Catalogue) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The published series and the rows that say what is fitted to them."""
    return catalogue.table(SERIES), catalogue.table(SPECS)
