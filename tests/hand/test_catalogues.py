"""Catalogues of languages: whole, with the same gaps as the English texts, and up to date with what pages say."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from forecast.language import HOME, quarter_name, speaking
from forecast.languages.extract import HERE, gathered, update, written
from forecast.tables import percent, signed, spread, tick, two_digits, year_end

CATALOGUES = sorted(HERE.glob("*.po"))
PACKAGE = HERE.parent
GAP = re.compile(r"\{(\w+)\}|#(\w+(?:\(\"[^\"]*\"\))?)")


def strings(value):
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.fixture(scope="module")
def template():
    return gathered()


@pytest.fixture(scope="module", params=CATALOGUES, ids=lambda path: path.stem)
def held(request):
    with request.param.open("rb") as file:
        return read_po(file, locale=request.param.stem)


def test_there_is_a_french_catalogue():
    assert "fr" in [path.stem for path in CATALOGUES]


def test_every_text_has_a_translation_that_is_not_guessed(held, template):
    texts = {message.id for message in template if message.id}
    assert len(texts) > 1500
    waiting = [id_ for id_ in texts if id_ not in held or held[id_].fuzzy or not all(strings(held[id_].string or ""))]
    assert waiting == [], "translate these in forecast/languages, after: make words"


def test_a_catalogue_holds_no_text_that_pages_have_lost(held, template):
    assert {message.id for message in held if message.id} <= {message.id for message in template if message.id}, "make words"


def test_gaps_and_blanks_at_the_ends_are_those_of_the_english_text(held):
    wrong = []
    for message in held:
        ids, told = strings(message.id or ""), strings(message.string or "")
        for form in told if message.id else ():
            gaps = [sorted(map("".join, GAP.findall(text))) for text in (ids[-1], form)]
            ends = [(text[:1] == " ", text[-1:] == " ") for text in (ids[0], form)]
            if gaps[0] != gaps[1] or ends[0] != ends[1]:
                wrong.append(ids[0])
    assert wrong == []


def test_counts_have_all_forms_of_the_language(held):
    counts = [message for message in held if isinstance(message.id, tuple)]
    assert counts
    assert all(len(message.string) == held.num_plurals for message in counts)


def test_updating_twice_changes_nothing_and_a_lost_text_comes_back(tmp_path, template):
    path = tmp_path / "fr.po"
    path.write_text((HERE / "fr.po").read_text(encoding="utf-8"), encoding="utf-8")
    update(path, template)
    assert path.read_text(encoding="utf-8") == (HERE / "fr.po").read_text(encoding="utf-8"), "make words"
    fewer = gathered()
    del fewer["onshore"]
    update(path, fewer)
    assert '#~ msgid "onshore"' in path.read_text(encoding="utf-8")
    assert update(path, template)[1] == 0


def test_a_catalogue_names_no_place_and_no_day(template):
    text = written(template)
    assert "#:" not in text
    assert "Date" not in text.split("\n\n")[0]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_underscore_is_the_text_function_and_no_name_to_throw_away(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spoken = [name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names if name.name == "_"]
    taken = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store)
    ]
    taken += [node.lineno for node in ast.walk(tree) if isinstance(node, ast.arg) and node.arg == "_"]
    assert not (spoken and taken), f"`_` is bound in lines {taken}"


def test_french_forms_of_numbers_quarters_and_ends_of_years():
    with speaking("fr"):
        assert (two_digits(12345), two_digits(0.36), signed(0.36), signed(-0.36)) == ("12\u202f000", "0,36", "+0,36", "−0,36")
        assert (percent(0.9), percent(0.001), percent(0.999)) == ("90\u202f%", "<1\u202f%", ">99\u202f%")
        assert (spread(5.3, 12), tick(2.5), tick(-1)) == ("5,3 à 12", "2,5", "−1")
        assert (quarter_name("2028Q4"), year_end("2028Q4"), year_end("2027Q2")) == ("T4 2028", "fin 2028", "fin T2 2027")


def test_english_forms_are_what_they_were():
    with speaking(HOME):
        assert (two_digits(12345), signed(0.36), percent(0.9), percent(0.001)) == ("12,000", "+0.36", "90%", "<1%")
        assert (spread(5.3, 12), quarter_name("2028Q4"), year_end("2028Q4"), year_end("2027Q2")) == (
            "5.3 to 12", "2028Q4", "end-2028", "end of 2027Q2",
        )  # fmt: skip
