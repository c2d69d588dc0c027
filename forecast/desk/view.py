"""A run opened or computed, its figures and tables shown with words for those who cannot see them."""

import base64
import io
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import IPython.display
import pandas as pd
import xarray as xr

from forecast.catalogue.load import load, open_catalogue
from forecast.dossier import dossier
from forecast.figures import Drawing, effect_chart
from forecast.figures.frame import house_style
from forecast.folder import compute, open_inputs, open_result, open_summary, read_manifest
from forecast.scenario import Scenario
from forecast.tables import Rows, Scope, Table, two_digits, year_end


@dataclass(frozen=True)
class View:
    """A run as a notebook sees it: the scenario, the long table, what the brief knows beside, and where the run lies."""

    scenario: Scenario
    table: pd.DataFrame
    context: dict[str, Any]
    folder: Path

    @property
    def rows(self) -> Rows:
        """The long table as figures ask it."""
        return Rows(self.table)

    @property
    def scope(self) -> Scope:
        """Regimes, years and names that figures speak of."""
        return Scope.of(self.context)


def open_run(scenario: str, draws: int | None = None, run_folder: str = "") -> View:
    """The run of a scenario: opened from a run folder where one is named, else computed, or found when it was before."""
    catalogue = open_catalogue()
    if run_folder:
        folder = catalogue.home / run_folder
        manifest = read_manifest(folder)
        asked = Scenario.model_validate_json(json.dumps(manifest["scenario"]))
    else:
        asked = load(scenario, catalogue.home)
        asked = asked if draws is None else asked.model_copy(update={"draws": draws})
        made = compute(asked, catalogue.home)
        folder, manifest = made.folder, made.manifest
    with open_result(folder) as result:
        context = dossier(asked, catalogue, result.load(), manifest)
    return View(asked, open_summary(folder), context, folder)


def inputs_of(view: View) -> xr.Dataset:
    """The inputs of a run, draw by draw."""
    return open_inputs(view.folder)


def result_of(view: View) -> xr.Dataset:
    """The result of a run, draw by draw."""
    with open_result(view.folder) as result:
        return result.load()


class Listed:
    """A table in a notebook: text runs over as many lines as it needs, numbers stand to the right, no row is left out."""

    def __init__(self, table: pd.DataFrame, title: str = "", note: str = "") -> None:
        self.table, self.title, self.note = table, title, note

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{TOP}">{escape(str(name))}</th>' for name in self.table.columns)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.table.itertuples(index=False))
        title = f'<caption style="text-align:left;white-space:nowrap"><b>{escape(self.title)}</b></caption>' if self.title else ""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def one_by_one(*parts: object) -> None:
    """Show several things as outputs of their own, so that a paper sets the note of each beneath it."""
    IPython.display.display(*parts)  # type: ignore[no-untyped-call]


TOP = "text-align:left;vertical-align:top;max-width:60ch"
SHORT = 20
"""Characters of a cell that are kept on one line."""


def _cell(value: object) -> str:
    """A cell: lines of their own where the text has them, short texts unbroken, addresses as links."""
    text = escape("" if value is None else str(value))
    if text.startswith(("http://", "https://")):
        return f'<td style="{TOP};white-space:normal;overflow-wrap:anywhere"><a href="{text}">{text}</a></td>'
    lines = text.split("\n")
    space = "nowrap" if len(lines) > 1 or len(text) <= SHORT else "normal"
    return f'<td style="{TOP};white-space:{space}">{"<br>".join(lines)}</td>'


def listed(table: Table) -> Listed:
    """A table of the brief as a notebook shows it: an interval stands in brackets, a row of one cell is a heading."""
    rows, heading = [], ""
    for row in table.rows:
        cells = [cell if isinstance(cell, str) else f"{cell[0]} ({cell[1]})" for cell in row]
        if len(cells) == 1:
            heading = cells[0]
            continue
        rows.append([heading, *cells])
    frame = pd.DataFrame(rows, columns=["", *table.header])
    frame.iloc[:, 0] = frame.iloc[:, 0].mask(frame.iloc[:, 0].eq(frame.iloc[:, 0].shift()), "")
    return Listed(frame if heading else frame.iloc[:, 1:], table.title, table.note)


class Shown:
    """A figure in a notebook: vector picture, alternative text, title and note."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def _repr_html_(self) -> str:
        picture = io.BytesIO()
        with house_style():
            self.drawing.figure.savefig(picture, format="svg", metadata={"Date": None})
        data = base64.b64encode(picture.getvalue()).decode()
        title, note, alt = (escape(text) for text in (self.drawing.title, self.drawing.note, self.drawing.alt))
        return (
            f'<figure style="margin:0;max-width:900px"><figcaption><b>{title}</b></figcaption>'
            f'<img style="width:100%" alt="{alt}" src="data:image/svg+xml;base64,{data}">'
            f"<figcaption>{note}</figcaption></figure>"
        )


def show(drawing: Drawing) -> Shown:
    """A figure as a notebook shows it."""
    return Shown(drawing)


def effect_figure(view: View) -> Any:
    """What each other regime changes; a sentence where there is no other."""
    if view.scope.others:
        return show(effect_chart(view.rows, view.scope))
    text: Any = IPython.display.Markdown
    return text("One regime: there is no other to compare it with.")


def question(view: View) -> Any:
    """The scenario's title and question as text."""
    text: Any = IPython.display.Markdown
    return text(f"**{view.scenario.title}.** {view.scenario.question}")


def headline(view: View) -> pd.DataFrame:
    """Onshore and accessible stock at year-ends by regime: median and 90 % interval. [million H100e]"""
    scope, rows = view.scope, view.rows
    cells = {
        (channel, year_end(quarter)): {
            scope.titles[regime]: _stated(rows, regime=regime, channel=channel, quarter=quarter) for regime in scope.titles
        }
        for channel in ("onshore", "accessible")
        for quarter in scope.year_ends
    }
    return pd.DataFrame(cells).T.rename_axis(["million H100e", "at"])


def _stated(rows: Rows, **labels: str) -> str:
    low, mid, high = (rows.value("compute_nominal", statistic, **labels) / 1e6 for statistic in ("p05", "p50", "p95"))
    return f"{two_digits(mid)} ({two_digits(low)} to {two_digits(high)})"


def beside_published(view: View) -> pd.DataFrame:
    """Our stocks beside published ones on the same definition. [million H100e]"""
    names = {source["id"]: source["publisher"] for source in view.context["sources"]}
    rows = [
        {
            "at": year_end(row["quarter"]),
            "channel": row["channel"],
            "definition": row["definition"],
            "ours": " ".join(
                [
                    two_digits(row["ours_p50"] / 1e6),
                    f"({two_digits(row['ours_p05'] / 1e6)} to {two_digits(row['ours_p95'] / 1e6)})",
                ]
            ),
            "published": "; ".join(f"{two_digits(other['value'] / 1e6)} {names[other['source']]}" for other in row["others"]),
        }
        for row in view.context["comparison"]
    ]
    return pd.DataFrame(rows).set_index(["at", "channel", "definition"])
