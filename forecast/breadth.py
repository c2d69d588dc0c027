"""Tables that read the draws themselves: goods and their prices, hosts abroad, structural forks, and the choice of 2024."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue
from forecast.forms import between_forms
from forecast.language import N_, _
from forecast.model.choice import choices, share_of
from forecast.names import COUNTRIES, GOODS, bounds_of, parse_quarter
from forecast.rows import quantiles
from forecast.scenario import Scenario
from forecast.shadow import shadow_values
from forecast.tables import Cell, Scope, Table, capital, percent, quarter_name, signed, spread, two_digits, year_end

HOSTS = {
    "MY": N_("Malaysia"), "SG": N_("Singapore"), "ID": N_("Indonesia"), "JP": N_("Japan"), "AE": N_("Emirates"),
    "other": N_("Elsewhere"),
}  # fmt: skip
FORKS = {
    "bottlenecks": (N_("Investment"), {"independent": N_("as planned"), "rebalancing": N_("moves to what binds")}),
    "diversion": (N_("Diversion"), {"gap": N_("demand gap"), "third_country": N_("share of third countries")}),
    "world": (N_("World supply"), {"limited": N_("packaging and power"), "trend": N_("trend of orders")}),
}
"""What a reader sees for a fork and its forms."""

WAYS = {
    N_("two goods, choice dispersed"): {},
    N_("two goods, strict order"): {"strictly": True},
    N_("one good, choice dispersed"): {"one_good": True},
    N_("one good, strict order"): {"one_good": True, "strictly": True},
}


def _cell(values: np.ndarray, scale: float = 1.0, decimals: int = 2) -> Cell:
    """Median and 90 % interval of draws."""
    low, middle, high = quantiles(np.asarray(values, dtype=float))[[0, 2, 4]] / scale

    def write(x: float) -> str:
        return two_digits(x, decimals=decimals)

    return write(middle), spread(low, high, 1.0, write)


def _end(quarter: str) -> np.datetime64:
    """The bound that closes a quarter."""
    return np.datetime64(bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1], "ns")


def goods_rows(result: xr.Dataset, scope: Scope) -> pd.DataFrame:
    """What a usable H100e costs and how much is bought for training and for serving, in the last quarter of each year.

    Columns: quarter, regime, good, variable (price_paid [USD/H100e], bought_usable [H100e/quarter]), p05, p50, p95.
    """
    data = []
    for quarter in scope.year_ends:
        one = result.sel(quarter=parse_quarter(quarter), regime=scope.base)
        for good in GOODS:
            for name in ("price_paid", "bought_usable"):
                values = quantiles(one[name].sel(good=good).values)
                data.append((quarter, scope.base, good, name, *(float(values[k]) for k in (0, 2, 4))))
    return pd.DataFrame(data, columns=["quarter", "regime", "good", "variable", "p05", "p50", "p95"])


def goods_table(data: pd.DataFrame, scope: Scope) -> Table:
    """Prices and purchases of both goods as a table; data as from `goods_rows`."""
    held = data.set_index(["quarter", "variable", "good"])
    rows: list[list[Cell]] = []
    for quarter in data["quarter"].unique():
        asked = [held.loc[(quarter, name, good)] for name in ("price_paid", "bought_usable") for good in GOODS]
        cells: list[Cell] = [(two_digits(one["p50"] / 1e3), spread(one["p05"], one["p95"], 1e3)) for one in asked]
        rows.append([quarter_name(quarter), *cells])
    return Table(
        name="table-goods",
        title=_("Two goods under {title}: price and purchases", title=scope.titles[scope.base].lower()),
        note=_(
            "Median and 90% interval. Price: thousand dollars for a usable H100e of the good, over all "
            "channels onshore. Bought: thousand usable H100e in the quarter; software and, in serving, "
            "memory bandwidth are counted in."
        ),
        header=[_("Quarter"), _("Price, training"), _("Price, serving"), _("Bought, training"), _("Bought, serving")],
        rows=rows,
        data=data,
    )


def hosts_table(result: xr.Dataset, scope: Scope) -> Table:
    """Compute abroad at the headline date by host country, owned and rented, under each regime. [H100e]"""
    at = result[["offshore_owned", "offshore_rented"]].sel(bound=_end(scope.headline))
    rows: list[list[Cell]] = []
    data = []
    for regime, title in scope.titles.items():
        for country in [name for name in COUNTRIES if name != "CN"]:
            one = at.sel(regime=regime, country=country)
            owned, rented = one["offshore_owned"].values.astype(float), one["offshore_rented"].values.astype(float)
            parts = {"owned": owned, "rented": rented, "together": owned + rented}
            rows.append(
                [title if country == COUNTRIES[1] else "", _(HOSTS[country]), *(_cell(v, 1e6, 3) for v in parts.values())]
            )
            for name, values in parts.items():
                found = quantiles(values)
                data.append((regime, country, name, *(float(found[k]) for k in (0, 2, 4))))
    return Table(
        name="table-hosts",
        title=_("Compute abroad by host at {when}, million H100e", when=year_end(scope.headline)),
        note=_(
            "Median and 90% interval; medians of hosts do not add up to the median of the whole. What a host "
            "can hold is its power for Chinese tenants times what a megawatt holds; what it cannot hold goes "
            "where room is left. Licensed chips that are kept abroad are split alike and not capped. The "
            "split is judgement."
        ),
        header=[_("Regime"), _("Host"), _("Owned"), _("Rented"), _("Together")],
        rows=rows,
        data=pd.DataFrame(data, columns=["regime", "country", "part", "p05", "p50", "p95"]),
        spanned=1,
    )


def forms_table(scenario: Scenario, scope: Scope, catalogue: Catalogue | None = None) -> Table:
    """Structural forks at the headline date: the spread between forms beside the spread within; runs every form once."""
    data = between_forms(scenario, str(_end(scope.headline))[:10], catalogue=catalogue)
    rows: list[list[Cell]] = []
    for (fork, what, regime), part in data.groupby(["fork", "what", "regime"], sort=False):
        label, forms = FORKS[str(fork)]
        title = scope.titles[str(regime)]
        subject = _("stock, {title}", title=title.lower()) if what == "stock" else _("effect, {title}", title=title.lower())
        cells = [(two_digits(row.p50 / 1e6), spread(row.p05, row.p95, 1e6)) for row in part.itertuples()]
        first = part.iloc[0]
        names = [f"{_(label)}: {' / '.join(_(forms[str(row.form)]) for row in part.itertuples())}" if what == "stock" else ""]
        rows.append([
            *names, subject, *cells, signed(first["between"] / 1e6), two_digits(first["within"] / 1e6),
            percent(first["variance_share"]),
        ])  # fmt: skip
    return Table(
        name="table-forms",
        title=_("Where experts dispute the form: onshore at {when}, million H100e", when=year_end(scope.headline)),
        note=_(
            "{draws} draws, all run under either form. Median and 90% interval. Between: median over worlds "
            "of the second form less the first; within: half the width of the 90% interval; share: part of "
            "the variance made by the form.",
            draws=scenario.draws,
        ),
        header=[
            _("Fork: first / second form"),
            _("What"),
            _("First form"),
            _("Second form"),
            _("Between"),
            _("Within"),
            _("Share"),
        ],
        rows=rows,
        data=data,
        spanned=1,
    )


def shadow_rows(scenario: Scenario, scope: Scope, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Shadow values at the headline date as from forecast.shadow; runs every constraint in either form of investment."""
    return shadow_values(scenario, str(_end(scope.headline))[:10], catalogue=catalogue)


