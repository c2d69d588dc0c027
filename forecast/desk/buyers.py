"""Who pays and whom it serves, and the check of the licensed channel, as a notebook shows them."""

from forecast.buyers_tables import buyers_table, sectors_table
from forecast.catalogue.load import open_catalogue
from forecast.desk.view import Listed, View, inputs_of, listed, one_by_one, result_of
from forecast.hazard import closing, closing_table, hosts_closing_table
from forecast.hindcast import h200_table
from forecast.sides import ratios, ratios_table, software_table, world_table


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


class Closing:
    """What closures by chance take from the base regime of a run: by year, and by host."""

    def __init__(self, view: View) -> None:
        self.scope = view.scope
        self.held = closing(inputs_of(view), result_of(view), self.scope.base)

    def _ipython_display_(self) -> None:
        one_by_one(self.by_year(), self.by_host())

    def by_year(self) -> Listed:
        """Rented compute and the largest run at year-ends."""
        return listed(closing_table(self.held, self.scope))

    def by_host(self) -> Listed:
        """Hosts at the headline date."""
        return listed(hosts_closing_table(self.held, self.scope))


def clouds_that_close(view: View) -> Closing:
    """Rented compute and the largest run if clouds may close by chance, by year and by host."""
    return Closing(view)


def world_stock(view: View) -> Listed:
    """Who holds the world's stock, in either form of the world's supply."""
    return listed(world_table(inputs_of(view), result_of(view), view.scope))


def licence_check() -> Listed:
    """What beliefs from before the H200 rule said of deliveries, beside what came."""
    return listed(h200_table(open_catalogue()))
