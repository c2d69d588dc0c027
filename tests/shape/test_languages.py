"""Reports in another language: no text escapes the catalogue, and the French brief is French from end to end."""

import re

import pandas as pd
import pytest
from matplotlib.text import Text
from pypdf import PdfReader

import forecast.language as tongue
from forecast.brief import build_brief, pdf
from forecast.brief.annex import equations, inputs_table, numbers_table, supply_pictures, supply_tables
from forecast.brief.law import moves_of
from forecast.brief.numbers import Numbers
from forecast.dossier import dossier
from forecast.figures import save
from forecast.language import speaking
from forecast.lawpictures import plane_picture, status_picture
from forecast.tables import Rows, Scope
from tests.fakes import fake_context, fake_summary
from tests.shape.test_brief import lay_out

pytestmark = pytest.mark.slow

OPEN, CLOSE = "‹", "›"
"""Brackets that the brief's fonts have, so that figures can be drawn with them."""

ALLOWED = {
    "units and their multiples": r"H100e|GB/s/mm2|GB/s|TPP/mm2|TPP|FLOP|mm2|\b(nm|mm|MW|GB|USD)\b|AICc|cm\^2|\d*e[+-]\d+",
    "citations of law, instruments of Congress": r"\d+ (CFR|FR) [\d.()a-zA-Z]+|S\. \d+|H\.R\. \d+|HTS [\d.]+|3[AB]090\S*|D:\d",
    "lists of countries by code": r"\b[A-Z]{2}( [A-Z]{2})*\b",
    "numbers of sources": r"\[[\d, …]+\]",
    "days as babel writes them": r"\b\d{1,2} \w+ 20\d\d\b",
    "names of files": r"\b[\w-]+\.(csv|json|py)\b|\bparams(/\w+)*",
}
"""What may stand outside the brackets of the pseudo-language, by reason."""

NAMED = ("name", "sources", "provenance", "citation", "id", "value", "range", "see", "lang", "host")
"""Fields of a report that are names of things, and no texts."""


class Every(dict):
    """A catalogue of a pseudo-language: every text in brackets."""

    def get(self, key, default=None):
        return f"{OPEN}{key[0]}{CLOSE}" if key[0].strip() else default

    def items(self):
        return {}.items()


@pytest.fixture
def pseudo(monkeypatch):
    monkeypatch.setattr(tongue, "catalogue", lambda _code: Every())
    with speaking("fr"):
        yield


def said(node, path=""):
    """Every text in nested data with its path; pieces of a sentence as one text."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, list) and node and all(isinstance(part, dict) and len(part) == 1 for part in node):
        yield path, "".join(part.get("text", "0") for part in node)
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from said(value, f"{path}/{name}") if name not in NAMED else ()
    elif isinstance(node, (list, tuple)):
        for place, value in enumerate(node):
            yield from said(value, f"{path}/{place}")


def bare(text, own=()):
    """What of a text stands outside all brackets, and is neither allowed nor a text that a caller gave."""
    before = None
    for given in own:
        text = text.replace(given, "")
    while text != before:
        before, text = text, re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", "", text)
    for pattern in ALLOWED.values():
        text = re.sub(pattern, "", text)
    return text if re.search(r"[A-Za-z]{2,}", text) else ""


def given(context):
    """The texts of a made-up context, longest first: an analyst's own stay as they are. Those of firms and chips too."""
    found = {text for _path, text in said(context)} | {text for _path, text in said(list(context["classes"].values()))}
    words = {text for text in found if re.search(r"[A-Za-z]{2,}", text)}
    return sorted({*words, *(text[:1].upper() + text[1:] for text in words)}, key=len, reverse=True)


def drawn(figure):
    """The texts of a drawing."""
    figure.canvas.draw()
    return [text.get_text() for text in figure.findobj(Text) if text.get_text().strip()]


def test_no_text_of_a_brief_escapes_the_catalogue(tmp_path, pseudo):
    context = fake_context()
    own = [*given(fake_context()), "Model X"]
    rows = Rows(pd.concat([fake_summary(), context["side"]["rows"]], ignore_index=True))
    scope = Scope.of(context)
    drawings, made = pdf.draw_all(rows, scope, context), pdf.tabulate_all(rows, scope, context)
    numbers = Numbers(rows)
    run = lay_out(tmp_path / "run")
    data = pdf.assemble(numbers, scope, context, pdf.evidence_date(run, scope), drawings, made)
    data["artists"] = {name: drawn(drawing.figure) for name, drawing in drawings.items()}
    left = {path: bare(text, own) for path, text in said(data) if bare(text, own)}
    assert left == {}


