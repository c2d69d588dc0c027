"""Fitted trends as a notebook shows them: forms, diagnostics, ramps, and whether the shipped files are those of these data."""

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.desk.view import Listed, listed
from forecast.figures import trend_chart
from forecast.figures.frame import Drawing
from forecast.fit import as_series, fit_all, trend_of
from forecast.trends import published_series, ramps_table, trends_table


def fitted_trends() -> Listed:
    """Every form of every series with weight, diagnostics and what it feeds."""
    return listed(trends_table(open_catalogue()))


def fitted_ramps() -> Listed:
    """Three forms of a ramp through published capacity, beside the elicited path."""
    return listed(ramps_table(open_catalogue()))


def trend_picture(series: str) -> Drawing:
    """One series with both forms ahead and what they leave over. Raises BadInput for a series that has no trend."""
    table, specs = published_series(open_catalogue())
    chosen = specs[specs["series"] == series]
    if chosen.empty:
        raise BadInput("no trend is fitted to this series", key="series", found=series, expected=", ".join(specs["series"]))
    spec = next(chosen.itertuples())
    known, trends = trend_of(table, spec)
    whole = as_series(table, series)
    unit = str(table.loc[table["series"] == series, "unit"].iloc[0])
    return trend_chart(str(spec.about), unit, known, whole.loc[known.index[-1] + 1 :], trends)


def fit_again() -> str:
    """Fits anew, writes nothing, and says whether each belief that a run reads is what these data and this code give."""
    catalogue = open_catalogue()
    told = []
    for name, belief in fit_all(catalogue.home).beliefs.items():
        held = catalogue.quantities[name].spread
        same = held is not None and held.model_dump() == belief["spread"]
        told.append(f"{name.replace('_', ' ')}: {'as shipped' if same else 'differs from params/fitted; run forecast fit'}")
    return "; ".join(told)
