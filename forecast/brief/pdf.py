"""From a run folder to a PDF: figures and tables drawn, data handed to Typst, fonts and bytes under control."""

import datetime
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import typst
from matplotlib.ft2font import FT2Font

from forecast import tables
from forecast.breadth import FORKS, goods_table, shadow_table
from forecast.brief.annex import equations, numbers_table
from forecast.brief.attached import STANDARDS_WITH, STANDARDS_WITHOUT, bundle, hashes_in_words, listed_for_pages
from forecast.brief.commentary import commentary
from forecast.brief.glance import first_messages, first_tables, since_last, watch_list
from forecast.brief.margins import margins
from forecast.brief.messages import cards
from forecast.brief.numbers import Numbers
from forecast.brief.odd import running
from forecast.brief.odds import odds_table
from forecast.brief.sections import section_texts
from forecast.brief.side import EFFECT, LEVEL, STRUCTURE_DRAWS
from forecast.brief.web import embedded
from forecast.contract import BadInput
from forecast.figures import (
    CREDIT,
    Drawing,
    channel_chart,
    effect_chart,
    fabrication_chart,
    fan_chart,
    font_files,
    memory_chart,
    purchase_path_chart,
    purchases_chart,
    template_folder,
    tornado_chart,
    vendor_chart,
    waterfall_chart,
)
from forecast.figures.saved import save_all
from forecast.gates import gate_effects_table
from forecast.language import HOME, N_, TYPE_SCALE, _, in_language, number, spoken, words
from forecast.names import parse_quarter
from forecast.tables import Rows, Scope, Table, year_end

EXPERIMENTAL = "html export is under active development and incomplete"
"""What typst says of every web page."""
STATUS = N_("Draft for discussion · not legal advice")
LIMITS = N_("Evidence is thin, many inputs are judgement, and an interval holds what the draws vary and nothing else.")
MOST_DRIVERS = 6
ALL_CHANNELS = ("onshore", "offshore", "accessible")
CONTEXT_KEYS = (
    "scenario", "comparison", "crosscheck", "sources", "provenance", "indistinct_until", "vendors", "classes", "moves",
    "instruments", "passports", "side",
)  # fmt: skip


def build_brief(run_folder: Path, context: Mapping[str, Any], out: Path, kind: str = "brief", *, attach: bool = True) -> Path:
    """Write a run as an accessible, archivable PDF of one kind, or as a web page where `out` ends in .html.

    Equal runs and contexts give equal bytes. The context is that of forecast.dossier with `side` as from forecast.brief.side.
    With `attach` the PDF carries what its numbers rest on (forecast.brief.attached) and is PDF/A-3a; without it PDF/A-2a, which
    forbids such files. Figures and tables go to `figures` in the run folder, the numbers of the text to `numbers.csv`. Raises
    BadInput when a number, key or glyph is missing; nothing half-made is left at `out`.
    """
    missing = [key for key in CONTEXT_KEYS if key not in context]
    if missing:
        raise BadInput("The context of the brief lacks keys", expected=", ".join(missing))
    web = out.suffix == ".html"
    rows, scope = read_summary(run_folder, context["side"]["rows"]), Scope.of(context)
    moment = evidence_date(run_folder, scope)
    more = context.get("more", {"drawings": {}, "tables": {}, "methods": {}})
    drawings = draw_all(rows, scope, context) | more["drawings"]
    made = tabulate_all(rows, scope, context) | more["tables"]
    figures = figures_of(run_folder)
    save_all(drawings.values(), figures, context.get("drawn_from"))
    for table in made.values():
        write_csv(table.data, figures / f"{table.name}.csv")
    numbers = Numbers(rows)
    made |= first_tables(numbers, scope, context)
    data = assemble(numbers, scope, context, moment, drawings, made, every_source=kind == "annex")
    if kind == "annex":
        own = numbers_table(numbers, more["methods"], context["provenance"]["fingerprint"])
        data["equations"], data["tables"]["numbers"] = equations(), _without_data(own)
        write_csv(own.data, figures / f"{own.name}.csv")
    write_csv(numbers.table(), run_folder / in_language("numbers.csv"))
    if not web:
        require_glyphs(data)
    files = bundle(numbers, data, run_folder, kind, context.get("question files", {})) if attach and not web else {}
    if files:
        data["attachments"] = listed_for_pages(files)
        data["provenance"]["rows"].append([_("Attachments"), hashes_in_words(files)])
    write_csv(pd.DataFrame(list(context["sources"])), figures / "sources.csv")
    write_csv(context["side"]["rows"], figures / "side-rows.csv")
    (figures / "credits.txt").write_text(credits(data["citation"], context["provenance"]["fingerprint"]), encoding="utf-8")
    return write_whole(typeset(data, figures, moment, kind, files, web=web), out)


