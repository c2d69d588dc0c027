"""Change since the last brief: which one is the last, what moved, and what stands in the table of published headlines."""

import datetime as dt

import pytest

from forecast.brief.glance import since_last
from forecast.brief.last import COLUMNS, FILE, enter, headlines, last_brief, published_headlines
from forecast.brief.numbers import Numbers
from forecast.contract import BadInput
from forecast.tables import Rows, Scope
from tests.fakes import fake_context, fake_summary


def told(rows, scope, run, day="2026-11-28"):
    marks = {"fingerprint": run, "code_version": f"code-{run}", "params_hash": "params"}
    return headlines(rows, scope, marks, "default", dt.date.fromisoformat(day))


@pytest.fixture
def rows():
    return Rows(fake_summary())


@pytest.fixture
def scope():
    return Scope.of(fake_context())


def test_headlines_are_stocks_under_the_base_and_changes_under_the_others(rows, scope):
    table = told(rows, scope, "one")
    assert tuple(table.columns) == COLUMNS
    assert set(table.loc[table["regime"] == scope.base, "kind"]) == {"stock"}
    assert set(table.loc[table["regime"] != scope.base, "kind"]) == {"change"}
    held = table.set_index(["regime", "channel"])
    expected = rows.value("effect:compute_nominal", "p50", regime="strict-denial", channel="onshore", quarter="2028Q4")
    assert held.loc[("strict-denial", "onshore"), "p50"] == expected


def test_the_last_brief_is_the_newest_of_another_run(tmp_path, rows, scope):
    for run in ("one", "two", "three"):
        enter(tmp_path, told(rows, scope, run))
    assert set(last_brief(tmp_path, "default", "four")["run"]) == {"three"}
    assert set(last_brief(tmp_path, "default", "three")["run"]) == {"two"}
    assert last_brief(tmp_path, "default", "one").empty
    assert last_brief(tmp_path, "another", "four").empty


def test_a_run_entered_twice_keeps_its_place(tmp_path, rows, scope):
    for run, day in (("one", "2026-11-01"), ("two", "2026-11-02"), ("one", "2026-11-03")):
        enter(tmp_path, told(rows, scope, run, day))
    table = published_headlines(tmp_path)
    assert list(dict.fromkeys(table["run"])) == ["one", "two"]
    assert set(table.loc[table["run"] == "one", "published"]) == {"2026-11-03"}


def test_a_table_without_its_columns_is_refused(tmp_path):
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text("scenario,run\ndefault,one\n")
    with pytest.raises(BadInput, match="lacks columns"):
        published_headlines(tmp_path)


def spoken(message, numbers):
    parts = [*message.lead, *[part for body in message.body for part in body]]
    return "".join(numbers.held[part["id"]].text if "id" in part else part["text"] for part in parts)


def test_what_moved_is_said_with_both_numbers_and_what_did_not_is_said_too(rows, scope):
    context = fake_context()
    now = rows.value("compute_nominal", "p50", regime=scope.base, channel="accessible", quarter="2028Q4")
    context["last"] = context["last"].assign(p50=0.0)
    context["last"].loc[context["last"]["regime"] == scope.base, "p50"] = now
    numbers = Numbers(rows)
    text = spoken(since_last(numbers, scope, context), numbers)
    assert "the headline has moved" in text
    assert "Current law still" in text
    assert "Strict denial from 0 to " in text
    assert "The model and its parameters have changed" in text


def test_without_an_earlier_brief_nothing_is_said(rows, scope):
    context = fake_context()
    context["last"] = context["last"].iloc[:0]
    assert since_last(Numbers(rows), scope, context) is None
