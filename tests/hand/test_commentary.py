"""Analysts' words: filled from the run, refused when they are not true or hold numbers of their own, and inert."""

import json

import pytest
from pypdf import PdfReader

from forecast.brief import build_brief
from forecast.brief.commentary import PLACES, Book, bare_number, commentary, read_book, read_note
from forecast.brief.numbers import Numbers
from forecast.contract import BadInput
from forecast.tables import Rows, Scope
from tests.fakes import AS_OF, fake_context, fake_summary

HEAD = "---\nauthor: A. Analyst\nplace: gates\n---\n"
STOCK = "compute_nominal/p50/current/accessible/2028Q4"
SOURCES = {"epoch": {"publisher": "Epoch AI", "date": "2026-05-01", "url": "https://epoch.ai/data"}}
NAMES = ["Instinct MI308X", "RTX 4090", "Ascend 910C", "910C", "Rule of October 2023"]


@pytest.fixture(scope="module")
def held():
    context = fake_context()
    numbers = Numbers(Rows(fake_summary()))
    scope = Scope.of(context)
    numbers.read("compute_nominal", "p50", regime="current", channel="accessible", quarter="2028Q4")
    return numbers, scope


def told(tmp_path, text, held, head=HEAD, name="gates.md"):
    path = tmp_path / name
    path.write_text(head + text, encoding="utf-8")
    book = Book([read_note(path)], NAMES, SOURCES, {})
    return commentary(book, *held, PLACES)[0]


def words(note, numbers):
    def said(parts):
        return "".join(numbers.held[p["id"]].text if "id" in p else p["text"] for p in parts)

    lines = [said(b["parts"]) if "parts" in b else "; ".join(map(said, b["items"])) for b in note["blocks"]]
    return "\n".join([said(note["title"]), *lines])


def test_a_quote_is_filled_from_the_run(tmp_path, held):
    stock = held[0].held[STOCK].text
    note = told(tmp_path, f"# Why it holds\n\nChina reaches {{{{{STOCK}}}}} million\nH100e by end-2028.\n", held)
    assert words(note, held[0]) == f"Why it holds\nChina reaches {stock} million H100e by end-2028."
    assert (note["author"], note["place"]) == ("A. Analyst", "gates")


def test_any_row_of_the_summary_can_be_quoted_by_its_labels(tmp_path, held):
    value = held[0].rows.value("compute_nominal", "p95", regime="strict-denial", channel="onshore", quarter="2027Q4")
    by_name = "{{compute_nominal/p95/regime=strict-denial/channel=onshore/quarter=2027Q4}}"
    by_place = "{{compute_nominal/p95/strict-denial/onshore/2027Q4}}"
    in_thousands = "{{compute_nominal/p95/strict-denial/onshore/2027Q4|thousands}}"
    note = told(tmp_path, f"# Rows\n\n{by_name} {by_place} {in_thousands}\n", held)
    one, two, three = words(note, held[0]).split("\n")[1].split()
    assert one == two
    assert float(one) == pytest.approx(value / 1e6, rel=0.06)
    assert float(three.replace(",", "")) == pytest.approx(value / 1e3, rel=0.06)


def test_a_quote_with_the_value_it_saw_holds_until_the_run_changes(tmp_path, held):
    stock = held[0].held[STOCK].text
    assert stock in words(told(tmp_path, f"# T\n\nSome {{{{{STOCK} = {stock}}}}} million.\n", held), held[0])
    with pytest.raises(BadInput, match="no longer true") as problem:
        told(tmp_path, f"# T\n\nOne line.\n\nSome\n{{{{{STOCK} = 99}}}} million.\n", held)
    assert problem.value.line == 10
    assert problem.value.expected == stock
    assert "99" in problem.value.found
    assert problem.value.file.name == "gates.md"


def test_a_number_with_its_source_is_cited(tmp_path, held):
    note = told(tmp_path, "# T\n\nHalls of [[12 GW|epoch]] stand.\n", held)
    assert {"text": "12 GW", "cited": "Epoch AI, 2026-05-01", "link": "https://epoch.ai/data"} in note["blocks"][0]["parts"]


FINE = [
    "since 2022", "on 30 September 2026", "on October 7, 2022", "by 2028Q4", "at end-2027", "2026-01-15", "the H100 and the H20",
    "GB200, HBM3E and A800", "an Ascend 910C", "a 910C", "the RTX 4090", "Rule of October 2023", "8-bit", "3A090.a", "in 2027.",
]  # fmt: skip
BARE = {
    "7 million": "7", "about 7.6 million": "7.6", "12GW": "12GW", "30%": "30%", "USD5": "USD5", "x10": "x10", "half a ½": "½",
    "２ regimes": "２", "ten² times": "ten²", "٣ chips": "٣", "2 400 TPP": "2", "2400 TPP": "2400", "2027%": "2027%",
    "2027.5 units": "2027.5", "a 910D": "910D", "4090": "4090", "1st of May": "1st",
}  # fmt: skip


@pytest.mark.parametrize("text", FINE)
def test_dates_and_names_are_no_numbers(text):
    assert bare_number(text, NAMES) is None


@pytest.mark.parametrize(("text", "found"), BARE.items())
def test_a_bare_number_is_found(text, found):
    assert bare_number(text, NAMES) == found


def refused(match, tmp_path, held, text, head=HEAD, name="gates.md"):
    with pytest.raises(BadInput, match=match) as problem:
        told(tmp_path, text, held, head, name)
    assert problem.value.file.name == name
    return problem.value


