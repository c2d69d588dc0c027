"""Tables of frontier runs, units, watts, money and timing: from what `frontier`, `yardsticks`, `energy` and others derive."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.frontier import chance_of_run
from forecast.language import N_, _, number
from forecast.names import bounds_of, parse_quarter
from forecast.rows import period, quantiles
from forecast.tables import Cell, Scope, Table, percent, powers, signed, spread, two_digits, year_end

RUN = 1e26
"""Runs are written in units of this many FLOP."""


def in_units(values: np.ndarray, scale: float = 1.0, write: Callable[[float], str] = two_digits) -> Cell:
    """Median and 90 % interval of draws; one number where there is no spread."""
    low, middle, high = (float(v) / scale for v in quantiles(np.asarray(values, dtype=float))[[0, 2, 4]])
    return write(middle) if low == high else (write(middle), spread(low, high, 1.0, write))


def _small(x: float) -> str:
    """Two digits with up to three decimals."""
    return two_digits(x, 3)


def at_bound(array: xr.DataArray, quarter: str) -> xr.DataArray:
    """A stock at the bound that closes a quarter. Raises BadInput where the run does not reach it."""
    bound = np.datetime64(bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1], "ns")
    if bound not in array["bound"].values:
        last = period(array["bound"].values[-1], "bound")
        raise BadInput("a table asks for a quarter that the run does not hold", found=quarter, expected=f"at most {last}")
    return array.sel(bound=bound)


def ends_shown(scope: Scope, run: xr.Dataset) -> list[str]:
    """Year-ends to the headline date and the horizon, where the run reaches it."""
    horizon, last = f"{scope.horizon_year}Q4", period(run["bound"].values[-1], "bound")
    return [*scope.year_ends, *([horizon] if horizon <= last and horizon not in scope.year_ends else [])]


def three(values: np.ndarray) -> tuple[float, ...]:
    """p05, p50 and p95 of draws."""
    return tuple(float(v) for v in quantiles(np.asarray(values, dtype=float))[[0, 2, 4]])


def _row(data: list[tuple[object, ...]], labels: tuple[object, ...], values: np.ndarray, cell: Cell) -> Cell:
    """A cell, with its numbers added to the data."""
    data.append((*labels, *three(values)))
    return cell


def runs_table(runs: xr.Dataset, scope: Scope) -> Table:
    """Largest feasible runs at year-ends under the base regime, the lag, and what closure of rented compute would take."""
    one = runs.sel(regime=scope.base)
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for quarter in ends_shown(scope, runs):
        at = {
            name: at_bound(one[name], quarter)
            for name in ("largest_run", "us_largest_run", "lag_months", "run_exposed", "largest_model")
        }
        home, both = (at["largest_run"].sel(channel=name).values for name in ("onshore", "accessible"))
        parts = {
            "home": (home, RUN), "accessible": (both, RUN), "American": (at["us_largest_run"].values, RUN),
            "lag": (at["lag_months"].sel(channel="accessible").values, 1.0),
            "model": (at["largest_model"].sel(channel="accessible").values, 1e12), "exposed": (at["run_exposed"].values, 0.01),
        }  # fmt: skip
        cells = [_row(data, (quarter, name), values, in_units(values, scale)) for name, (values, scale) in parts.items()]
        rows.append([year_end(quarter), *cells, percent(float((both > home).mean()))])
    return Table(
        name="table-runs",
        title=_("Largest feasible training run under {title}, 10²⁶ FLOP", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval. Behind: months since the largest American run had the size of China's "
            "largest, wherever that is. Model: parameters in trillions of a dense model trained to the "
            "optimum. Exposed: percent of the largest run that would go if nothing rented abroad could be "
            "used. Abroad: share of worlds in which the largest run would be placed there."
        ),
        header=[
            _("At"),
            _("In China"),
            _("With compute abroad"),
            _("America"),
            _("Behind, months"),
            _("Model"),
            _("Exposed, %"),
            _("Abroad"),
        ],
        rows=rows,
        data=pd.DataFrame(data, columns=["quarter", "what", "p05", "p50", "p95"]),
    )


def regimes_runs_table(runs: xr.Dataset, scope: Scope, size: float) -> Table:
    """Every regime at the headline date: the largest run, the lag, and the probability that a run of a size is feasible."""
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    chance = chance_of_run(runs, size, [scope.headline]).set_index(["regime", "channel"])["probability"]
    for regime, title in scope.titles.items():
        cells = []
        for place in ("onshore", "accessible"):
            here = runs[["largest_run", "lag_months"]].sel(regime=regime, channel=place)
            run, lag = (at_bound(here[name], scope.headline).values for name in ("largest_run", "lag_months"))
            cells += [
                _row(data, (regime, place, "run"), run, in_units(run, RUN)),
                _row(data, (regime, place, "lag"), lag, in_units(lag)),
            ]
            cells.append(percent(float(chance[(regime, place)])))
        rows.append([title, *cells])
    return Table(
        name="table-runs-by-regime",
        title=_("Largest feasible run at {when} by regime, 10²⁶ FLOP", when=year_end(scope.headline)),
        note=_(
            "Median and 90% interval. Chance: share of worlds in which a run of {size} FLOP has been feasible by then.",
            size=powers(size),
        ),
        header=[
            _("Regime"),
            _("In China"),
            _("behind, months"),
            _("chance"),
            _("With compute abroad"),
            _("behind, months"),
            _("chance"),
        ],
        rows=rows,
        data=pd.DataFrame(data, columns=["regime", "channel", "what", "p05", "p50", "p95"]),
    )


def record_table(record: pd.DataFrame) -> Table:
    """The largest disclosed runs of each year beside what was feasible just before their release."""
    shown = record[record["largest"]]
    rows: list[list[Cell]] = [
        [
            _("China") if row.country == "CN" else _("America"), str(row.run), _(str(row.developer)), str(row.released),
            two_digits(row.flop / RUN, 4), (two_digits(row.p50 / RUN, 3), spread(row.p05, row.p95, RUN, _small)),
            percent(row.share) if row.share <= 1 else _("{share} times", share=number(row.share, 1)),
        ]
        for row in shown.itertuples()
    ]  # fmt: skip
    return Table(
        name="table-record",
        title=_("Largest disclosed run of each year beside what was feasible, 10²⁶ FLOP"),
        note=_(
            "Disclosed: estimates of others from what developers published. Feasible: our median and 90% "
            "interval at the last quarter's end before release, for China at home or abroad, in America the largest "
            "laboratory's. The American stock begins in 2022, so runs of 2022 and early 2023 stand on chips that are not "
            "counted."
        ),
        header=[_("Country"), _("Run"), _("Developer"), _("Released"), _("Disclosed"), _("Feasible"), _("Share")],
        rows=rows,
        data=shown,
    )


def methods_table(runs: xr.Dataset, scope: Scope) -> Table:
    """What better methods do for the largest run, and what they cost in size, at year-ends under the base regime."""
    one = runs.sel(regime=scope.base, channel="accessible")
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for quarter in scope.year_ends:
        parts = {
            "effective_run": RUN, "lag_months": 1.0, "effective_lag": 1.0, "largest_model": 1e12, "active_parameters": 1e12,
            "held_parameters": 1e12,
        }  # fmt: skip
        cells = [
            _row(data, (quarter, name), at_bound(one[name], quarter).values, in_units(at_bound(one[name], quarter).values, scale))
            for name, scale in parts.items()
        ]
        rows.append([year_end(quarter), *cells])
    return Table(
        name="table-methods",
        title=_("Better methods on the same chips under {title}", title=scope.titles[scope.base]),
        note=_(
            "Effective run: 10²⁶ FLOP of the dense methods of end-2023. Efficient methods take longer for an "
            "operation, so the model at work is smaller than a dense one, and hold many more parameters in "
            "memory than are at work; parameters in trillions. The gain is compounded from a yearly rate: "
            "past a few years it is extrapolation."
        ),
        header=[
            _("At"),
            _("Effective run"),
            _("Behind, months"),
            _("Behind in effective runs"),
            _("Dense model"),
            _("At work"),
            _("Held"),
        ],
        rows=rows,
        data=pd.DataFrame(data, columns=["quarter", "what", "p05", "p50", "p95"]),
    )


def labs_table(runs: xr.Dataset, scope: Scope) -> Table:
    """Compute of American laboratories over that of the largest Chinese developer, at year-ends under the base regime."""
    one = runs["lab_ratio"].sel(regime=scope.base)
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for lab in map(str, one["lab"].values):
        values = {quarter: at_bound(one, quarter).sel(lab=lab).values for quarter in scope.year_ends}
        rows.append([lab, *(_row(data, (lab, quarter), array, in_units(array)) for quarter, array in values.items())])
    return Table(
        name="table-labs",
        title=_("American laboratories over the largest Chinese developer, usable compute"),
        note=_(
            "Median and 90% interval. Laboratories: shares of the American stock as estimated for the end of "
            "2025, held constant. Chinese developer: its share of all usable compute at home and abroad."
        ),
        header=[_("Laboratory"), *map(year_end, scope.year_ends)],
        rows=rows,
        data=pd.DataFrame(data, columns=["lab", "quarter", "p05", "p50", "p95"]),
    )


def units_table(stocks: xr.DataArray, scope: Scope) -> Table:
    """Both countries' stocks and their ratio in every unit, at the last year-end seen and at the headline date."""
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    quarters = (scope.year_ends[0], scope.headline)
    for unit, label in zip(stocks["unit"].values, stocks["label"].values, strict=True):
        one = stocks.sel(unit=unit, regime=scope.base)
        scale = 1e6 if float(at_bound(one, scope.headline).median("draw").max()) > 1e6 else 1.0
        cells: list[Cell] = []
        for quarter in quarters:
            china, america = (at_bound(one, quarter).sel(country=name).values for name in stocks["country"].values)
            parts = {"China": (china, scale), "United States": (america, scale), "ratio": (america.astype(float) / china, 1.0)}
            cells += [_row(data, (unit, quarter, name), values, in_units(values, by)) for name, (values, by) in parts.items()]
        rows.append([_("{unit}, million", unit=_(str(label))) if scale > 1 else _(str(label)), *cells])
    ends = [year_end(quarter) for quarter in quarters]
    return Table(
        name="table-units",
        title=_("The same stocks in other units under {title}", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval. China: acquired, onshore; America: acquired, by owner. Conversions "
            "stand in params/units.csv."
        ),
        header=[_("Unit"), *(f"{what}, {end}" for end in ends for what in (_("China"), _("America"), _("ratio")))],
        rows=rows,
        data=pd.DataFrame(data, columns=["unit", "quarter", "what", "p05", "p50", "p95"]),
    )


