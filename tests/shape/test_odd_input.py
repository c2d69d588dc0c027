"""Reports of odd questions, measured as pictures: markup in names, very long names, an empty channel, one regime, twelve."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
import typst
from PIL import Image
from pypdf import PdfReader

from forecast.brief import build_brief, pdf
from forecast.brief.odd import LONGEST_HEAD, running, settable
from forecast.contract import BadInput
from forecast.figures.frame import WIDTH, fitted
from forecast.phrases import listed_briefly
from tests.fakes import fake_context, fake_override, fake_summary
from tests.shape.test_brief import lay_out

MARKUP = '#x $a$ *b* _c_ @d <b>e</b> // \\f "g" `h` '
A4 = (595.28, 841.89)
SIDE, TOP, FOOT = 56.6, 24.0, 24.0
"""Margins of a page: 20 mm at the sides; head and foot stand within the upper and lower ones. [pt]"""


def odd_context():
    context = fake_context()
    asked = context["scenario"]
    asked["title"] = (MARKUP + "\U0001f984 What if the rules change and this title is far too long? " * 6)[:300]
    asked["question"] = MARKUP + "Donaudampfschifffahrtsgesellschaft" * 5
    for regime, short in zip(asked["regimes"], ("Current $law$ #now", "<b>Open</b> $5 *B* _x_ $6", "W" * 28), strict=True):
        regime["short"] = short
    asked["overrides"] = [fake_override("capex", "A. #Analyst <a@b.c>", MARKUP * 5)]
    context["scenario"] = settable(asked, {})
    return context, fake_summary()


def empty_channel():
    context, table = fake_context(("current",)), fake_summary(("current",))
    context["indistinct_until"] = {}
    table.loc[table["channel"] == "domestic", "value"] = 0.0
    return context, table


def twelve_regimes():
    names = ("current", *(f"regime-number-{number:02d}" for number in range(11)))
    context, table = fake_context(names), fake_summary(names)
    context["indistinct_until"] = dict.fromkeys(names[1:])
    for number, regime in enumerate(context["scenario"]["regimes"][1:], start=1):
        regime["short"] = f"A long regime name, no. {number:02d}"
    return context, table


CASES = {"markup and length": odd_context, "one regime, no domestic output": empty_channel, "twelve regimes": twelve_regimes}


@pytest.fixture(scope="module", params=list(CASES))
def built(request, tmp_path_factory):
    """The context of a case, its PDF, and its pages as pictures by typst itself."""
    context, table = CASES[request.param]()
    folder, pictures = lay_out(tmp_path_factory.mktemp("odd") / "run", table=table), []

    def drawn(source, **asked):
        pictures.extend(typst.compile(source, **{**asked, "format": "png", "ppi": 40.0, "pdf_standards": []}))
        return typst.compile_with_warnings(source, **asked)

    watched = SimpleNamespace(Fonts=typst.Fonts, TypstError=typst.TypstError, compile_with_warnings=drawn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "typst", watched)
        made = build_brief(folder, context, folder / "brief.pdf", attach=False)
    return context, PdfReader(made), pictures


def pieces(page):
    """Every piece of text of a page with its left end, right end and height on the page. [pt]"""
    found = []

    def note(text, matrix, text_matrix, font, size):
        if text.strip():
            x = text_matrix[4] * matrix[0] + matrix[4]
            y = text_matrix[5] * matrix[3] + matrix[5]
            found.append((text.strip(), x, y))

    page.extract_text(visitor_text=note)
    return found


@pytest.mark.slow
def test_all_text_stands_on_the_page(built):
    for page in built[1].pages:
        for text, x, y in pieces(page):
            assert SIDE - 3 <= x <= A4[0] - SIDE, text
            assert FOOT <= y <= A4[1] - TOP, text


@pytest.mark.slow
def test_its_length_is_that_of_a_brief(built):
    assert 5 <= len(built[1].pages) <= 16


@pytest.mark.slow
def test_names_are_set_letter_by_letter(built):
    words = "".join("".join(page.extract_text() for page in built[1].pages).split()).replace("\u200b", "")
    for regime in built[0]["scenario"]["regimes"]:
        told = regime.get("short") or regime["title"]
        assert "".join(told.split()).replace("\u200b", "") in words


@pytest.mark.slow
def test_no_ink_in_the_margins_and_no_page_but_the_last_is_nearly_empty(built):
    pictures = built[2]
    assert len(pictures) >= 5
    for number, picture in enumerate(pictures):
        ink = np.asarray(Image.open(io.BytesIO(picture)).convert("L")) < 200
        side = int(ink.shape[1] * (SIDE - 8) / A4[0])
        body = ink[int(0.08 * ink.shape[0]) :]
        assert not body[:, :side].any()
        assert not body[:, -side:].any(), f"page {number + 1}"
        if number < len(pictures) - 1:
            lines = body.any(axis=1)
            assert np.flatnonzero(lines[: int(0.88 * len(lines))])[-1] > 0.3 * len(lines), f"page {number + 1}"


def test_emoji_are_put_into_words_and_invisible_signs_fall_away():
    notes = {}
    assert (
        settable("A \U0001f984 rule \U0001f1e8\U0001f1f3 \u270b\U0001f3fd\ufe0f\u202e!", notes)
        == "A (unicorn face) rule (flag CN) (raised hand)!"
    )
    assert set(notes) == {"\U0001f984", "\U0001f1e8\U0001f1f3", "\u270b"}
    assert settable("Plain — words, 华为, «été»", {}) == "Plain — words, 华为, «été»"


@pytest.mark.parametrize("text", ["ما هي القواعد", "מה הכלל"])
def test_scripts_from_right_to_left_are_refused_in_plain_words(text):
    with pytest.raises(BadInput, match="right to left"):
        settable({"title": text}, {})


def test_long_words_may_break_and_ids_and_addresses_stay():
    found = settable({"id": "x" * 90, "url": "https://example.org/" + "y" * 90, "sources": ["s" * 30], "title": "z" * 90}, {})
    assert "\u200b" in found["title"]
    assert "\u200b" not in found["id"] + found["url"] + found["sources"][0]


def test_a_long_title_is_cut_at_a_word_in_the_running_head():
    title = "word " * 60
    assert len(running(title)) <= LONGEST_HEAD
    assert running(title).endswith("word…")
    assert running("Short") == "Short"


def test_titles_of_panels_fit_their_room():
    assert fitted("Current law", WIDTH * 72)[0] == "Current law"
    cut, size = fitted("W" * 28, 60.0, ": onshore")
    assert cut.endswith("…: onshore")
    assert size >= 5.9


def test_many_names_are_counted():
    assert listed_briefly([f"r{number}" for number in range(11)]) == "r0, r1, r2, r3 and 7 more"
    assert listed_briefly(["a", "b"]) == "a and b"
