"""Frontier runs, units, watts, money and timing as a notebook shows them."""

import pandas as pd

from forecast import frontier_tables as tables
from forecast.bite import time_to_bite
from forecast.bite_tables import bite_table
from forecast.catalogue.load import open_catalogue
from forecast.desk.view import Listed, Shown, View, inputs_of, listed, one_by_one, result_of
from forecast.energy import rate_per_watt
from forecast.figures import runs_chart, supply_chart
from forecast.frontier import beside_record, frontier_runs, paths_of_runs
from forecast.power_tables import power_table
from forecast.receipts import denial_cost, displaced, receipts
from forecast.supply_curve import Curve, supply_curve
from forecast.systems_tables import supernodes_table, system_paths, systems_table
from forecast.units_tables import conversions_table, supply_table
from forecast.yardsticks import rank_changes, stocks_in_units

FEW = 256
"""Draws on which side questions are answered."""


class Frontier:
    """All that is derived from one run, loaded once: each method is a table or a figure."""

    def __init__(self, view: View) -> None:
        self.view, self.scope, self.catalogue = view, view.scope, open_catalogue()
        self.inputs, self.result = inputs_of(view), result_of(view)
        self.held = frontier_runs(self.inputs, self.result, efficient=True)
        self.record = beside_record(self.held, self.catalogue.table("history/training_runs.csv"))

    def figure(self) -> Shown:
        """Largest runs over time beside disclosed ones."""
        title = self.scope.titles[self.scope.base]
        return Shown(runs_chart(paths_of_runs(self.held), self.record, self.scope.as_of, title))

    def runs(self) -> Listed:
        """Largest runs at year-ends."""
        return listed(tables.runs_table(self.held, self.scope))

    def systems(self) -> Listed:
        """What the largest system could be by its owner and by its network, and which of the two limits it."""
        paths = system_paths(self.inputs, self.result, self.held, self.scope.base)
        return listed(systems_table(paths, self.catalogue, self.scope))

    def supernodes(self) -> Listed:
        """Kinds of supernodes, what their makers claim and what one fabric is taken to join."""
        return listed(supernodes_table(self.catalogue))

    def by_regime(self, size: float) -> Listed:
        """Largest runs by regime and the chance of a run of a size [FLOP]."""
        return listed(tables.regimes_runs_table(self.held, self.scope, size))

    def disclosed(self) -> Listed:
        """The record beside what was feasible."""
        return listed(tables.record_table(self.record))

    def methods(self) -> Listed:
        """Better methods on the same chips, and their price."""
        return listed(tables.methods_table(self.held, self.scope))

    def labs(self) -> Listed:
        """American laboratories over the largest Chinese developer."""
        return listed(tables.labs_table(self.held, self.scope))

    def units(self) -> "Units":
        """Stocks in every unit, and where the order turns with it."""
        return Units(self)

    def watts(self) -> Listed:
        """Rate per watt."""
        return listed(tables.watts_table(rate_per_watt(self.inputs, self.result), self.scope))

    def power(self) -> Listed:
        """Power at the meter."""
        return listed(power_table(self.result, self.scope))

    def money(self) -> Listed:
        """Who receives what Chinese buyers spend."""
        return listed(tables.receipts_table(receipts(self.inputs, self.result), self.scope))

    def denial(self) -> Listed:
        """What each other regime costs Chinese buyers."""
        if not self.scope.others:
            return Listed(pd.DataFrame(), "One regime: there is no other to compare it with.")
        return listed(tables.denial_table(denial_cost(self.result, self.scope.headline, self.scope.base), self.scope))

    def without(self) -> Listed:
        """Who goes without."""
        return listed(tables.without_table(displaced(self.inputs, self.result), self.scope))

    def supply(self, quarter: str = "", good: str = "training", regime: str = "") -> "Supply":
        """The supply curve of a quarter (the headline's), a good and a regime (the base), as a figure and as a table."""
        chosen = regime or self.scope.base
        curve = supply_curve(self.inputs.isel(draw=slice(FEW)), quarter or self.scope.headline, good, chosen)
        labels = {name: each["label"] for name, each in self.scope.classes.items()}
        return Supply(curve, labels, self.scope.titles[chosen])

    def bite(self) -> Listed:
        """Time to bite and half-life of every instrument, on few draws."""
        few = self.view.scenario.model_copy(update={"draws": min(FEW, self.view.scenario.draws)})
        return listed(bite_table(time_to_bite(few, catalogue=self.catalogue)))


class Supply:
    """The supply curve of one quarter, regime and good in one world."""

    def __init__(self, curve: Curve, labels: dict[str, str], regime: str) -> None:
        self.curve, self.labels, self.regime = curve, labels, regime

    def _ipython_display_(self) -> None:
        one_by_one(self.shown(), self.listed())

    def shown(self) -> Shown:
        """Steps by price with the budget line, what is bought and what stays unmet."""
        return Shown(supply_chart(self.curve, self.labels, self.regime))

    def listed(self) -> Listed:
        """The same steps as rows, with money, spending and what is left below."""
        return listed(supply_table(self.curve, self.labels, self.regime))


class Units:
    """One run's stocks in every unit."""

    def __init__(self, frontier: Frontier) -> None:
        self.scope, self.catalogue = frontier.scope, frontier.catalogue
        self.stocks = stocks_in_units(frontier.inputs, frontier.result, frontier.catalogue)

    def _ipython_display_(self) -> None:
        one_by_one(self.listed(), self.warnings(), self.conversions())

    def listed(self) -> Listed:
        """Both countries' stocks and their ratio in every unit."""
        return listed(tables.units_table(self.stocks, self.scope))

    def conversions(self) -> Listed:
        """What one of each unit is, and who says so."""
        return listed(conversions_table(self.catalogue))

    def warnings(self) -> Listed:
        """Where the order of two regimes or of the two countries turns with the unit, at year-ends to the horizon."""
        last = min(self.scope.horizon_year, int(str(self.stocks["bound"].values[-1])[:4]) - 1)
        ends = [f"{year}Q4" for year in range(int(self.scope.as_of[:4]), last + 1)]
        found = rank_changes(self.stocks, ends)
        title = "Where the order turns with the unit"
        if found.empty:
            none = [
                {"pairs": "regimes and countries", "at": f"{ends[0][:4]} to {ends[-1][:4]}", "warning": "none: no order turns"}
            ]
            return Listed(pd.DataFrame(none), title)
        return Listed(
            found.round(3), title, "Differences of medians as a share of the larger stock; worlds: share that disagrees."
        )


def frontier(view: View) -> Frontier:
    """Frontier runs, units, watts, money and timing of a run."""
    return Frontier(view)