def watts_table(watts: xr.Dataset, scope: Scope) -> Table:
    """Rate per kilowatt of chip power in China, in America and of the best class on sale, at year-ends under the base regime."""
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for quarter in ends_shown(scope, watts):
        held = {
            name: at_bound(watts[name], quarter)
            for name in ("rate_per_kw", "us_rate_per_kw", "frontier_rate_per_kw", "efficiency_ratio")
        }
        parts = {name: (array.sel(regime=scope.base) if "regime" in array.dims else array).values for name, array in held.items()}
        rows.append(
            [year_end(quarter), *(_row(data, (quarter, name), values, in_units(values)) for name, values in parts.items())]
        )
    return Table(
        name="table-watts",
        title=_("H100e per kilowatt of chip power under {title}", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval. China: what runs onshore; America: the acquired stock; best on sale: "
            "the best class that American companies receive; no better one than those on sale at {when} is listed, so it stands "
            "still from then on. Servers, network and cooling are left out.",
            when=year_end(_last_rise(watts["frontier_rate_per_kw"])),
        ),
        header=[_("At"), _("China"), _("America"), _("Best on sale"), _("China over America")],
        rows=rows,
        data=pd.DataFrame(data, columns=["quarter", "what", "p05", "p50", "p95"]),
    )


def _last_rise(best: xr.DataArray) -> str:
    """The quarter at whose end the best class on sale was last better than before."""
    values = best.transpose("bound", "draw").values
    rises = np.flatnonzero((np.diff(values, axis=0) > 0).any(axis=1))
    return period(best["bound"].values[int(rises[-1]) + 1 if len(rises) else 0], "bound")