def write_whole(content: bytes, out: Path) -> Path:
    """Bytes as a file that appears whole or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.unfinished")
    unfinished.write_bytes(content)
    return unfinished.replace(out)


def figures_of(run_folder: Path) -> Path:
    """Where the figures of a run in the language spoken stand: those of other languages in folders of their own."""
    return run_folder / "figures" if spoken() == HOME else run_folder / "figures" / spoken()


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV with the same bytes on all machines."""
    table.to_csv(path, index=False, lineterminator="\n")


def read_summary(run_folder: Path, more: pd.DataFrame | None = None) -> Rows:
    """The long table of a run with the rows of its side results, empty text kept as text."""
    path = run_folder / "summary.csv"
    if not path.is_file():
        raise BadInput("The run has no summary", file=path, mend="run the scenario first")
    table = pd.read_csv(path, keep_default_na=False, dtype=dict.fromkeys(("quarter", "gpu_class", "country", "channel"), str))
    return Rows(table if more is None or more.empty else pd.concat([table, more[table.columns]], ignore_index=True))


def evidence_date(run_folder: Path, scope: Scope) -> datetime.datetime:
    """The last day of the origin's quarter as the run's manifest states it: the brief's date, whatever the clock says."""
    path = run_folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    as_of = manifest.get(
        "as_of", manifest.get("scenario", {}).get("as_of") if isinstance(manifest.get("scenario"), dict) else None
    )
    if as_of != scope.as_of:
        raise BadInput(
            "The run's manifest and the brief's context differ in their origin",
            file=path,
            key="as_of",
            found=as_of,
            expected=scope.as_of,
        )
    start = pd.Timestamp(parse_quarter(scope.as_of))
    last = start + pd.offsets.QuarterEnd(0)
    return datetime.datetime(last.year, last.month, last.day, tzinfo=datetime.UTC)


def draw_all(rows: Rows, scope: Scope, context: Mapping[str, Any]) -> dict[str, Drawing]:
    """All figures that the run allows, by the name under which the template asks for them."""
    side = context["side"]
    made: dict[str, Drawing | None] = {
        "fan": fan_chart(rows, scope),
        "effects": effect_chart(rows, scope) if scope.others else None,
        "channels": channel_chart(rows, scope),
        "vendors": vendor_chart(rows, scope),
        "fabrication": fabrication_chart(rows, scope),
        "memory": memory_chart(rows, scope),
        "purchases-by-year": purchase_path_chart(rows, scope),
        "purchases": purchases_chart(rows, scope),
    }
    made |= side["pictures"]
    if side["split"] is not None:
        made["waterfall"] = waterfall_chart(side["split"], scope, context["instruments"], side["draws"])
    for outcome, table in side["drivers"].items():
        title = _("What drives {outcome}", outcome=_outcome(scope, side["most"], outcome))
        made[f"tornado-{outcome}"] = tornado_chart(table, title, most=MOST_DRIVERS, name=f"tornado-{outcome}")
    return {name: drawing for name, drawing in made.items() if drawing is not None}


def _outcome(scope: Scope, most: str | None, outcome: str) -> str:
    """What drivers are told of, in words."""
    when = year_end(scope.headline)
    if outcome == LEVEL:
        return _("accessible compute at {when} under {title}", when=when, title=scope.titles[scope.base])
    return _("the change of accessible compute at {when} that {title} makes", when=when, title=scope.titles[most or scope.base])


