"""The rounding rule and the tables of the brief, on numbers small enough to check by eye."""

import math

import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.tables import (
    Rows,
    Scope,
    channels_table,
    comparison_table,
    crosscheck_table,
    effect_table,
    headline_table,
    millions,
    ordered_sources,
    percent,
    regimes_table,
    short_title,
    signed,
    spread,
    two_digits,
    year_end,
)
from tests.fakes import fake_context, fake_summary


@pytest.fixture(scope="module")
def rows():
    return Rows(fake_summary())


@pytest.fixture(scope="module")
def scope():
    return Scope.of(fake_context())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8.123, "8.1"),
        (0.537, "0.54"),
        (12345.0, "12,000"),
        (1234567.0, "1,200,000"),
        (-0.2, "−0.20"),
        (9.96, "10"),
        (99.6, "100"),
        (0.0995, "0.10"),
        (0.06, "0.06"),
        (5.0, "5.0"),
        (0.0049, "0.00"),
        (-0.001, "0.00"),
        (0.0, "0"),
    ],
)
def test_two_significant_digits_and_never_a_third_decimal(value, text):
    assert two_digits(value) == text


def test_more_decimals_only_where_asked():
    assert two_digits(0.0023, decimals=3) == "0.002"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_for_readers_is_finite(value):
    with pytest.raises(ValueError, match="finite"):
        two_digits(value)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "<1%"), (0.005, "<1%"), (0.01, "1%"), (0.424, "42%"), (0.99, "99%"), (0.996, ">99%"), (1.0, ">99%")],
)
def test_shares_are_whole_percent_and_never_certain(share, text):
    assert percent(share) == text


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        percent(share)


def test_changes_carry_their_sign():
    assert [signed(x) for x in (0.24, -0.24, 0.0, 0.001)] == ["+0.24", "−0.24", "0", "0.00"]
    assert spread(-1e5, 2e6, 1e6, signed) == "−0.10 to +2.0"


def test_words_for_dates_and_stocks():
    assert (year_end("2028Q4"), year_end("2027Q2"), millions(8_123_456)) == ("end-2028", "end of 2027Q2", "8.1")


def test_a_missing_row_is_named(rows):
    with pytest.raises(BadInput, match="does not hold") as problem:
        rows.value("compute_nominal", "p50", regime="current", channel="onshore", quarter="2040Q4")
    assert "2040Q4" in str(problem.value)


def test_a_row_that_is_not_finite_is_refused():
    table = fake_summary()
    table.loc[0, "value"] = math.nan
    first = table.iloc[0]
    with pytest.raises(BadInput, match="does not hold"):
        Rows(table).value(first.variable, first.statistic, regime=first.regime, channel=first.channel, quarter=first.quarter)


def test_a_row_that_stands_twice_is_refused():
    table = fake_summary()
    with pytest.raises(BadInput, match="twice"):
        Rows(pd.concat([table, table.iloc[:1]]))


def test_all_and_empty_mean_the_same(rows):
    quarter = {"regime": "current", "channel": "domestic", "quarter": "2027Q1"}
    assert rows.value("additions_h100e", "mean", **quarter) == rows.value("additions_h100e", "mean", gpu_class="", **quarter)


def test_the_headline_table_prints_the_summary_to_the_digit(rows, scope):
    table = headline_table(rows, scope)
    assert table.header == ["Regime", "end-2025", "end-2026", "end-2027", "end-2028"]
    line = next(row for row in table.rows if row[0] == "Current law")
    stock = {
        name: rows.value("compute_nominal", name, regime="current", channel="onshore", quarter="2028Q4") / 1e6
        for name in ("p05", "p50", "p95")
    }
    assert line[-1] == (two_digits(stock["p50"]), f"{two_digits(stock['p05'])} to {two_digits(stock['p95'])}")
    assert set(table.data["quarter"]) == {"2025Q4", "2026Q4", "2027Q4", "2028Q4"}


def test_channels_close_with_their_sums(rows, scope):
    table = channels_table(rows, scope)
    assert [row[0] for row in table.rows] == ["Licensed", "Diverted", "Domestic", "Onshore", "Abroad", "Accessible"]
    assert table.header == ["Channel", "Current law", "Open Blackwell", "Strict denial"]


def test_effects_show_the_chance_of_a_change_that_matters(rows, scope):
    table = effect_table(rows, scope)
    labels = {"regime": "strict-denial", "channel": "accessible", "quarter": "2028Q4"}
    line = [row for row in table.rows if row[0] == "Accessible"][-1]
    assert line[3] == percent(rows.value("effect:compute_nominal", "p_loss_10pct", **labels))
    assert line[1][0].startswith("−")


def test_comparison_puts_each_definition_of_ours_in_its_column():
    context = fake_context()
    first = context["comparison"][0]
    context["comparison"] = [first, {**first, "definition": "as others count", "ours_p50": 1.5e6}]
    table = comparison_table(context)
    assert table.header[1:3] == [f"Ours, {first['definition']}", "Ours, as others count"]
    assert table.rows[0][:3] == ["Onshore, end-2025", ("1.9", "1.5 to 2.6"), ("1.5", "1.5 to 2.6")]
    assert table.rows[1][:3] == ["", "", ""]
    assert table.rows[1][3] == "1.6"
    assert table.spanned == 3


def test_a_published_figure_cites_its_source_by_number():
    context = fake_context()
    assert comparison_table(context).rows[0][4] == "Example institute 1 [1]"
    context["comparison"][0]["others"][0]["source"] = "source-09"
    assert [source["id"] for source in ordered_sources(context)][:2] == ["source-09", "source-02"]
    context["comparison"][0]["others"][0]["source"] = "nobody"
    with pytest.raises(BadInput, match="not listed"):
        comparison_table(context)


def test_plain_h100e_become_millions_and_other_units_stay():
    context = fake_context()
    million = crosscheck_table(context)
    for row in context["crosscheck"]:
        for name in [key for key in row if key.startswith(("expected", "ours"))]:
            row[name] *= 1e6
        row["unit"] = "H100e"
    assert crosscheck_table(context).rows == million.rows
    assert crosscheck_table(context).title == million.title


@pytest.mark.parametrize(
    ("regime", "title"),
    [
        ({"id": "a", "title": "Current law"}, "Current law"),
        ({"id": "strict-denial", "title": "Denial by statute, location checks and closure of access"}, "Strict denial"),
        ({"id": "open-blackwell", "title": "Cut-down Blackwell licensed from spring 2027"}, "Open Blackwell"),
        ({"id": "a", "title": "Current law", "short": "Today"}, "Today"),
    ],
)
def test_regimes_have_a_name_that_fits_a_column(regime, title):
    assert short_title(regime) == title


def test_a_long_title_stands_before_the_summary():
    context = fake_context()
    context["scenario"]["regimes"][0] |= {"title": "Law as it stands on the day of this forecast", "summary": "So it is."}
    assert regimes_table(context).rows[0][:2] == ["Current", "Law as it stands on the day of this forecast. So it is."]