def receipts_table(paid: xr.DataArray, scope: Scope) -> Table:
    """Who receives the money of Chinese buyers under each regime, in the years from the origin's to the headline's."""
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    years = range(int(scope.as_of[:4]), scope.headline_year + 1)
    for regime, title in scope.titles.items():
        for k, recipient in enumerate(map(str, paid["recipient"].values)):
            one = paid.sel(regime=regime, recipient=recipient).sum("channel")
            values = {year: one.sel(quarter=one["quarter"].dt.year == year).sum("quarter").values for year in years}
            cells = [_row(data, (regime, recipient, year), array, in_units(array)) for year, array in values.items()]
            rows.append([title if k == 0 else "", _(recipient), *cells])
    return Table(
        name="table-receipts",
        title=_("Who receives what Chinese buyers spend on chips, bn USD"),
        note=_(
            "Median and 90% interval. American vendors: chips under licence less the duty or share they "
            "bear, diverted chips at list price, and chips that Chinese firms own abroad. Middlemen: the "
            "premium on diverted chips. Rents abroad are left out."
        ),
        header=[_("Regime"), _("Recipient"), *map(str, years)],
        rows=rows,
        data=pd.DataFrame(data, columns=["regime", "recipient", "year", "p05", "p50", "p95"]),
        spanned=1,
    )