def test_no_text_of_an_annex_and_its_params_escapes_the_catalogue(scenario, catalogue, inputs, result, pseudo):
    manifest = {
        "fingerprint": "f" * 64,
        "code_version": "0",
        "seed": 1,
        "draws": 2,
        "packages": {},
        "indistinct_until": {},
        "params": {},
    }
    context = dossier(scenario, catalogue, result, manifest)
    scope = Scope.of(context)
    firms = {*catalogue.table("gpus/classes.csv")["label"], *catalogue.table("gpus/classes.csv")["label_zh"]}
    firms |= {
        *catalogue.table("gpus/vendors.csv")["vendor"],
        *catalogue.table("sources.csv")["publisher"],
        *catalogue.chips["label"],
    }
    firms |= {*catalogue.table("fabs/lines.csv")["operator"], *catalogue.table("fabs/yields.csv")["product"]}
    firms |= {str(name).replace("_", " ") for name in catalogue.quantities}
    drawings = supply_pictures(result, inputs, scope, catalogue)
    drawings |= {"status": status_picture(catalogue, (), "current", "2022-01-01", "2028-12-31")}
    drawings |= {"plane": plane_picture(catalogue, "2026-10-01")}
    tables = supply_tables(result, inputs, scope, catalogue) | {"inputs": inputs_table(scenario, catalogue)}
    methods = {str(name): str(array.attrs.get("method", "")) for name, array in result.data_vars.items()}
    tables["numbers"] = numbers_table(Numbers(Rows(fake_summary())), methods, "f")
    named = [name for name, regime in catalogue.regimes.items() if regime.status in ("enacted", "what_if")]
    data = {
        "tables": {name: table._replace(data=None)._asdict() for name, table in tables.items()},
        "figures": {name: (drawing.title, drawing.note, *drawn(drawing.figure)) for name, drawing in drawings.items()},
        "equations": [(group["title"], *((one["formula"], one["about"]) for one in group["steps"])) for group in equations()],
        "scenario": context["scenario"] | {"overrides": []},
        "moves": [move["words"] for name in named for move in moves_of(name, catalogue)],
        "instruments": list(context["instruments"].values()),
    }
    firms |= {text for text in drawn(drawings["plane"].figure) if OPEN not in text}
    own = sorted(filter(None, firms), key=len, reverse=True)
    left = {
        path: bare(text, own) for path, text in said(data) if bare(text, own) and not path.endswith(("/id", "/as_of", "/last"))
    }
    assert left == {}


STOP_WORDS = {
    "the",
    "of",
    "with",
    "and",
    "which",
    "from",
    "under",
    "than",
    "over",
    "where",
    "that",
    "their",
    "by",
    "is",
    "are",
    "was",
}
"""English words that no French text holds."""

FRENCH = {
    "Current law": "Droit actuel", "Open Blackwell": "Blackwell ouvert", "Strict denial": "Refus strict",
}  # fmt: skip


def french_context():
    """The made-up context with texts of its own that are French: what would come through the dossier."""
    context = fake_context()
    context["scenario"] |= {"title": "Capacité de calcul", "question": "Quelle capacité, par quelles voies ?"}
    for regime in context["scenario"]["regimes"]:
        regime |= {"title": FRENCH[regime["title"]], "summary": "Résumé inventé.", "citation": "00 FR 0000"}
    context["instruments"] = {name: f"instrument {k}" for k, name in enumerate(context["instruments"])}
    for move in context["moves"]:
        move |= {"words": "réglage inventé", "instrument": "instrument"}
    for row in context["comparison"]:
        for other in row["others"]:
            other["note"] = "note"
    for row in context["crosscheck"]:
        row |= {"what": "stock", "remark": "remarque"}
    for table in context["side"]["drivers"].values():
        table["about"] = [f"donnée {k}" for k in range(len(table))]
    return context


@pytest.fixture(scope="module")
def french(tmp_path_factory):
    folder = lay_out(tmp_path_factory.mktemp("french") / "run")
    with speaking("en"):
        build_brief(folder, fake_context(), folder / "brief.pdf")
    before = {path.name: path.read_bytes() for path in (folder / "figures").iterdir() if path.is_file()}
    with speaking("fr"):
        build_brief(folder, french_context(), folder / "brief.fr.pdf")
    return folder, before


def test_a_french_brief_stands_beside_the_english_one(french):
    folder, before = french
    assert {path.name: path.read_bytes() for path in (folder / "figures").iterdir() if path.is_file()} == before
    assert len(list((folder / "figures" / "fr").glob("*.svg"))) == len([name for name in before if name.endswith(".svg")])
    ids = [pd.read_csv(folder / name, dtype=str)["id"].tolist() for name in ("numbers.csv", "numbers.fr.csv")]
    assert len(ids[0]) > 50
    assert ids[0] == ids[1]


def test_a_french_brief_says_so_and_holds_no_english(french):
    reader = PdfReader(french[0] / "brief.fr.pdf")
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("fr")
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "Langue" in text
    english = re.sub(r"\b[\w-]+\.csv", "", re.split(r"Invented title|Example institute", text)[0])
    assert sorted(STOP_WORDS & set(re.findall(r"[a-z]+", english))) == []


@pytest.mark.parametrize(("file", "table"), [("brief.pdf", "Table 2."), ("brief.fr.pdf", "Tableau 2.")])
def test_page_one_holds_both_first_tables_in_every_language(french, file, table):
    first = " ".join(PdfReader(french[0] / file).pages[0].extract_text().split())
    assert table in first


def test_words_of_one_spelling_and_two_meanings_are_told_apart(french):
    last = " ".join(PdfReader(french[0] / "brief.fr.pdf").pages[-1].extract_text().split())
    assert "Nom du calcul" in last
    assert "Logiciels" in last
    assert "Entraînement" not in last
    assert "Boîtiers" not in last


def test_a_figure_of_another_language_is_saved_as_any_other(tmp_path, scenario, catalogue):
    with speaking("fr"):
        save(plane_picture(catalogue, "2026-10-01"), tmp_path)
    assert (tmp_path / "plane.svg").stat().st_size > 1000
