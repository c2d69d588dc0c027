"""The unconditional forecast in a table and a sentence: odds by branch, and no claim that the numbers do not bear."""

import pytest

from forecast.brief.messages import general
from forecast.brief.numbers import Numbers
from forecast.brief.odds import TITLE, odds_rows, odds_table, odds_text
from forecast.tables import Rows, Scope
from tests.fakes import fake_context, fake_summary


@pytest.fixture(scope="module")
def table(scenario, catalogue):
    return odds_table(odds_rows(scenario.model_copy(update={"draws": 32}), 2028, catalogue), 32)


def told(table):
    context = fake_context()
    numbers = Numbers(Rows(fake_summary()))
    words = general(numbers, Scope.of(context), context)
    message = odds_text(numbers, {"side": {"odds": table.data}}, words)
    text = [numbers.held[part["id"]].text if "id" in part else part.get("text", "") for part in message.body[0]]
    return numbers, "".join(text)


def test_the_forecast_stands_first_then_branches_with_their_odds_then_layers(table, catalogue):
    branches = catalogue.table("branches.csv")
    assert table.rows[0][0] == TITLE
    assert table.rows[1][1] == "40%"
    assert len(table.rows) == 1 + len(branches) + 1
    assert ["With any branch"] in table.rows
    assert table.rows[1][-1] == "reference"


def test_numbers_of_the_sentence_are_those_of_the_table(table):
    numbers, _ = told(table)
    row = table.data.set_index(["regime", "channel", "quantity"]).loc[("switching", "accessible", "stock")]
    assert numbers.held["table-odds/switching/accessible/stock/p50"].values == (row["p50"],)
    assert numbers.held["table-odds/switching/accessible/stock/p05-p95"].values == (row["p05"], row["p95"])


def test_doubt_about_law_is_called_small_only_where_it_is(table):
    assert "is small beside" in told(table)[1]
    wide = table.data.copy()
    own = (wide["regime"] == "switching") & (wide["quantity"] == "effect")
    wide.loc[own, ["p05", "p95"]] = [-9e6, 9e6]
    assert "is a large part" in told(table._replace(data=wide))[1]
