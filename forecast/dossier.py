"""What a brief needs beside the numbers: titles, comparators, sources, names of firms, provenance."""

import difflib
import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, resolved
from forecast.comparison import hand_arithmetic, published
from forecast.contract import BadInput
from forecast.inputs.answers import answered, answers_of
from forecast.language import N_, _, in_language
from forecast.regime import card
from forecast.scenario import Override, Scenario

UNNAMED = (N_("Other Chinese accelerators"), N_("Other Chinese, next generation"))
"""Labels of classes that hold words, marked as texts."""

KINDS = ("brief", "two-page", "scenario", "annex")
"""What a run may be printed as; each is a page file of the template."""


WRITTEN = ("scenario", "moves", "instruments")
"""Parts of the context that hold what people wrote, made fit for a page."""


def known_kind(kind: str) -> str:
    """The kind of report, as given. Raises BadInput with the nearest one."""
    if kind in KINDS:
        return kind
    near = difflib.get_close_matches(kind, KINDS, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else None
    raise BadInput("unknown kind of report", key="--kind", found=kind, expected=", ".join(KINDS), mend=hint)


def dossier(scenario: Scenario, catalogue: Catalogue, result: xr.Dataset, manifest: dict[str, Any]) -> dict[str, Any]:
    """The context of a brief, all from the catalogue and the result; what needs further runs is added by forecast.brief.side."""
    from forecast.brief.last import last_brief
    from forecast.brief.law import moves_of
    from forecast.brief.odd import settable
    from forecast.pull import named_sources
    from forecast.tables import SECTIONS

    catalogue, notes = answered(catalogue, scenario), dict[str, str]()
    whole = {
        "scenario": {
            "name": scenario.name,
            "title": _(scenario.title),
            "question": _(scenario.question),
            "as_of": scenario.as_of,
            "last": scenario.last,
            "draws": scenario.draws,
            "seed": scenario.seed,
            "regimes": [_regime(name, catalogue) for name in scenario.regimes],
            "overrides": [_override(name, one, catalogue) for name, one in scenario.overrides.items()],
        },
        "comparison": published(result, catalogue.table("history/comparators.csv")),
        "crosscheck": hand_arithmetic(result, catalogue.table("history/hand_arithmetic.csv")),
        "sources": _sources(scenario, catalogue),
        "provenance": {
            **{k: manifest[k] for k in ("fingerprint", "code_version", "seed", "draws", "packages")},
            "params_hash": params_hash(manifest),
        },
        "groups": {name: named_sources(name, scenario, catalogue) for files in SECTIONS.values() for name in files},
        "last": last_brief(catalogue.home, scenario.name, manifest["fingerprint"]),
        "turning_points": turning_points(scenario, catalogue),
        "indistinct_until": manifest["indistinct_until"],
        "classes": {
            row.gpu_class: {"label": _(row.label), "label_zh": row.label_zh, "origin": row.origin, "vendor": row.vendor}
            for row in catalogue.table("gpus/classes.csv").itertuples()
        },
        "vendors": _vendors(catalogue),
        "moves": [move for name in scenario.regimes for move in moves_of(name, catalogue)],
        "instruments": {name: _(regime.short) for name, regime in catalogue.regimes.items() if regime.status == "instrument"},
        "answers": [
            {"regime": regime, "name": one.name, "label": one.label, "since": since.isoformat(), **one.facts}
            for one in answers_of(catalogue, scenario)
            for regime, since, _ends in one.spells
        ],
        "passports": passports(scenario, catalogue),
    }
    fit = {name: settable(whole[name], notes) for name in WRITTEN}
    return {**whole, **fit, "notes": [f"{sign} is written as {words}: no font of ours has it" for sign, words in notes.items()]}


def params_hash(manifest: dict[str, Any]) -> str:
    """One hash of all parameter files that a run rests on; scenarios are questions."""
    files = {name: digest for name, digest in manifest["params"].items() if not name.startswith("scenarios/")}
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:12]


def turning_points(scenario: Scenario, catalogue: Catalogue) -> list[tuple[str, float, str]]:
    """Quarters after the origin in which the law is likelier to turn than in others: quarter, chance, why."""
    table = catalogue.table("turning_points.csv")
    dated = table[table["when"].str.match(r"\d{4}Q\d") & (table["when"] > scenario.as_of)]
    return [(str(row.when), float(row.chance), str(row.reason)) for row in dated.itertuples()]


def _regime(name: str, catalogue: Catalogue) -> dict[str, str]:
    regime = card(name, catalogue.regimes)
    texts = {field: _(str(getattr(regime, field))) for field in ("title", "short", "summary", "citation")}
    return {"id": name, **texts}


def _override(name: str, override: Override, catalogue: Catalogue) -> dict[str, Any]:
    """One changed input: what it is, what stands by default and here, by whom, why and on what source."""
    default, values = catalogue.quantities[name], {"exact", "spread", "path"}
    return {
        "input": name, "about": default.about, "unit": default.unit, "by": override.by, "reason": override.reason,
        "sources": [override.source] if override.source else [],
        "default": default.model_dump(mode="json", include=values, exclude_none=True),
        "here": override.model_dump(mode="json", include={*values, "factor", "since"}, exclude_none=True),
    }  # fmt: skip


def _sources(scenario: Scenario, catalogue: Catalogue) -> list[dict[str, str]]:
    """The bibliography: every source that an input, a table row or a regime of this scenario names."""
    used = {override.source for override in scenario.overrides.values() if override.source}
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


def passports(scenario: Scenario, catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """What each input rests on: basis, confidence, sources and reason, overrides included; tables by input.label."""
    found: dict[str, dict[str, Any]] = {
        name: {"basis": held.basis, "confidence": held.confidence, "sources": list(held.sources), "reason": held.reason}
        for name, held in resolved(catalogue, scenario).items()
    }
    for row in catalogue.table("gpus/class_values.csv").itertuples():
        found[f"{row.variable}.{row.gpu_class}"] = {"basis": row.basis, "sources": row.source.split(), "reason": row.reason}
    bought, diverted = (catalogue.table(f"history/{name}.csv") for name in ("acquisitions", "diverted"))
    for channel, table in (*bought.groupby("channel"), ("diverted", diverted)):
        used = table[table["role"] == "input"]
        found[f"observed.{channel}"] = {
            "basis": ", ".join(dict.fromkeys(used["basis"])),
            "sources": list(dict.fromkeys(used["source"].str.split().explode())),
            "reason": _("rows of params/history, each with its own source"),
        }
    return found


def _vendors(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Chinese vendors with their Chinese names and classes."""
    names = catalogue.table("gpus/vendors.csv").set_index("vendor")
    classes = catalogue.table("gpus/classes.csv")
    home = classes[classes["origin"] == "CN"]
    return [
        {"name": _(vendor), "name_zh": names.loc[vendor, "name_zh"], "classes": [_(label) for label in group["label"]]}
        for vendor, group in home.groupby("vendor", sort=False)
    ]


def default_brief(folder: Path, kind: str = "brief", form: str = "pdf") -> Path:
    """Where a report of a run stands in the language spoken; `form` is pdf or html."""
    return folder / in_language(f"{kind}.{form}")