def tabulate_all(rows: Rows, scope: Scope, context: Mapping[str, Any]) -> dict[str, Table]:
    """All tables by the name under which the template asks for them; a table without data is left out."""
    side = context["side"]
    made: dict[str, Table | None] = {
        "gates": gate_effects_table(side["gates"], scope),
        "law": tables.law_table(context),
        "headline": tables.headline_table(rows, scope),
        "channels": tables.channels_table(rows, scope),
        "countries": tables.countries_table(rows, scope),
        "yardsticks": tables.yardsticks_table(rows, scope),
        "comparison": tables.comparison_table(context),
        "crosscheck": tables.crosscheck_table(context),
    }
    if scope.others:
        many = len(scope.titles) > tables.MOST_COLUMNS
        made["effects"] = tables.effect_table(rows, scope, ("onshore", "accessible") if many else ALL_CHANNELS)
    if side["split"] is not None:
        made["waterfall"] = tables.waterfall_table(side["split"], scope, context["instruments"], side["draws"])
    if side["drivers"]:
        told = {name: _outcome(scope, side["most"], name) for name in (LEVEL, EFFECT)}
        heads = {name: tables.capital(words) for name, words in told.items()}
        made["drivers"] = tables.drivers_table(side["drivers"], context, heads)
    few = min(STRUCTURE_DRAWS, int(context["scenario"]["draws"]))
    made |= {"goods": goods_table(side["goods"], scope), "shadow": shadow_table(side["shadow"], scope, few)}
    made["odds"] = None if side["odds"] is None else odds_table(side["odds"], few)
    if side["forks"] is not None:
        made["forks"] = tables.forks_table(side["forks"], scope, FORKS, few)
    if context["scenario"].get("overrides"):
        made["overrides"] = tables.overrides_table(context, scope)
    return {name: table for name, table in made.items() if table is not None}


def assemble(
    numbers: Numbers,
    scope: Scope,
    context: Mapping[str, Any],
    moment: datetime.datetime,
    drawings: Mapping[str, Drawing],
    made: Mapping[str, Table],
    every_source: bool = False,
) -> dict[str, Any]:
    """Everything the template reads, as plain text and lists; of the sources those that the report cites, unless every one."""
    scenario, sources = context["scenario"], tables.ordered_sources(context)
    texts = section_texts(numbers, scope, context)
    messages = first_messages(numbers, scope, context, texts)
    notes = commentary(context.get("commentary"), numbers, scope, ("findings", *texts))
    shown = sources if every_source else sources[: len(tables.cited_sources(context))]
    left = len(sources) - len(shown)
    return {
        "title": scenario["title"],
        "running": running(scenario["title"]),
        "question": scenario["question"],
        "status": scenario.get("status", _(STATUS)),
        "date": [moment.year, moment.month, moment.day],
        "cards": cards(numbers, scope),
        "base": scope.titles[scope.base],
        "watch": watch_list(numbers, context),
        "changed": changed._asdict() if (changed := since_last(numbers, scope, context)) else None,
        "messages": [message._asdict() for message in messages],
        "margins": margins(context),
        "commentary": notes,
        "text": {name: text._asdict() for name, text in texts.items()},
        "figures": {name: {"name": it.name, "title": it.title, "note": it.note, "alt": it.alt} for name, it in drawings.items()},
        "tables": {name: _without_data(it) for name, it in made.items()},
        "citation": citation(scenario["title"], moment, context["provenance"]["fingerprint"]),
        "sources": [
            {
                **{key: str(source[key]) for key in ("publisher", "title", "date", "url")},
                "host": urlsplit(source["url"]).netloc.removeprefix("www."),
            }
            for source in shown
        ],
        "sources-left": (_("{count} more sources stand in sources.csv.", count=left) + " ") if left > 0 else "",
        "provenance": provenance_rows(context),
        "numbers": {id_: held.text for id_, held in numbers.held.items()},
        "lang": spoken(),
        "words": words(),
    }


def _without_data(table: Table) -> dict[str, Any]:
    """A table as the template reads it."""
    return {field: value for field, value in table._asdict().items() if field != "data"}


def citation(title: str, moment: datetime.datetime, fingerprint: str) -> str:
    """How to cite a report."""
    return _(
        "“{title}”, forecast, evidence to {day}, run {fingerprint}",
        title=title,
        day=f"{moment:%Y-%m-%d}",
        fingerprint=fingerprint,
    )