DENIAL = {
    "lost": (N_("Units lost, thousand usable H100e"), 1e3, two_digits), "unspent": (N_("More left unspent, bn USD"), 1.0, signed),
    "extra_price": (N_("Dearer by, USD per usable H100e"), 1.0, signed),
    "extra_money": (N_("On what is bought, bn USD"), 1.0, signed),
    "lost_per_million": (N_("Units lost per million USD"), 1.0, signed),
}  # fmt: skip


def denial_table(cost: pd.DataFrame, scope: Scope) -> Table:
    """What each other regime costs Chinese buyers against the base, from the origin to a quarter; rows as from `denial_cost`."""
    rows: list[list[Cell]] = []
    for regime, part in cost.groupby("regime", sort=False):
        held = part.set_index("what")
        cells: list[Cell] = []
        for what, (_text, scale, write) in DENIAL.items():
            low, middle, high = (float(held.loc[what, name]) / scale for name in ("p05", "p50", "p95"))
            cells.append((write(middle), spread(low, high, 1.0, write)))
        rows.append([scope.titles[str(regime)], *cells])
    return Table(
        name="table-denial",
        title=_(
            "What a regime costs Chinese buyers against {title}, to {when}",
            title=scope.titles[scope.base],
            when=year_end(cost["quarter"].iloc[0]),
        ),
        note=_(
            "Median and 90% interval of paired differences, onshore purchases of both goods. A denial that "
            "takes the dearest chips away lowers the mean price of what is left, so read the price with the "
            "units lost and the money left unspent."
        ),
        header=[_("Regime"), *(_(text) for text, *_rest in DENIAL.values())],
        rows=rows,
        data=cost,
    )


def without_table(others: xr.Dataset, scope: Scope) -> Table:
    """Who goes without where world supply is limited, and the stock of third countries, by regime to the headline date."""
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    last = parse_quarter(scope.headline)
    for regime, title in scope.titles.items():
        one = others.sel(regime=regime)
        flows = {
            name: one[name].sel(quarter=one["quarter"] <= last).sum("quarter").values
            for name in ("us_displaced", "third_displaced")
        }
        stock = at_bound(one["third_compute"], scope.headline).values
        parts = {**{name: (values, 1e3) for name, values in flows.items()}, "third_compute": (stock, 1e6)}
        rows.append(
            [title, *(_row(data, (regime, name), values, in_units(values, scale)) for name, (values, scale) in parts.items())]
        )
    return Table(
        name="table-without",
        title=_("Who goes without, from the origin to {when}", when=year_end(scope.headline)),
        note=_(
            "Median and 90% interval over all worlds; nothing is displaced in those in which the world's "
            "supply follows orders. Displaced: thousand H100e that China buys under licence or abroad beyond "
            "the origin's quarter. Stock: million H100e."
        ),
        header=[_("Regime"), _("Displaced in America"), _("Displaced elsewhere"), _("Stock of third countries")],
        rows=rows,
        data=pd.DataFrame(data, columns=["regime", "what", "p05", "p50", "p95"]),
    )


RECIPIENTS = (N_("American vendors"), N_("US Treasury"), N_("middlemen"), N_("Chinese vendors"))
"""Recipients of forecast.receipts, marked as texts."""
