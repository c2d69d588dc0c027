"""Two small tables beside frontier runs: what one of each unit is with its source, and the steps of a supply curve."""

import pandas as pd

from forecast.catalogue.load import Catalogue
from forecast.language import N_, _, number
from forecast.supply_curve import Curve
from forecast.tables import Cell, Table, percent, quarter_name, two_digits
from forecast.yardsticks import units_table

WAYS = {"licensed": N_("under licence"), "diverted": N_("diverted"), "domestic": N_("Chinese")}
TITLES = {
    "training": N_("Supply for training in {quarter} under {title}"),
    "serving": N_("Supply for serving in {quarter} under {title}"),
}


def conversions_table(catalogue: Catalogue) -> Table:
    """The conversion table of params/units.csv with publishers: what one of each unit counts, and how much of it."""
    held = units_table(catalogue).reset_index()
    books = catalogue.table("sources.csv").set_index("source")
    body: list[list[Cell]] = [
        [
            _(str(row.label)), f"{_amount(row.amount)} {row.of}",
            "; ".join(dict.fromkeys(str(books.loc[source, "publisher"]) for source in str(row.source).split())),
            _(str(row.reason)),
        ]
        for row in held.itertuples()
    ]  # fmt: skip
    return Table(
        name="table-conversions",
        title=_("What one of each unit is"),
        note=_("A unit of another kind than rate converts class by class, never as a whole."),
        header=[_("Unit"), _("One is"), _("Source"), _("Meaning")],
        rows=body,
        data=held,
    )


def _some(x: float) -> str:
    """An amount above zero that rounds to nothing is <0.01."""
    return f"<{number(0.01, 2)}" if 0.0 < x < 0.005 else two_digits(x)


def _amount(x: float) -> str:
    """An amount with all its digits, in the form of the language."""
    return number(x, len(f"{x:.10g}".partition(".")[2]))


def supply_table(curve: Curve, labels: dict[str, str], regime: str) -> Table:
    """Steps of a supply curve, cheapest first: price, amounts [thousand usable H100e] and money [bn USD], with what is unmet."""
    body: list[list[Cell]] = [
        [
            labels.get(str(row.gpu_class), str(row.gpu_class)), _(WAYS[str(row.channel)]), two_digits(row.price / 1e3),
            _some(row.offered / 1e3), two_digits(row.end / 1e3), _some(row.bought / 1e3), _some(row.spent),
        ]
        for row in curve.table.itertuples()
    ]  # fmt: skip
    whole = curve.table[["offered", "bought"]].sum() / 1e3
    body.append([_("Together"), "", "", two_digits(whole["offered"]), "", two_digits(whole["bought"]), two_digits(curve.spent)])
    return Table(
        name="table-supply-curve",
        title=_(TITLES[curve.good], quarter=quarter_name(curve.quarter), title=regime),
        note=(_("One world close to the medians.") if curve.typical else _("One world."))
        + " "
        + _(
            "Thousand usable H100e and billion dollars of the quarter. Budget {money}, spent {spent}, unmet {unmet} billion "
            "dollars; {mandate} of the money buys Chinese chips first and {barred} nothing else. Buyers differ, so the order is "
            "not strict.",
            money=two_digits(curve.money),
            spent=two_digits(curve.spent),
            unmet=two_digits(curve.unmet),
            mandate=percent(curve.mandate),
            barred=percent(curve.barred),
        ),
        header=[
            _("Class"),
            _("Way"),
            _("Price, thousand USD per usable H100e"),
            _("On offer"),
            _("Up to here"),
            _("Bought"),
            _("Spent"),
        ],
        rows=body,
        data=pd.DataFrame(curve.table),
    )