def credits(cited: str, fingerprint: str) -> str:
    """What goes with the files of figures and tables when they leave the folder: how to cite them, credits, limits."""
    lines = [
        _("Cite as: {citation}", citation=cited),
        _(CREDIT),
        _(LIMITS),
        _("Sources by run: sources.csv. Run {run}.", run=fingerprint),
    ]
    return "\n".join(lines) + "\n"


def provenance_rows(context: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the brief again: the run's name, code, parameters, seed, packages, command."""
    held = context["provenance"]
    packages = ", ".join(f"{name} {version}" for name, version in sorted(held["packages"].items()))
    command = held.get("command", f"forecast report {context['scenario']['name']}")
    rows = [
        (_("Name of the run"), held["fingerprint"]),
        (_("Code"), held["code_version"]),
        (_("Seed and draws"), f"{held['seed']}, {number(held['draws'], 0)}"),
        (_("Software"), packages),
        (_("Command"), command),
        *([(_("Language"), spoken())] if spoken() != HOME else []),
    ]
    if context.get("commentary") and context["commentary"].hashes:
        rows.append((_("Analysts’ notes"), ", ".join(f"{name} {mark}" for name, mark in context["commentary"].hashes.items())))
    if "params_hash" in held:
        rows.insert(1, (_("Parameters"), held["params_hash"]))
    return {"fingerprint": held["fingerprint"], "rows": [[name, str(value)] for name, value in rows]}


def _texts(data: object) -> Iterator[str]:
    """Every text in nested data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from _texts(value)


def require_glyphs(data: object) -> None:
    """Raise BadInput when a text holds a character that none of the brief's fonts can draw: never boxes."""
    drawable = {"\n", *(chr(code) for path in font_files() for code in FT2Font(path).get_charmap())}
    for text in _texts(data):
        absent = [character for character in text if character not in drawable]
        if absent:
            raise BadInput(
                "The brief's fonts have no glyph for a character",
                found=" ".join(f"{character} (U+{ord(character):04X})" for character in dict.fromkeys(absent)),
                key=text if len(text) < 100 else f"{text[:99]}…",
                mend="write it otherwise, or add a font that has it to reports/template/fonts",
            )


def typeset(
    data: Mapping[str, Any],
    figures_folder: Path,
    moment: datetime.datetime,
    kind: str,
    files: Mapping[str, bytes],
    *,
    web: bool = False,
) -> bytes:
    """Compile the template in a folder of its own with the data and the files to attach, as PDF or as one web page."""
    template = template_folder()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[template / "fonts"])
    how: dict[str, Any] = {
        "format": "pdf",
        "pdf_standards": STANDARDS_WITH if files else STANDARDS_WITHOUT,
        "sys_inputs": {"scale": str(TYPE_SCALE.get(spoken(), 1))},
    }
    if web:
        how = {"format": "html", "sys_inputs": {"edition": "web"}}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for page in (*template.glob("*.typ"), *template.glob("*.css")):
            shutil.copy(page, root)
        (root / "figures").mkdir()
        for picture in figures_folder.glob("*.svg"):
            shutil.copy(picture, root / "figures")
        (root / "attached").mkdir()
        for name, content in files.items():
            (root / "attached" / name).write_bytes(content)
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        if web:
            words = "".join(path.read_text(encoding="utf-8") for path in (root / "data.json", *sorted(root.glob("*.typ"))))
            (root / "files.json").write_text(json.dumps(embedded(figures_folder, words)), encoding="utf-8")
        try:
            made, warnings = typst.compile_with_warnings(
                root / f"{kind}.typ", root=root, font_paths=fonts, timestamp=moment, **how
            )
        except typst.TypstError as problem:
            raise BadInput(f"The brief could not be typeset\n{problem.diagnostic.strip()}", file=template) from problem
    told = [warning.message for warning in warnings if not (web and warning.message == EXPERIMENTAL)]
    if told:
        raise BadInput("The brief was typeset with a warning", file=template / f"{kind}.typ", found=told[0])
    return bytes(made)
