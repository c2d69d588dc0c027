"""If the law turns by chance: the forecast without a condition beside those under each branch, as a table and a sentence."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.brief.messages import Message, Words
from forecast.brief.numbers import Number, Numbers, See, sentence
from forecast.catalogue.load import Catalogue
from forecast.language import N_, _
from forecast.scenario import Scenario
from forecast.switching import NAME, odds
from forecast.tables import Cell, Table, percent, signed, spread, two_digits, year_end

TITLE = N_("Law turns by chance")
SHOWN = (("onshore", "stock"), ("accessible", "stock"), ("accessible", "effect"))


def odds_rows(scenario: Scenario, year: int, catalogue: Catalogue) -> pd.DataFrame:
    """The unconditional forecast and its branches as from forecast.switching, with what a reader calls each branch."""
    data = odds(scenario, year, catalogue)
    return data.assign(label=[TITLE if name == NAME else _label(str(name), catalogue) for name in data["regime"]])


def odds_table(data: pd.DataFrame, draws: int) -> Table:
    """Stocks and the change against current law by branch at a year's end, the unconditional forecast first.

    data as from `odds_rows` on so many draws.
    """
    held = data.set_index(["regime", "channel", "quantity"])
    layers = data.loc[data["kind"] == "layer", "regime"]
    body: list[list[Cell]] = []
    for name in dict.fromkeys(data["regime"]):
        if name == layers.iloc[0]:
            body.append([_("With any branch")])
        row = held.loc[(name, "onshore", "stock")]
        label = _(str(row["label"]))
        shares: list[Cell] = ["", ""] if name == NAME else [percent(row["weight"]), percent(row["share"])]
        cells: list[Cell] = [_cell(held.loc[(name, *key)], key[1]) for key in SHOWN]
        body.append([label, *shares, *(cells if name != "current" else [*cells[:2], _("reference")])])
    return Table(
        name="table-odds",
        title=_(
            "The forecast without a condition, beside its branches: {when}, million H100e",
            when=year_end(str(data["quarter"].iloc[0])),
        ),
        note=_(
            "{draws} draws, the same worlds in every row. Median and 90% interval. Odds: judged chance that "
            "a turn of the law leads there; share: worlds that live under it then. In the first row the law "
            "turns quarter by quarter, as often as since 2022 and more often at known dates; branches hold "
            "from dates of their own.",
            draws=draws,
        ),
        header=[_("Branch"), _("Odds"), _("Share"), _("Onshore"), _("Accessible"), _("Change of accessible")],
        rows=body,
        data=data,
    )


def _label(name: str, catalogue: Catalogue) -> str:
    """A branch in a few words; an overlay's short name stands beside that of a regime, so its title is taken."""
    regime = catalogue.regimes[name.removeprefix("current+")]
    return regime.title if regime.status == "overlay" else regime.short


def _cell(row: pd.Series, quantity: str) -> Cell:
    write = signed if quantity == "effect" else two_digits
    return write(row["p50"] / 1e6), spread(row["p05"], row["p95"], 1e6, write)


def odds_text(numbers: Numbers, context: Mapping[str, Any], words: Words) -> Message:
    """What the forecast is if nobody says which law will hold."""
    held = context["side"]["odds"].set_index(["regime", "channel", "quantity"])
    pieces: dict[str, Number | str | See] = {"table": See("table-odds")}
    for name, quantity, style in (("stock", "stock", "millions"), ("change", "effect", "change")):
        row = {str(key): value for key, value in held.loc[(NAME, "accessible", quantity)].items()}
        found = numbers.frame(f"table-odds/{NAME}/accessible/{quantity}", row, style)
        pieces |= {name: found["value"], f"{name}_range": found["range"]}
    lead = sentence(
        "If nobody says which law will hold, accessible compute at {when} is {stock} million H100e ({stock_range}): {change} "
        "million ({change_range}) against current law.",
        **words,
        **{name: piece for name, piece in pieces.items() if name != "table"},
    )
    stock, change = (held.loc[(NAME, "accessible", quantity)] for quantity in ("stock", "effect"))
    small = change["p95"] - change["p05"] < (stock["p95"] - stock["p05"]) / 2
    told = (
        N_(
            "{table} weighs what may come of the law by judged odds. Doubt about which law will hold is "
            "small beside doubt about everything else: turns pull both ways, and most come late."
        )
        if small
        else N_("{table} weighs what may come of the law by judged odds. Which law will hold is a large part of the doubt.")
    )
    return Message(lead, [sentence(told, table=pieces["table"])])
