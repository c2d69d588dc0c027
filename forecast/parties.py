"""What no rule on items says: which firms stand on party lists, and what Beijing does at its own border.

Both are dated tables beside the law. A listing cuts a firm off from kinds of goods under the law of the country that made
the list; Beijing's gate is practice reported by the press, never American law.
"""

import datetime as dt
import math
from typing import NamedTuple

import pandas as pd

from forecast.chipnames import aliases_in, plain
from forecast.stages.permissions import MET, STATUSES, Facts, Provision, outcome, parse_test

FOREIGN = {"US": ("NL", "JP", "CN"), "TW": ("US", "NL", "JP", "KR", "CN")}
"""Origins that a list does not reach: goods that are not subject to the law of the country that made the list.

The United States follow foreign-made goods through their foreign product rules, but not tools of the Netherlands and Japan;
Taiwan's list binds exporters in Taiwan."""


class Listing(NamedTuple):
    """One entry of a party list: the firm, the list, since when, what it is cut off from, and where that is written."""

    firm: str
    list: str
    by: str
    since: dt.date
    reaches: tuple[str, ...]
    policy: str
    citation: str
    source: str
    confidence: str

    @property
    def provision(self) -> Provision:
        """The entry as a control on every item, for the one buyer that is asked about."""
        paragraph = f"{self.list}: {self.firm}"
        return Provision(
            f"listing.{plain(self.firm)}", paragraph, ((),), (), (), ("any",), False, (), STATUSES.index(self.policy)
        )


class Gate(NamedTuple):
    """What Beijing does with an item on a day: state, whom it binds, in words, how well that is known."""

    state: str
    buyers: str
    since: dt.date
    happened: str
    basis: str
    confidence: str
    source: str


def kind_of(facts: Facts) -> str:
    """What a party list calls an item (facts of shape (1,)): hbm, tools, software, foundry or chips."""
    for name, kind in (
        ("hbm_stack", "hbm"),
        ("tool", "tools"),
        ("service", "tools"),
        ("eda", "software"),
        ("foundry_order", "foundry"),
    ):
        if facts[name][0] == 1.0:
            return kind
    return "chips"


def listings_of(buyer: str, facts: Facts, day: dt.date, table: pd.DataFrame) -> list[Listing]:
    """Entries that cut a buyer off from an item on a day, by any of the buyer's names; none for a firm that is not listed."""
    asked, kind, origin = plain(buyer), kind_of(facts), str(facts["origin"][0])
    found = []
    for row in table.itertuples():
        if asked not in {plain(name) for name in (row.firm, *aliases_in(row.aliases))}:
            continue
        ended = not pd.isna(row.until) and day > row.until.date()
        if row.since.date() <= day and not ended and kind in row.reaches.split() and origin not in FOREIGN.get(row.by, ()):
            since, goods = row.since.date(), tuple(row.reaches.split())
            found.append(Listing(row.firm, row.list, row.by, since, goods, row.policy, row.citation, row.source, row.confidence))
    return found


def gate_of(facts: Facts, day: dt.date, table: pd.DataFrame) -> tuple[Gate, ...]:
    """What Beijing does with an item (facts of shape (1,)) on its way to the mainland on a day; empty where the gate is open."""
    found = []
    for row in table.itertuples():
        inside = row.since.date() <= day and (pd.isna(row.until) or day <= row.until.date())
        if inside and (facts["chip"][0] in row.chips.split() or _alike(row.test, facts)):
            found.append(Gate(row.state, row.buyers, row.since.date(), row.happened, row.basis, row.confidence, row.source))
    return tuple(found)


def _alike(test: str, facts: Facts) -> bool:
    """Whether an item that is not named meets a row's test (tests joined by ' & '; empty: none does)."""
    if not test:
        return False
    vendors = [part.removeprefix("vendor is ") for part in test.split(" & ") if part.startswith("vendor is ")]
    tests = [parse_test(part) for part in test.split(" & ") if not part.startswith("vendor is ")]
    met = all(not math.isnan(float(facts[one.metrics[0]][0])) and outcome(one, facts)[0] == MET for one in tests)
    return met and (not vendors or facts["vendor"][0] in vendors)
