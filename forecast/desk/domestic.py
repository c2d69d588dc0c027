"""Chinese supply as a notebook shows it: lines, dies, memory, packages, vendors, what binds, sovereignty, what a policy does."""

import pandas as pd

from forecast.catalogue.fabs import EVERY_MAKER
from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.desk.results import FEW
from forecast.desk.view import Listed, Shown, View, inputs_of, listed, result_of
from forecast.everyfork import by_fork, everyfork_table, years_told
from forecast.figures import flow_chart, units_chart, yield_chart
from forecast.flows import flow_parts
from forecast.levers import lever_table, policy_table
from forecast.listed import listing_table
from forecast.packaging import packaging_table
from forecast.supply import (
    dies_table,
    flow_table,
    lines_table,
    memory_table,
    packages_table,
    stockpile_table,
    years_of,
    yield_curves,
    yields_table,
)
from forecast.tables import percent
from forecast.vendors import (
    LIMITS,
    binding_table,
    bounds_by_quarter,
    independent_table,
    sovereignty_table,
    vendors_table,
    views_table,
)


def supply_lines() -> Listed:
    """Advanced logic by line."""
    return listed(lines_table(open_catalogue()))


def supply_dies(view: View) -> Listed:
    """From wafers to dies, by year."""
    return listed(dies_table(result_of(view), view.scope))


def supply_yields(view: View) -> Listed:
    """Yields beside published ones."""
    return listed(yields_table(result_of(view), inputs_of(view), view.scope, open_catalogue()))


def supply_memory(view: View) -> Listed:
    """Memory by source and year."""
    return listed(memory_table(result_of(view), inputs_of(view), view.scope))


def supply_stockpile() -> Listed:
    """Where the stockpile of memory went."""
    return listed(stockpile_table(open_catalogue()))


def supply_packages(view: View) -> Listed:
    """Packages by type."""
    return listed(packages_table(inputs_of(view), open_catalogue()))


def supply_packaging(view: View) -> Listed:
    """Slots offered and used, and what each input alone would allow."""
    return listed(packaging_table(result_of(view), inputs_of(view), view.scope))


def bounds_of_maker(view: View, maker: str = EVERY_MAKER) -> Listed:
    """What stops one maker, quarter by quarter."""
    data = bounds_by_quarter(result_of(view), view.scope, open_catalogue())
    makers = data["maker"].unique().tolist()
    if maker not in makers:
        raise BadInput("A maker that the run does not have", found=maker, expected=", ".join(makers))
    wide = data[data["maker"] == maker].pivot_table(index="quarter", columns="limit", values="share")[list(LIMITS)]
    rows = wide.map(percent).reset_index().rename(columns={"quarter": "when"})
    return Listed(rows, f"What stops {maker} by quarter", "Share of worlds after the origin, weighted by compute added.")


def supply_flow(view: View) -> Listed:
    """From wafers to usable compute, by year."""
    return listed(flow_table(result_of(view), inputs_of(view), view.scope))


def flow_picture(view: View, year: int | None = None) -> Shown:
    """From dies and memory to usable compute in one year, the headline year unless told."""
    year = year or view.scope.headline_year
    first, last = years_of(view.scope)[0], years_of(view.scope)[-1]
    if not first <= year <= last:
        raise BadInput("A year that the run does not tell", found=str(year), expected=f"{first} to {last}")
    return Shown(flow_chart(flow_parts(result_of(view), inputs_of(view), view.scope, year), view.scope, year))


def yield_picture(view: View) -> Shown:
    """Yield curves of both nodes beside published yields."""
    catalogue = open_catalogue()
    published = catalogue.table("fabs/yields.csv")
    published = published.assign(
        publisher=published["source"].map(catalogue.table("sources.csv").set_index("source")["publisher"])
    )
    return Shown(yield_chart(yield_curves(result_of(view), inputs_of(view), view.scope, catalogue), published, view.scope))


def supply_beside(view: View) -> Listed:
    """Chinese supply beside another run of the same evidence, and why they differ."""
    return listed(independent_table(result_of(view), inputs_of(view), view.scope, open_catalogue()))


def supply_vendors(view: View) -> Listed:
    """Units by vendor beside published figures."""
    return listed(vendors_table(result_of(view), view.scope, open_catalogue()))


def units_picture(view: View) -> Shown:
    """Cards by vendor beside published figures, for those that have any."""
    return Shown(units_chart(vendors_table(result_of(view), view.scope, open_catalogue()).data, view.scope))


def supply_bounds(view: View) -> Listed:
    """What stops each maker, by year."""
    return listed(binding_table(result_of(view), view.scope, open_catalogue()))


def supply_views(view: View) -> Listed:
    """Who says what binds, beside our worlds."""
    return listed(views_table(result_of(view), view.scope, open_catalogue()))


def sovereignty(view: View) -> Listed:
    """Three ratios of sovereignty, by regime and year."""
    return listed(sovereignty_table(result_of(view), view.scope))


def policy_on_supply(view: View, policy: str) -> Listed:
    """What a policy shows in Chinese supply, year by year, in either form of investment; runs both on some of the draws."""
    few = view.scenario.model_copy(update={"draws": min(FEW, view.scenario.draws)})
    return listed(policy_table(few, view.scope, policy))


def listing(view: View, policy: str) -> Listed:
    """One firm's path with and without a rule that names it; runs both on some of the draws."""
    few = view.scenario.model_copy(update={"draws": min(FEW, view.scenario.draws)})
    return listed(listing_table(few, view.scope, policy))


def policy_in_every_fork(view: View, policy: str) -> Listed:
    """What a policy on supply shows before and after 2028 in every form of every fork; runs each on some of the draws."""
    few = view.scenario.model_copy(update={"draws": min(FEW, view.scenario.draws)})
    catalogue = open_catalogue()
    data = by_fork(few, policy, years_told(few), catalogue)
    return listed(everyfork_table(data, few.draws, view.scope, catalogue.regimes[policy].title))


def levers() -> Listed:
    """From lever to input, one row a lever."""
    table = lever_table()
    rows = pd.DataFrame({
        "lever": table["lever"],
        "range": [f"{row.low:g} to {row.high:g}, today {row.default:g}" for row in table.itertuples()],
        "what it is": table["about"],
        "acts on": table["acts_on"],
        "which is": table["input"],
        "median": table["median"],
        "shaped by": table["also"],
        "by firm": ["yes" if each else "" for each in table["by_firm"]],
    })  # fmt: skip
    return Listed(rows, "From lever to input", "Median: of a path in its first year. Shaped by: other inputs of the same effect.")