def test_a_bare_number_is_refused_with_its_line(tmp_path, held):
    assert refused("number of its own", tmp_path, held, "# T\n\nFirst.\n\n- one\n- about 30 GW\n").line == 10
    assert refused("number of its own", tmp_path, held, "# Some 7 million\n\nText.\n").line == 5
    assert refused("number of its own", tmp_path, held, "# T\n\nA *leaning 5*.\n").found == "5"
    assert refused("number of its own", tmp_path, held, "# T\n\n[in 3 words](https://example.org/2)\n").found == "3"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# T\n\n`code`\n", "code"),
        ("# T\n\n```\ncode\n```\n", "code"),
        ("# T\n\n![a](b.png)\n", "picture"),
        ("# T\n\n## U\n", "second heading"),
        ("# T\n\n> said\n", "quotation"),
        ("# T\n\n***\n", "line across"),
        ("# T\n\n- a\n  - b\n", "list inside a list"),
        ("# T\n\n[a](ftp://example.org)\n", "leads nowhere"),
        ("# T\n\n[a](other.md)\n", "leads nowhere"),
        ("no heading\n", "begins with a heading"),
        ("# T\n\n{{nothing}}\n", "no such number"),
        ("# T\n\n{{compute_nominal/p50/current/moon/2028Q4}}\n", "no such number"),
        ("# T\n\n{{}}\n", "cannot be read"),
        ("# T\n\n[[12 GW|unknown]]\n", "without a known source"),
        ("# T\n\n[[12 GW]]\n", "without a known source"),
        ("# T\n\n\ue000\n", "no meaning"),
    ],
)
def test_what_is_no_plain_text_is_refused_in_plain_words(text, what, tmp_path, held):
    refused(what, tmp_path, held, text)


def test_a_note_says_who_wrote_it_and_where_it_belongs(tmp_path, held):
    refused("needs its author", tmp_path, held, "# T\n", head="")
    assert "gates" in refused("no such place", tmp_path, held, "# T\n", "---\nauthor: A\nplace: gate\n---\n").mend
    refused("unknown fields", tmp_path, held, "# T\n", "---\nauthor: A\nplaec: gates\n---\n")
    refused("cannot be read", tmp_path, held, "# T\n", "---\nauthor: [A\n---\n")
    note = told(tmp_path, "# T\n\nText.\n", held, "---\nauthor: A\n---\n", "10-law.md")
    assert note["place"] == "law"


ODD = (
    '# A “title” #panic("x") $y$ @z <b>bold</b> 华为\n\n#include "a" *lean* **strong** \\* '
    "<script>alert()</script> [a](javascript:alert) ~"
)


def lay_out(folder):
    folder.mkdir(parents=True)
    fake_summary().to_csv(folder / "summary.csv", index=False)
    (folder / "manifest.json").write_text(json.dumps({"as_of": AS_OF}))
    return folder


@pytest.mark.slow
def test_in_the_brief_it_stands_in_a_box_and_markup_is_inert(tmp_path):
    path = tmp_path / "gates.md"
    path.write_text(HEAD + ODD + f"\n\n- first {{{{{STOCK}}}}}\n- [link](https://example.org)\n", encoding="utf-8")
    first = tmp_path / "findings.md"
    first.write_text("---\nauthor: B. Second\n---\n# On page one\n\nWords, [[12 GW|epoch]].\n", encoding="utf-8")
    book = Book([read_note(first), read_note(path)], NAMES, SOURCES, {"findings.md": "abc", "gates.md": "def"})
    folder = lay_out(tmp_path / "run")
    made = build_brief(folder, fake_context() | {"commentary": book}, tmp_path / "a.pdf")
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(made).pages]
    assert "ANALYST’S NOTE · B. Second On page one" in pages[0] + pages[1]
    whole = " ".join(pages)
    inert = ('#panic("x") $y$ @z <b>bold</b> 华为', "<script>alert()</script> [a](javascript:alert)")
    for expected in (*inert, "A. Analyst", "12 GW (Epoch AI", "gates.md def"):
        assert expected in whole, expected
    again = build_brief(lay_out(tmp_path / "other"), fake_context() | {"commentary": book}, tmp_path / "b.pdf")
    assert again.read_bytes() == made.read_bytes()


@pytest.mark.slow
def test_a_note_on_a_section_that_the_run_does_not_have_is_refused(tmp_path):
    path = tmp_path / "effects.md"
    path.write_text("---\nauthor: A\n---\n# T\n\nText.\n", encoding="utf-8")
    context = fake_context(("current",)) | {"commentary": Book([read_note(path)], [], {}, {})}
    context["indistinct_until"] = {}
    folder = tmp_path / "run"
    folder.mkdir()
    fake_summary(("current",)).to_csv(folder / "summary.csv", index=False)
    (folder / "manifest.json").write_text(json.dumps({"as_of": AS_OF}))
    with pytest.raises(BadInput, match="no such section"):
        build_brief(folder, context, tmp_path / "a.pdf")


def test_notes_lie_beside_the_scenario_and_change_no_fingerprint(desk_copy):
    from forecast.catalogue.load import load, open_catalogue
    from forecast.folder import fingerprint

    before = fingerprint(load("smoke", desk_copy), open_catalogue(desk_copy))
    folder = desk_copy / "params" / "scenarios" / "commentary" / "smoke"
    folder.mkdir(parents=True)
    (folder / "gates.md").write_text(HEAD + "# T\n\nAn Ascend 910C and an H20.\n")
    catalogue = open_catalogue(desk_copy)
    book = read_book("smoke", catalogue)
    assert [note.title for note in book.notes] == ["T"]
    assert set(book.hashes) == {"gates.md"}
    assert bare_number("An Ascend 910C and an H20.", book.names) is None
    assert fingerprint(load("smoke", desk_copy), catalogue) == before
    assert read_book("baseline", catalogue).notes == []
