"""Who pays and whom it serves, and the check of the licensed channel, as a notebook shows them."""

from forecast.buyers_tables import buyers_table, sectors_table
from forecast.catalogue.load import open_catalogue
from forecast.desk.view import Listed, View, inputs_of, listed, result_of
from forecast.hindcast import h200_table
from forecast.sides import ratios, ratios_table, software_table


def buyers(view: View) -> Listed:
    """Capital by buyer beside what was published."""
    years = tuple(sorted({2025, 2026, view.scope.headline_year}))
    return listed(buyers_table(inputs_of(view), open_catalogue(), years))


def sectors(view: View, regime: str = "") -> Listed:
    """Usable compute by sector, and what a regime delays; without a name the last of the run that is not the base."""
    others = view.scope.others
    other = regime or (others[-1] if others else None)
    return listed(sectors_table(inputs_of(view), result_of(view), view.scope, open_catalogue(), other))


def ratios_by_side(view: View) -> Listed:
    """American over Chinese compute by owner, by use and by location."""
    return listed(ratios_table(ratios(inputs_of(view), result_of(view)), view.scope))


def software(view: View) -> Listed:
    """What software lets Chinese chips deliver: vendors' own teams, third parties, serving."""
    return listed(software_table(inputs_of(view), result_of(view), view.scope))


def licence_check() -> Listed:
    """What beliefs from before the H200 rule said of deliveries, beside what came."""
    return listed(h200_table(open_catalogue()))