CONSTRAINTS = (
    N_("logic wafers"), N_("memory stacks"), N_("packaging"), N_("foreign dies"), N_("licensed supply"),
    N_("routes of diversion"), N_("money"),
)  # fmt: skip
"""Constraints of forecast.shadow, marked as texts."""


def shadow_table(data: pd.DataFrame, scope: Scope, draws: int) -> Table:
    """What one percent more of each constraint would have added onshore by the headline date, for either form of investment.

    data as from `shadow_rows` on so many draws.
    """
    held = data.set_index(["constraint", "form"])
    rows: list[list[Cell]] = []
    for constraint in data["constraint"].unique():
        pair = [held.loc[(constraint, form)] for form in ("independent", "rebalancing")]
        cells: list[Cell] = []
        for one in pair:
            cells += [(two_digits(one["p50"] / 1e3), spread(one["p05"], one["p95"], 1e3)), percent(one["share_moved"])]
        rows.append([capital(_(constraint)), *cells, two_digits(pair[0]["elasticity"])])
    return Table(
        name="table-shadow",
        title=_("What one percent more would add onshore by {when}, thousand H100e", when=year_end(scope.headline)),
        note=_(
            "{draws} draws under {title}, each run with and without one percent more of the constraint after "
            "the origin. Median and 90% interval; in: share of worlds in which it adds anything. Elasticity: "
            "percent more added onshore after the origin for one percent more, investment as planned.",
            draws=draws,
            title=scope.titles[scope.base].lower(),
        ),
        header=[_("One percent more"), _("As planned"), _("in"), _("Investment moves"), _("in"), _("Elasticity")],
        rows=rows,
        data=data,
    )


def choice_table(inputs: xr.Dataset, gpu_class: str = "h20", year: int = 2024) -> Table:
    """Would buyers have chosen what they bought: the share of one class in a past year's purchases, by way of choosing."""
    rows: list[list[Cell]] = []
    data = []
    found = {way: choices(inputs, year, **how) for way, how in WAYS.items()}
    bought = share_of(found["one good, strict order"]["bought"], gpu_class)
    for way, values in {**{w: share_of(c["chosen"], gpu_class) for w, c in found.items()}, N_("as counted"): bought}.items():
        numbers = quantiles(values)
        rows.append([capital(_(way)), _cell(values), percent(float((values < 0.01).mean()))])
        data.append((way, *(float(numbers[k]) for k in (0, 2, 4)), float((values < 0.01).mean())))
    return Table(
        name="table-choice",
        title=_("Share of one class ({gpu_class}) in all chips bought onshore in {year}", gpu_class=gpu_class.upper(), year=year),
        note=_(
            "Median and 90% interval of the share by number of chips; the last column is the share of worlds "
            "that buy none. Vendor supply is a belief that rests on the same count, so the check is of the "
            "choice and not of the amount."
        ),
        header=[_("Buyers choose"), _("Share"), _("None")],
        rows=rows,
        data=pd.DataFrame(data, columns=["way", "p05", "p50", "p95", "none"]),
    )
