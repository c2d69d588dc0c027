"""Tables for readers, made from the rows of summary.csv alone, and the one rounding rule: two significant digits."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from forecast.contract import BadInput
from forecast.names import CHANNELS

DIMENSIONS = ("variable", "statistic", "regime", "channel", "gpu_class", "country", "quarter")
WHERE = {
    "onshore": "onshore",
    "offshore": "abroad",
    "accessible": "accessible",
    "licensed": "licensed",
    "diverted": "diverted",
    "domestic": "domestic",
}
"""What a reader sees for a channel or a sum of channels."""

DECISION_SHARE = 0.1
"""An effect matters when it exceeds this share of the stock; the summary's p_gain_10pct and p_loss_10pct are made with it."""


def two_digits(x: float, decimals: int = 2) -> str:
    """Two significant digits, thousands apart, at most `decimals` decimals: 0.537 is 0.54, 12345 is 12,000, -0.2 is −0.20."""
    if not math.isfinite(x):
        raise ValueError(f"a number for readers must be finite, found {x}")
    if x == 0:
        return "0"
    shortened = Decimal(f"{x:.1e}")
    places = max(1 - shortened.adjusted(), 0)
    number = shortened if places <= decimals else round(Decimal(x), decimals)
    text = f"{abs(number):,.{min(places, decimals)}f}"
    return f"−{text}" if number < 0 else text


def millions(h100e: float) -> str:
    """A stock in H100e as millions to two digits: 8123456 is 8.1."""
    return two_digits(h100e / 1e6)


def signed(x: float) -> str:
    """A change to two digits with its sign: 0.24 is +0.24."""
    text = two_digits(x)
    return f"+{text}" if x > 0 and text.strip("0.") else text


def percent(share: float) -> str:
    """A share of 0 to 1 as whole percent; what rounds to nothing or to all is <1% or >99%."""
    if not -1e-9 <= share <= 1 + 1e-9:
        raise ValueError(f"a share lies between 0 and 1, found {share}")
    whole = round(100 * share)
    if whole < 1:
        return "<1%"
    return ">99%" if whole > 99 else f"{whole}%"


def spread(low: float, high: float, scale: float = 1.0, write: Callable[[float], str] = two_digits) -> str:
    """An interval: 5.3 to 12."""
    return f"{write(low / scale)} to {write(high / scale)}"


