"""The language of a page: texts by catalogue, gaps filled, plurals, numbers and days in the form of the language."""

import datetime as dt

import pytest

import forecast.language as tongue
from forecast.language import N_, _, counted, languages, long_date, number, speaking, spoken

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "onshore"
msgstr "sur le sol chinois"

msgid "{low} to {high}"
msgstr "{low} à {high}"

#, fuzzy
msgid "only guessed"
msgstr "à deviner"

msgid "{n} rule"
msgid_plural "{n} rules"
msgstr[0] "{n} règle"
msgstr[1] "{n} règles"
"""


@pytest.fixture
def french(tmp_path, monkeypatch):
    (tmp_path / "fr.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(tongue, "FOLDER", tmp_path)
    tongue.catalogue.cache_clear()
    with speaking("fr"):
        yield
    tongue.catalogue.cache_clear()


def test_english_is_what_stands_in_the_code():
    assert spoken() == "en"
    assert (_("onshore"), N_("onshore"), _("{low} to {high}", low=1, high=2)) == ("onshore", "onshore", "1 to 2")
    assert (number(12345.6, 1), number(-0.2, 2)) == ("12,345.6", "−0.20")


def test_a_catalogue_gives_texts_gaps_plurals_numbers_and_days(french):
    assert languages() == ("en", "fr")
    assert (_("onshore"), _("{low} to {high}", low=1, high=2)) == ("sur le sol chinois", "1 à 2")
    assert [counted("{n} rule", "{n} rules", count) for count in (0, 1, 2)] == ["0 règle", "1 règle", "2 règles"]
    assert (number(12345.6, 1), long_date(dt.date(2026, 9, 30))) == ("12\u202f345,6", "30 septembre 2026")


def test_what_is_not_translated_or_only_guessed_stays_english(french):
    assert (_("unknown text"), _("only guessed")) == ("unknown text", "only guessed")


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(ValueError, match="no catalogue for the language 'tlh'"), speaking("tlh"):
        pass


def test_the_language_ends_with_its_block(french):
    with speaking("en"):
        assert _("onshore") == "onshore"
    assert _("onshore") == "sur le sol chinois"
