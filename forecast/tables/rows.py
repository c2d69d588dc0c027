"""The long table with one door, what the pages speak of, and the shape of a table on a page."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from forecast.contract import BadInput
from forecast.tables.words import spread, two_digits

DIMENSIONS = ("variable", "statistic", "regime", "channel", "gpu_class", "country", "quarter")


class Rows:
    """The long table with one door: a row is asked for by its labels and must exist."""

    def __init__(self, table: pd.DataFrame) -> None:
        missing = {*DIMENSIONS, "value", "unit"} - set(table.columns)
        if missing:
            raise BadInput("The summary lacks columns", found=sorted(table.columns), expected=", ".join(sorted(missing)))
        table = table.copy()
        for name in ("channel", "gpu_class", "country"):
            table[name] = table[name].fillna("").replace("all", "")
        self.table = table
        self.of_variable = {str(name): part for name, part in table.groupby("variable", sort=False)}
        self._asked: set[tuple[str, ...]] = set()
        self._shown: set[int] = set()
        self.series = table.set_index(list(DIMENSIONS))["value"].astype(float).sort_index()
        if self.series.index.has_duplicates:
            twice = self.series.index[self.series.index.duplicated()][0]
            raise BadInput("The summary holds a row twice", found=dict(zip(DIMENSIONS, twice, strict=True)))

    def value(
        self,
        variable: str,
        statistic: str,
        *,
        regime: str,
        quarter: str,
        channel: str = "",
        gpu_class: str = "",
        country: str = "",
    ) -> float:
        """One number. Raises BadInput with the labels when the run holds no such row, or it is not finite."""
        key = (variable, statistic, regime, channel, gpu_class, country, quarter)
        found = self.series.get(key)
        if found is None or not math.isfinite(found):
            raise BadInput(
                "A page needs a number that the run does not hold",
                file="summary.csv",
                key=" · ".join(part for part in key if part),
                found="no such row" if found is None else found,
                mend="make the run again, or take the sentence, table or figure that asks for it off the page",
            )
        self._asked.add(key)
        return float(found)

    def path(self, variable: str, statistic: str, quarters: Sequence[str], **labels: str) -> list[float]:
        """One number for each quarter."""
        return [self.value(variable, statistic, quarter=quarter, **labels) for quarter in quarters]

    def where(self, **labels: str | Sequence[str]) -> pd.DataFrame:
        """The rows whose labels are the given ones, as they stand in the summary."""
        chosen = self._chosen(labels)
        self._shown.update(chosen.index)
        return chosen

    def _chosen(self, labels: Mapping[str, str | Sequence[str]]) -> pd.DataFrame:
        variable, chosen = labels.get("variable"), self.table
        if isinstance(variable, str):
            chosen = self.of_variable.get(variable, self.table.iloc[:0])
            labels = {name: wanted for name, wanted in labels.items() if name != "variable"}
        for name, wanted in labels.items():
            chosen = chosen[chosen[name].isin([wanted] if isinstance(wanted, str) else list(wanted))]
        return chosen

    def has(self, **labels: str | Sequence[str]) -> bool:
        """Whether there are rows with these labels; asking so reads none of them."""
        return not self._chosen(labels).empty

    def read(self) -> pd.DataFrame:
        """The rows that were asked for so far, in their order: all that the pages show of a run."""
        keys = pd.MultiIndex.from_frame(self.table[list(DIMENSIONS)])
        return self.table[keys.isin(self._asked) | self.table.index.isin(self._shown)]

    def labels(self, dimension: str, **fixed: str | Sequence[str]) -> list[str]:
        """The labels that one dimension takes among some rows, in order of appearance, the empty one left out."""
        return [label for label in self._chosen(fixed)[dimension].unique() if label]


MOST_COLUMNS = 4
"""Regimes that fit side by side as columns of a table."""

LONGEST_TITLE = 28
"""Characters that fit above a panel or a column."""


def short_title(regime: Mapping[str, str]) -> str:
    """A regime's name on figures and in sentences: its `short`, a title that is short enough, or its id spelt as in the title."""
    if regime.get("short"):
        return regime["short"]
    if len(regime["title"]) <= LONGEST_TITLE:
        return regime["title"]
    spelt = {word.lower(): word for word in regime["title"].replace(",", " ").split()[1:]}
    words = " ".join(spelt.get(word, word) for word in regime["id"].replace("_", "-").split("-"))
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Scope:
    """What the pages speak of: regimes with short titles (base first), origin, years, and the names of vendors and classes."""

    titles: Mapping[str, str]
    as_of: str
    headline_year: int
    horizon_year: int
    classes: Mapping[str, Mapping[str, str]]
    vendors: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Scope":
        """The scope of a run's context; headlines reach two years past the origin's and fans four, if the run reaches so far."""
        scenario = context["scenario"]
        year = int(scenario["as_of"][:4])
        end = scenario.get("last", "")
        last = int(end[:4]) - (not end.endswith("Q4")) if end else year + 4
        return cls(
            titles={regime["id"]: short_title(regime) for regime in scenario["regimes"]},
            as_of=scenario["as_of"],
            headline_year=min(int(scenario.get("headline_year", year + 2)), last),
            horizon_year=min(int(scenario.get("horizon_year", year + 4)), last),
            classes=context["classes"],
            vendors=context["vendors"],
        )

    @property
    def base(self) -> str:
        """The regime that the others are compared with."""
        return next(iter(self.titles))

    @property
    def others(self) -> list[str]:
        """The regimes that are compared with the base."""
        return list(self.titles)[1:]

    def widest(self, rows: "Rows", most: int = MOST_COLUMNS) -> list[str]:
        """The base and the others that change accessible compute most at the headline date, at most so many, in their order."""
        sizes = {
            name: abs(rows.value("effect:compute_nominal", "p50", regime=name, channel="accessible", quarter=self.headline))
            for name in (self.others if len(self.titles) > most else [])
        }
        kept = sorted(sizes, key=lambda name: -sizes[name])[: most - 1]
        return [name for name in self.titles if not sizes or name == self.base or name in kept]

    @property
    def headline(self) -> str:
        """The quarter that ends at the headline date."""
        return f"{self.headline_year}Q4"

    @property
    def year_ends(self) -> list[str]:
        """The last quarters of the years from the one before the origin to the headline year."""
        return [f"{year}Q4" for year in range(int(self.as_of[:4]) - 1, self.headline_year + 1)]


Cell = str | tuple[str, str]
"""A cell is a text, or a central value with its interval; in a heading across, a title and what it says."""


class Table(NamedTuple):
    """A table on a page: cells already rounded, and the data they came from.

    A row of one cell is a heading across. In the first `spanned` columns an empty cell continues the one above it. `shades`
    tints cells by row and column from -1 (loss) to 1 (gain); a row without shades is empty.
    """

    name: str
    title: str
    note: str
    header: list[str]
    rows: list[list[Cell]]
    data: pd.DataFrame
    spanned: int = 0
    shades: Sequence[Sequence[float]] = ()


def central(
    rows: Rows, variable: str, regime: str, channel: str, quarter: str, write: Callable[[float], str] = two_digits
) -> Cell:
    """Median with its 90% interval, in millions."""
    low, middle, high = (
        rows.value(variable, statistic, regime=regime, channel=channel, quarter=quarter) for statistic in ("p05", "p50", "p95")
    )
    return write(middle / 1e6), spread(low, high, 1e6, write)
