"""What a brief needs beside the numbers: titles, comparators, sources, names of firms, provenance."""

from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, resolved, with_own
from forecast.comparison import hand_arithmetic, published
from forecast.regime import card
from forecast.scenario import Scenario


def dossier(scenario: Scenario, catalogue: Catalogue, result: xr.Dataset, manifest: dict[str, Any]) -> dict[str, Any]:
    """The context of a brief, all from the catalogue and the result."""
    catalogue = with_own(catalogue, scenario)
    return {
        "scenario": {
            "name": scenario.name,
            "title": scenario.title,
            "question": scenario.question,
            "as_of": scenario.as_of,
            "draws": scenario.draws,
            "seed": scenario.seed,
            "regimes": [_regime(name, catalogue) for name in scenario.regimes],
            "overrides": [{"input": k, "by": v.by, "reason": v.reason} for k, v in scenario.overrides.items()],
        },
        "comparison": published(result, catalogue.table("history/comparators.csv")),
        "crosscheck": hand_arithmetic(result, catalogue.table("history/hand_arithmetic.csv")),
        "sources": _sources(scenario, catalogue),
        "provenance": {k: manifest[k] for k in ("fingerprint", "code_version", "seed", "draws", "packages")},
        "indistinct_until": manifest["indistinct_until"],
        "classes": {
            row.gpu_class: {"label": row.label, "label_zh": row.label_zh, "origin": row.origin, "vendor": row.vendor}
            for row in catalogue.table("gpus/classes.csv").itertuples()
        },
        "vendors": _vendors(catalogue),
    }


def _regime(name: str, catalogue: Catalogue) -> dict[str, str]:
    regime = card(name, catalogue.regimes)
    return {"id": name, "title": regime.title, "short": regime.short, "summary": regime.summary, "citation": regime.citation}


def _sources(scenario: Scenario, catalogue: Catalogue) -> list[dict[str, str]]:
    """The bibliography: every source that an input, a table row or a regime of this scenario names."""
    used: set[str] = set()
    for quantity in resolved(catalogue, scenario).values():
        used |= set(quantity.sources)
    for name, frame in catalogue.tables.items():
        if name != "sources.csv" and "source" in frame:
            used |= set(frame["source"].str.split().explode())
    for regime in scenario.regimes:
        used |= set(card(regime, catalogue.regimes).sources)
    table: pd.DataFrame = catalogue.table("sources.csv")
    rows = table[table["source"].isin(used)].sort_values(["publisher", "date"])
    return [
        {"id": r.source, "publisher": r.publisher, "title": r.title, "date": f"{r.date:%Y-%m-%d}", "url": r.url}
        for r in rows.itertuples()
    ]


def _vendors(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Chinese vendors with their Chinese names and classes."""
    names = catalogue.table("gpus/vendors.csv").set_index("vendor")
    classes = catalogue.table("gpus/classes.csv")
    home = classes[classes["origin"] == "CN"]
    return [
        {"name": vendor, "name_zh": names.loc[vendor, "name_zh"], "classes": group["label"].tolist()}
        for vendor, group in home.groupby("vendor", sort=False)
    ]


def default_brief(folder: Path) -> Path:
    """Where the brief of a run stands."""
    return folder / "brief.pdf"
