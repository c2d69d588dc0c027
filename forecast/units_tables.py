"""Two small tables beside frontier runs: what one of each unit is with its source, and the steps of a supply curve."""

import pandas as pd

from forecast.catalogue.load import Catalogue
from forecast.supply_curve import Curve
from forecast.tables import Cell, Table, percent, two_digits
from forecast.yardsticks import units_table

WAYS = {"licensed": "under licence", "diverted": "diverted", "domestic": "Chinese"}


def conversions_table(catalogue: Catalogue) -> Table:
    """The conversion table of params/units.csv with publishers: what one of each unit counts, and how much of it."""
    held = units_table(catalogue).reset_index()
    books = catalogue.table("sources.csv").set_index("source")
    body: list[list[Cell]] = [
        [
            str(row.label), f"{row.amount:,.10g} {row.of}".replace(",", "\u202f"),
            "; ".join(dict.fromkeys(str(books.loc[source, "publisher"]) for source in str(row.source).split())), str(row.reason),
        ]
        for row in held.itertuples()
    ]  # fmt: skip
    return Table(
        name="table-conversions",
        title="What one of each unit is",
        note="A unit of another kind than rate converts class by class, never as a whole.",
        header=["Unit", "One is", "Source", "Meaning"],
        rows=body,
        data=held,
    )


def supply_table(curve: Curve, labels: dict[str, str], regime: str) -> Table:
    """Steps of a supply curve, cheapest first: price, amounts [thousand usable H100e] and money [bn USD], with what is unmet."""
    body: list[list[Cell]] = [
        [
            labels.get(str(row.gpu_class), str(row.gpu_class)), WAYS[str(row.channel)], two_digits(row.price / 1e3),
            two_digits(row.offered / 1e3), two_digits(row.end / 1e3), two_digits(row.bought / 1e3), two_digits(row.spent),
        ]
        for row in curve.table.itertuples()
    ]  # fmt: skip
    whole = curve.table[["offered", "bought"]].sum() / 1e3
    body.append(["Together", "", "", two_digits(whole["offered"]), "", two_digits(whole["bought"]), two_digits(curve.spent)])
    return Table(
        name="table-supply-curve",
        title=f"Supply for {curve.good} in {curve.quarter} under {regime}",
        note=f"One world{' close to the medians' if curve.typical else ''}. Thousand usable H100e and billion dollars of the "
        f"quarter. Budget {two_digits(curve.money)}, spent {two_digits(curve.spent)}, unmet {two_digits(curve.unmet)} billion "
        f"dollars; {percent(curve.mandate)} of the money buys Chinese chips first. Buyers differ, so the order is not strict.",
        header=["Class", "Way", "Price, thousand USD per usable H100e", "On offer", "Up to here", "Bought", "Spent"],
        rows=body,
        data=pd.DataFrame(curve.table),
    )
