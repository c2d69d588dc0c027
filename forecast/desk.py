"""What notebooks stand on: a run opened or computed, its figures and tables shown with words for those who cannot see them."""

import base64
import io
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.catalogue.load import load, open_catalogue
from forecast.dossier import dossier
from forecast.figures import Drawing
from forecast.figures.frame import house_style
from forecast.folder import compute, open_result, open_summary
from forecast.scenario import Scenario
from forecast.tables import Rows, Scope


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
    asked = load(scenario, catalogue.home)
    asked = asked if draws is None or run_folder else asked.model_copy(update={"draws": draws})
    made = compute(asked, catalogue.home)
    folder = catalogue.home / run_folder if run_folder else made.folder
    with open_result(folder) as result:
        context = dossier(asked, catalogue, result.load(), made.manifest)
    return View(asked, open_summary(folder), context, folder)


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


def headline(view: View) -> pd.DataFrame:
    """Onshore and accessible stock at year-ends by regime: median and 90 % interval. [million H100e]"""
    rows = view.table[(view.table["variable"] == "compute_nominal") & view.table["channel"].isin(["onshore", "accessible"])]
    rows = rows[rows["statistic"].isin(["p05", "p50", "p95"]) & rows["quarter"].isin(_year_ends(view))]
    wide = rows.pivot_table(index=["channel", "quarter", "regime"], columns="statistic", values="value", sort=False) / 1e6
    text = wide.apply(lambda row: f"{row['p50']:.2g} ({row['p05']:.2g} to {row['p95']:.2g})", axis=1)
    return (
        text.rename("text")
        .reset_index()
        .pivot_table(index=["channel", "quarter"], columns="regime", values="text", aggfunc="first", sort=False)[
            list(view.scenario.regimes)
        ]
    )


def _year_ends(view: View) -> list[str]:
    first = int(view.scenario.as_of[:4]) - 1
    return [f"{year}Q4" for year in range(first, first + 4)]


def beside_published(view: View) -> pd.DataFrame:
    """Our stocks beside published ones on the same definition. [million H100e]"""
    rows = [
        {
            "quarter": row["quarter"],
            "channel": row["channel"],
            "definition": row["definition"],
            "ours": f"{row['ours_p50'] / 1e6:.2g} ({row['ours_p05'] / 1e6:.2g} to {row['ours_p95'] / 1e6:.2g})",
            "published": "; ".join(f"{other['publisher']} {other['value'] / 1e6:.2g}" for other in row["others"]),
        }
        for row in view.context["comparison"]
    ]
    return pd.DataFrame(rows).set_index(["quarter", "channel", "definition"])
