"""Buyers and sectors as tables: whose money, what of it may buy abroad, which sectors it serves, and what a denial delays."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.buyers import compute_by_sector, money_by_buyer, months_later
from forecast.catalogue.load import Catalogue
from forecast.language import _
from forecast.names import end_of_year
from forecast.rows import quantiles
from forecast.supply import firm_name
from forecast.tables import Cell, Scope, Table, capital, percent, spread, two_digits

BUYERS, SECTORS = "demand/buyers.csv", "demand/sectors.csv"
LEAST = 0.9
"""Share of worlds in which a goal must be reached within the run before months are told."""


def _cell(values: np.ndarray, scale: float = 1.0) -> tuple[str, str]:
    """Median and 90% interval of draws."""
    low, middle, high = (float(v) for v in quantiles(np.asarray(values, float))[[0, 2, 4]])
    return two_digits(middle / scale), spread(low, high, scale)


def buyers_table(inputs: xr.Dataset, catalogue: Catalogue, years: tuple[int, ...]) -> Table:
    """Capital by buyer and year beside what was published; how much of its accelerators is abroad, how much must be Chinese."""
    table = catalogue.table(BUYERS)
    money = money_by_buyer(inputs, table)
    labels = table.drop_duplicates("buyer").set_index("buyer")["label"]
    yearly = money.groupby("quarter.year").sum()
    body: list[list[Cell]] = []
    data = []
    for buyer in money["buyer"].values:
        row: list[Cell] = [firm_name(labels[buyer], catalogue)]
        for year in years:
            drawn = yearly["capital"].sel(buyer=buyer, year=year).values
            said = table[(table["buyer"] == buyer) & (table["year"] == year)]["published"]
            told = (
                " " + _("(published {value})", value=two_digits(float(said.iloc[0]))) if len(said) and said.notna().all() else ""
            )
            middle, ends = _cell(drawn)
            row.append((f"{middle}{told}", ends))
            data.append((buyer, year, *(float(v) for v in quantiles(drawn)[[0, 2, 4]])))
        one = yearly.sel(buyer=buyer, year=years[-1])
        row += [percent(_ratio(one["abroad"], one["abroad"] + one["home"])), percent(_ratio(one["domestic_only"], one["home"]))]
        body.append(row)
    whole = yearly.sum("buyer")
    last = whole.sel(year=years[-1])
    cells: list[Cell] = [_cell(whole["capital"].sel(year=year).values) for year in years]
    abroad, mandated = _ratio(last["abroad"], last["abroad"] + last["home"]), _ratio(last["domestic_only"], last["home"])
    body.append([_("Together"), *cells, percent(abroad), percent(mandated)])
    mandate = float(np.median(inputs["domestic_mandate"].sel(quarter=f"{years[-1]}-07-01").values))
    return Table(
        name="table-buyers",
        title=_("Capital expenditure on AI by buyer, billion dollars a year"),
        note=_(
            "Shares follow what buyers published to 2026 and are judged after; they split the national path and cannot change "
            "it. The last column is judged buyer by buyer; the model holds {mandate} for all together as an input. Sovereign "
            "buyers may buy Chinese chips only since November 2025 (inputs sovereign_share, lever sovereign_only). Money answers "
            "what is paid over list prices with a judged elasticity (price_elasticity); at its median of one money stays.",
            mandate=percent(mandate),
        ),
        header=[
            _("Buyer"),
            *map(str, years),
            _("Accelerators abroad, {years}", years=years[-1]),
            _("Of those at home, Chinese only, {years}", years=years[-1]),
        ],
        rows=body,
        data=pd.DataFrame(data, columns=["buyer", "year", "p05", "p50", "p95"]),
    )


def _ratio(part: xr.DataArray, whole: xr.DataArray) -> float:
    return float((part / whole).median())


def sectors_table(inputs: xr.Dataset, result: xr.Dataset, scope: Scope, catalogue: Catalogue, other: str | None = None) -> Table:
    """Usable training compute by sector at the headline date, demand met, and the months by which a regime delays it."""
    sectors = catalogue.table(SECTORS)
    held = compute_by_sector(inputs, result, catalogue.table(BUYERS), sectors)
    bound = end_of_year(scope.headline_year)
    now = held.sel(regime=scope.base, bound=bound)
    shares = now / now.sum("sector")
    met = _met(result, scope)
    later = months_later(held, scope.base, other, bound) if other else None
    giant = sectors.groupby("sector").apply(lambda rows: float(np.average(rows["giant"], weights=rows["share"])))
    body: list[list[Cell]] = []
    data = []
    for sector in held["sector"].values:
        row: list[Cell] = [capital(_(str(sector))), _cell(now.sel(sector=sector).values, 1e6)]
        row += [percent(float(shares.sel(sector=sector).median())), met]
        months = later.sel(sector=sector).values if later is not None else np.zeros(0)
        row += [*([_months(months), _months(months * giant[sector])] if other else [])]
        body.append(row)
        data.append((sector, *(float(v) for v in quantiles(now.sel(sector=sector).values)[[0, 2, 4]])))
    year = scope.headline_year
    heads = [
        _("Sector"),
        _("Usable for training at end-{year}, M H100e", year=year),
        _("Share"),
        _("Money met in {year}", year=year),
    ]
    heads += [_("Compute later by, months"), _("Growth later by, months")] if other else []
    against = (
        " " + _("Delay under {title} against {base}.", title=scope.titles[other], base=scope.titles[scope.base]) if other else ""
    )
    return Table(
        name="table-sectors",
        title=_("Sectors that compute at home serves under {title}", title=scope.titles[scope.base]),
        note=_(
            "A judged matrix: nobody publishes compute by sector. It splits what the model gives and cannot "
            "change it. Growth of a sector is delayed so far as it needs giant models, a judged "
            "share.{against}",
            against=against,
        ),
        header=heads,
        rows=body,
        data=pd.DataFrame(data, columns=["sector", "p05", "p50", "p95"]),
    )


def _met(result: xr.Dataset, scope: Scope) -> Cell:
    """Money that found something to buy, of all the money of the headline year; alike for all sectors."""
    one = result.sel(regime=scope.base)
    budget, unmet = (
        one[name].groupby("quarter.year").sum().sel(year=scope.headline_year).values for name in ("budget", "unmet_demand")
    )
    low, middle, high = (float(v) for v in quantiles(1 - unmet / np.maximum(budget, 1e-9))[[0, 2, 4]])
    return percent(middle), spread(low, high, 1.0, percent)


def _months(values: np.ndarray) -> Cell:
    """Months with their interval; a dash where too few worlds get there within the run."""
    there = np.isfinite(values)
    return _cell(values[there]) if there.mean() >= LEAST else _("not within the run")