def year_end(quarter: str) -> str:
    """2028Q4 as end-2028, another quarter as the end of it."""
    return f"end-{quarter[:4]}" if quarter.endswith("Q4") else f"end of {quarter}"


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
        return float(found)

    def path(self, variable: str, statistic: str, quarters: Sequence[str], **labels: str) -> list[float]:
        """One number for each quarter."""
        return [self.value(variable, statistic, quarter=quarter, **labels) for quarter in quarters]

    def where(self, **labels: str | Sequence[str]) -> pd.DataFrame:
        """The rows whose labels are the given ones, as they stand in the summary."""
        chosen = self.table
        for name, wanted in labels.items():
            chosen = chosen[chosen[name].isin([wanted] if isinstance(wanted, str) else list(wanted))]
        return chosen

    def labels(self, dimension: str, **fixed: str | Sequence[str]) -> list[str]:
        """The labels that one dimension takes among some rows, in order of appearance, the empty one left out."""
        return [label for label in self.where(**fixed)[dimension].unique() if label]


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
        """The scope of a run's context; headlines reach two years past the origin's and fans four, if it names none."""
        scenario = context["scenario"]
        year = int(scenario["as_of"][:4])
        return cls(
            titles={regime["id"]: short_title(regime) for regime in scenario["regimes"]},
            as_of=scenario["as_of"],
            headline_year=int(scenario.get("headline_year", year + 2)),
            horizon_year=int(scenario.get("horizon_year", year + 4)),
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

    @property
    def headline(self) -> str:
        """The quarter that ends at the headline date."""
        return f"{self.headline_year}Q4"

    @property
    def year_ends(self) -> list[str]:
        """The last quarters of the years from the one before the origin to the headline year."""
        return [f"{year}Q4" for year in range(int(self.as_of[:4]) - 1, self.headline_year + 1)]


Cell = str | tuple[str, str]
"""A cell is a text, or a central value with its interval."""


class Table(NamedTuple):
    """A table on a page: cells already rounded, and the data they came from.

    A row of one cell is a heading across. In the first `spanned` columns an empty cell continues the one above it.
    """

    name: str
    title: str
    note: str
    header: list[str]
    rows: list[list[Cell]]
    data: pd.DataFrame
    spanned: int = 0


def central(
    rows: Rows, variable: str, regime: str, channel: str, quarter: str, write: Callable[[float], str] = two_digits
) -> Cell:
    """Median with its 90% interval, in millions."""
    low, middle, high = (
        rows.value(variable, statistic, regime=regime, channel=channel, quarter=quarter) for statistic in ("p05", "p50", "p95")
    )
    return write(middle / 1e6), spread(low, high, 1e6, write)


def _full(regime: Mapping[str, str]) -> str:
    """A regime's summary, its full title in front where the short one differs."""
    return regime["summary"] if short_title(regime) == regime["title"] else f"{regime['title']}. {regime['summary']}"


def regimes_table(context: Mapping[str, Any]) -> Table:
    """The regimes that a run compares: what each says and where it is written."""
    regimes = context["scenario"]["regimes"]
    return Table(
        name="table-regimes",
        title="What each regime says",
        note=f"{short_title(regimes[0])} is what the others are compared with.",
        header=["Regime", "What it says", "Where it is written"],
        rows=[[short_title(regime), _full(regime), regime["citation"]] for regime in regimes],
        data=pd.DataFrame(list(regimes)),
    )


def headline_table(rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "accessible")) -> Table:
    """Stock at year-ends by regime, median and 90% interval."""
    body: list[list[Cell]] = []
    for channel in channels:
        body.append([f"{WHERE[channel].capitalize()}"])
        for regime, title in scope.titles.items():
            body.append([title, *(central(rows, "compute_nominal", regime, channel, quarter) for quarter in scope.year_ends)])
    return Table(
        name="table-headline",
        title="Compute at year-ends by regime, million H100e",
        note="Median over draws and 90% interval.",
        header=["Regime", *(year_end(quarter) for quarter in scope.year_ends)],
        rows=body,
        data=rows.where(variable="compute_nominal", channel=channels, quarter=scope.year_ends, regime=list(scope.titles)),
    )


def channels_table(rows: Rows, scope: Scope) -> Table:
    """Stock by channel at the headline date, a column per regime; the sums close each block."""
    body: list[list[Cell]] = []
    order = [name for name in CHANNELS if name != "offshore"] + ["onshore", "offshore", "accessible"]
    for channel in order:
        cells = (central(rows, "compute_nominal", regime, channel, scope.headline) for regime in scope.titles)
        body.append([WHERE[channel].capitalize(), *cells])
    return Table(
        name="table-channels",
        title=f"Compute by channel at {year_end(scope.headline)}, million H100e",
        note="Median over draws and 90% interval. Medians of parts do not add up to the median of their sum.",
        header=["Channel", *scope.titles.values()],
        rows=body,
        data=rows.where(variable="compute_nominal", channel=order, quarter=scope.headline, regime=list(scope.titles)),
    )


def effect_table(rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "offshore", "accessible")) -> Table:
    """What each other regime changes at the headline date, with the probabilities of a change that matters."""
    body: list[list[Cell]] = []
    variable = "effect:compute_nominal"
    for regime in scope.others:
        body.append([f"{scope.titles[regime]} instead of {scope.titles[scope.base]}"])
        for channel in channels:
            gain, loss, error = (
                rows.value(variable, name, regime=regime, channel=channel, quarter=scope.headline)
                for name in ("p_gain_10pct", "p_loss_10pct", "mc_error")
            )
            change = central(rows, variable, regime, channel, scope.headline, signed)
            body.append([WHERE[channel].capitalize(), change, percent(gain), percent(loss), two_digits(error / 1e6, decimals=3)])
    tenth = percent(DECISION_SHARE)
    return Table(
        name="table-effects",
        title=f"Change at {year_end(scope.headline)} on the same draws, million H100e",
        note=f"Median of the paired difference and 90% interval. The two probabilities are of a gain or a loss of more than "
        f"{tenth} of the stock under {scope.titles[scope.base]}. Sampling error: standard error of the median.",
        header=["Where", "Change", f"Chance of gain over {tenth}", f"Chance of loss over {tenth}", "Sampling error"],
        rows=body,
        data=rows.where(variable=variable, channel=channels, quarter=scope.headline, regime=scope.others),
    )


