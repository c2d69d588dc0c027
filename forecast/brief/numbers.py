"""Numbers with an id, and sentences that may hold no others."""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from forecast.contract import BadInput
from forecast.language import _
from forecast.tables import Rows, percent, signed, spread, two_digits

Parts = list[dict[str, str]]
"""A sentence: pieces of text, and ids of numbers."""

STYLES: dict[str, tuple[float, Callable[[float], str]]] = {
    "millions": (1e6, two_digits),
    "thousands": (1e3, two_digits),
    "change": (1e6, signed),
    "share": (1.0, percent),
    "plain": (1.0, two_digits),
}
"""How a value is written: its divisor and its form."""


WAYS: dict[str, Callable[[Sequence[float]], list[float]]] = {
    "row": list,
    "ratio": lambda values: [values[0] / values[1]],
    "mean of a year": lambda values: [sum(values) / 4],
}
"""How a number comes from rows of the summary: as they stand, first over second, or mean of four quarters (without a row: zero).
Other ways need the run: "side" from a result beside the summary, "count" of params or law, "stated" by the question."""


class Number(NamedTuple):
    """A number that a sentence may use: its id, its text, its values, the rows they came from, and how.

    style: a key of STYLES, or nothing where the text is as stated. way: a key of WAYS.
    """

    id: str
    text: str
    values: tuple[float, ...]
    rows: tuple[str, ...] = ()
    style: str = ""
    way: str = "stated"


class See(NamedTuple):
    """A figure or table that a sentence points at, by the name under which the template asks for it: figure-fan, table-law."""

    name: str


class Numbers:
    """All numbers that the brief's text uses, by id: what a reader can pull."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.held: dict[str, Number] = {}

    def add(
        self, id_: str, text: str, *values: float, rows: Sequence[str] = (), style: str = "", way: str | None = None
    ) -> Number:
        """Register a number under its id. The same id with another text is an error."""
        number = Number(id_, text, values, tuple(rows), style, way or ("count" if values else "stated"))
        if self.held.setdefault(id_, number).text != text:
            raise BadInput("Two numbers of the brief have one id", key=id_, found=text, expected=self.held[id_].text)
        return number

    def read(self, variable: str, statistic: str, style: str = "millions", **labels: str) -> Number:
        """One row of the summary in a style: millions, change, share or plain. The statistic p05-p95 reads both ends."""
        ends = statistic.split("-") if statistic == "p05-p95" else [statistic]
        values = [self.rows.value(variable, end, **labels) for end in ends]
        keys = [row_key(variable, end, **labels) for end in ends]
        id_ = "/".join([variable, statistic, *labels.values()])
        return self.add(id_, written(values, style), *values, rows=keys, style=style, way="row")

    def point(self, id_: str, value: float, style: str = "change") -> Number:
        """One number of a side result in a style. The id names its place in the file of that result."""
        return self.add(id_, written([value], style), value, rows=[id_], style=style, way="side")

    def frame(self, id_: str, row: Mapping[str, Any], style: str = "change", spot: str = "p50") -> dict[str, Number]:
        """Central value and 90% interval of a row of a side result: value and range. The id names the row in its file."""
        middle, low, high = (float(row[name]) for name in (spot, "p05", "p95"))
        ends = written([low, high], style)
        return {
            "value": self.add(f"{id_}/{spot}", written([middle], style), middle, rows=[id_], style=style, way="side"),
            "range": self.add(f"{id_}/p05-p95", ends, low, high, rows=[id_], style=style, way="side"),
        }

    def pair(self, name: str, variable: str, style: str = "millions", **labels: str) -> dict[str, Number]:
        """Median and 90% interval of one quantity under the names that a sentence uses: name and name_range."""
        return {
            name: self.read(variable, "p50", style, **labels),
            f"{name}_range": self.read(variable, "p05-p95", style, **labels),
        }

    def table(self) -> pd.DataFrame:
        """One line per number: id, text, values, how it came from which rows, and the style in which it is written."""
        lines = [
            {
                "id": id_,
                "text": number.text,
                "values": " ".join(f"{value:.10g}" for value in number.values),
                "rows": "; ".join(number.rows),
                "way": number.way,
                "style": number.style,
            }
            for id_, number in sorted(self.held.items())
        ]
        return pd.DataFrame(lines, columns=["id", "text", "values", "rows", "way", "style"])


def row_key(variable: str, statistic: str, **labels: str) -> str:
    """One row of the summary in words: variable/statistic/dimension=label/..."""
    return "/".join([variable, statistic, *(f"{name}={label}" for name, label in labels.items())])


def written(values: Sequence[float], style: str) -> str:
    """One value, or the two ends of an interval, in a style."""
    scale, write = STYLES[style]
    return spread(values[0], values[1], scale, write) if len(values) == 2 else write(values[0] / scale)


def sentence(template: str, **pieces: "Number | See | str | Parts") -> Parts:
    """Pieces of a sentence in the language spoken. Its own words hold no digits (H100e apart): numbers come in under a name."""
    parts: Parts = []
    for words, name, _spec, _form in string.Formatter().parse(_(template)):
        if any(character.isdigit() for character in words.replace("H100e", "")):
            raise BadInput("A sentence holds a number without an id", found=words, mend="give the number an id and a name")
        if words:
            parts.append({"text": words})
        if name is not None:
            if name not in pieces:
                raise BadInput("A sentence asks for a number that it was not given", key=name, found=template)
            piece = pieces[name]
            if isinstance(piece, Number):
                parts.append({"id": piece.id})
            elif isinstance(piece, See):
                parts.append({"see": piece.name})
            elif isinstance(piece, list):
                parts += piece
            else:
                parts.append({"text": piece})
    return parts


def joined(sentences: Sequence[Parts]) -> Parts:
    """Sentences one after another."""
    parts: Parts = []
    for number, pieces in enumerate(sentences):
        parts += ([{"text": " "}] if number else []) + pieces
    return parts


def clauses(told: Sequence[Parts]) -> Parts:
    """Clauses as a list in a sentence: a, b and c."""
    if len(told) < 2:
        return [part for clause in told for part in clause]
    front = [part for place, clause in enumerate(told[:-1]) for part in ([{"text": ", "}] if place else []) + clause]
    return sentence("{names} and {last}", names=front, last=told[-1])


def portion(numbers: Numbers, id_: str, share: float) -> Number:
    """A share of things that can be counted: all, none, or whole percent."""
    return numbers.add(id_, _("all") if share == 1 else _("none") if share == 0 else percent(share), share)