def _measured(value: float | None, unit: str) -> float | None:
    """A published or own value in the unit that the page uses: plain H100e become millions."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value / 1e6 if unit == "H100e" else value


def _shown(low: float | None, middle: float | None, high: float | None, unit: str) -> Cell:
    """A value with its interval where it has one; a dash where there is none."""
    low, middle, high = (_measured(value, unit) for value in (low, middle, high))
    if middle is None:
        return "–" if low is None or high is None else spread(low, high)
    return two_digits(middle) if low is None or high is None else (two_digits(middle), spread(low, high))


def _unit_words(units: set[str]) -> str:
    """The unit in a table's title when all rows share one."""
    words = {"million H100e" if unit == "H100e" else unit for unit in units}
    return f", {words.pop()}" if len(words) == 1 else ""


def ordered_sources(context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The sources, those cited by the comparison first: their place is the number under which they are cited."""
    known = {source["id"]: source for source in context["sources"]}
    cited = [other["source"] for row in context["comparison"] for other in row["others"] if other.get("source")]
    unknown = [name for name in cited if name not in known]
    if unknown:
        raise BadInput("The comparison cites a source that is not listed", found=unknown[0], expected="an id among the sources")
    return [known[name] for name in dict.fromkeys([*cited, *known])]


def comparison_table(context: Mapping[str, Any]) -> Table:
    """Our numbers beside published ones for the same channel and date, a column for each definition of ours.

    Rows that share channel, date and comparators are one block. Plain H100e are shown in millions.
    """
    place = {source["id"]: (number, source) for number, source in enumerate(ordered_sources(context), start=1)}
    definitions = list(dict.fromkeys(row["definition"] for row in context["comparison"]))
    blocks: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in context["comparison"]:
        blocks.setdefault((row["quarter"], row["channel"]), {})[row["definition"]] = row
    body: list[list[Cell]] = []
    data = []
    for (quarter, channel), held in blocks.items():
        ours = [_ours(held[name]) if name in held else "–" for name in definitions]
        first: list[Cell] = [f"{WHERE.get(channel, channel).capitalize()}, {year_end(quarter)}", *ours]
        for row in held.values():
            data += [{**{name: row[name] for name in row if name != "others"}, **other} for other in row["others"]]
        for other in next(iter(held.values()))["others"]:
            number, source = place.get(other.get("source"), (None, None))
            publisher = f"{source['publisher']} [{number}]" if source else other["publisher"]
            unit = other.get("unit", "H100e")
            theirs = _shown(other.get("low"), other.get("value"), other.get("high"), unit)
            body.append([*first, theirs, publisher, other.get("note") or ""])
            first = [""] * len(first)
    units = {row.get("unit", "H100e") for row in context["comparison"]}
    return Table(
        name="table-comparison",
        title=f"Our estimates beside published ones{_unit_words(units)}",
        note="Published figures lean on one another and several share inputs with ours: agreement is not confirmation.",
        header=["What", *(f"Ours, {name}" for name in definitions), "Published", "By", "How it differs"],
        rows=body,
        data=pd.DataFrame(data),
        spanned=1 + len(definitions),
    )


def _ours(row: Mapping[str, Any]) -> Cell:
    """Our value of one row of the comparison."""
    return _shown(row["ours_p05"], row["ours_p50"], row["ours_p95"], row.get("unit", "H100e"))


def crosscheck_table(context: Mapping[str, Any]) -> Table:
    """The run beside arithmetic done by hand before it, with a remark on each difference."""
    body: list[list[Cell]] = []
    for row in context["crosscheck"]:
        expected, ours = (
            _shown(row[f"{side}_p05"], row[f"{side}_p50"], row[f"{side}_p95"], row["unit"]) for side in ("expected", "ours")
        )
        what, remark = (row[name][:1].upper() + row[name][1:] for name in ("what", "remark"))
        body.append([what, expected, ours, remark])
    units = {row["unit"] for row in context["crosscheck"]}
    return Table(
        name="table-crosscheck",
        title=f"The run beside arithmetic done by hand beforehand{_unit_words(units)}",
        note="Central values and 90% intervals. One analyst’s arithmetic, done before the run; the run is not tuned to it.",
        header=["What", "By hand", "This run", "Remark"],
        rows=body,
        data=pd.DataFrame(list(context["crosscheck"])),
    )
