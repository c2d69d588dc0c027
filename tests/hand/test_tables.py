"""The rounding rule and the tables of the brief, on numbers small enough to check by eye."""

import math

import pandas as pd
import pytest

from forecast.breadth import FORKS
from forecast.contract import BadInput
from forecast.tables import (
    Rows,
    Scope,
    chance,
    channels_table,
    cited,
    comparison_table,
    countries_table,
    crosscheck_table,
    drivers_table,
    effect_table,
    forks_table,
    headline_table,
    law_table,
    millions,
    ordered_sources,
    overrides_table,
    percent,
    powers,
    short_title,
    signed,
    spread,
    two_digits,
    waterfall_table,
    yardsticks_table,
    year_end,
)
from tests.fakes import INSTRUMENTS, fake_abroad, fake_context, fake_drivers, fake_forks, fake_override, fake_split, fake_summary


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


@pytest.mark.parametrize(("value", "text"), [(1e27, "10²⁷"), (5e26, "5.0 × 10²⁶"), (1e-3, "10⁻³"), (9.96e25, "10²⁶")])
def test_large_counts_are_written_by_powers_of_ten(value, text):
    assert powers(value) == text


def test_a_small_probability_is_never_a_plain_zero():
    assert [chance(p) for p in (0.0, 0.004, 0.005, 0.68)] == ["<0.01", "<0.01", "0.01", "0.68"]


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
    assert table.header == ["Regime", "Licensed", "Diverted", "Domestic", "Onshore", "Abroad", "Accessible"]
    assert [row[0] for row in table.rows] == ["Current law", "Open Blackwell", "Strict denial"]
    stock = rows.value("compute_nominal", "p50", regime="strict-denial", channel="onshore", quarter="2028Q4")
    assert table.rows[2][4][0] == two_digits(stock / 1e6)


@pytest.fixture(scope="module")
def wide():
    """The made-up run with compute abroad by host."""
    return Rows(pd.concat([fake_summary(), fake_abroad()], ignore_index=True))


def test_hosts_stand_with_what_is_owned_rented_and_has_room(wide, scope):
    table = countries_table(wide, scope)
    assert table.header == ["Host", "Owned", "Rented", "Room", "Both, Current law", "Both, Open Blackwell", "Both, Strict denial"]
    assert [row[0] for row in table.rows] == ["Malaysia", "Singapore", "Other countries", "All hosts"]
    assert table.rows[0][1] == ("0.27", "0.11 to 0.68")
    assert table.rows[0][3][0] == "1.8"
    rented = wide.value("offshore_rented", "p50", regime="current", country="SG", quarter="2028Q4")
    assert table.rows[1][2][0] == two_digits(rented / 1e6)
    assert table.rows[3][2] == ("1.9", "0.76 to 4.8")


def test_a_run_without_compute_by_host_has_no_table_of_hosts(rows, scope):
    assert countries_table(rows, scope) is None


def test_yardsticks_give_levels_and_changes_in_training_and_serving(rows, scope):
    table = yardsticks_table(rows, scope)
    assert table.header == ["Regime", "Nominal", "In training", "In serving", "By bandwidth"]
    change = table.rows[-1]
    assert change[0] == "Strict denial"
    labels = {"regime": "strict-denial", "channel": "accessible", "quarter": "2028Q4"}
    assert change[2][0] == signed(rows.value("effect:compute_training", "p50", **labels) / 1e6)
    assert change[4] == "–"


def test_a_bundle_is_split_in_both_orders_with_its_placeholders(scope):
    table = waterfall_table(fake_split(), scope, fake_context()["instruments"], 512)
    lines = {row[0]: row for row in table.rows if len(row) > 1}
    assert [row[0] for row in table.rows if len(row) == 1] == ["Open Blackwell", "Strict denial"]
    assert lines["Statute"][:5] == ["Statute", "none", "−0.94", "−0.85", ("−0.90", "−0.37 to −1.6")]
    assert lines["Cloud rule"][1] == "all"
    assert table.rows[-1][:4] == ["Whole bundle", "67%", "", ""]
    assert "512 draws" in table.note
    assert len(lines["Statute"]) == len(table.header)


def test_the_table_of_law_holds_every_setting_with_its_tag_and_source():
    context = fake_context()
    table = law_table(context)
    settings = [row for row in table.rows if len(row) > 1]
    assert len(settings) == sum(len(parts) for parts in INSTRUMENTS.values())
    assert settings[0] == ["Higher ceiling [4]", "2027-01-01", "An invented setting of Higher ceiling", "M"]
    assert [row[3] for row in settings] == ["M", "M", "B", "M", "M"]
    assert table.rows[0][0][1].endswith("Written in: 00 FR 0000 (invented).")


def test_drivers_carry_what_they_rest_on_and_noise_is_left_out():
    context = fake_context()
    table = drivers_table({"level": fake_drivers()}, context, {"level": "The stock"})
    assert table.rows[0] == ["The stock"]
    assert [row[0] for row in table.rows[1:]] == [
        "Capital expenditure of firms [5]",
        "Chinese output of standard memory, all makers, in some equivalents [5]",
        "Share of licensed supply that Beijing lets in [5]",
    ]
    assert table.rows[1][1:] == [("2.0", "1.0 to 4.0 million stacks a quarter"), "3.0 to 9.0", "judgement, low confidence"]


def test_forks_show_the_spread_between_beside_the_spread_within(scope):
    table = forks_table(fake_forks(), scope, FORKS, 256)
    assert table.rows[0] == [("Investment", "as planned (60%); or moves to what binds (40%).")]
    assert table.rows[1] == ["Stock, Current law", ("8.0", "6.0 to 11"), ("8.2", "6.2 to 11"), "+0.20", "2.5", "<1%"]
    assert table.rows[2][:2] == ["Change, Open Blackwell", ("−1.0", "−3.0 to +2.0")]
    assert [len(row) for row in table.rows] == [1, 6, 6] * 3
    assert "256 draws" in table.note


def test_the_ledger_of_a_report_tells_default_value_effect_who_why_and_source(scope):
    context = fake_context()
    context["scenario"]["overrides"] = [fake_override("pue") | {"here": {"exact": 0.00115}, "unit": "1", "sources": []}]
    context["scenario"]["overrides"].append(fake_override())
    two = {"tool_lag": [-3e6, -2e6, -1e6, 0.0, 1e5], "pue": [0.0, 0.0, 0.0, 0.0, 0.0]}
    context["side"] |= {"ledger": {"effects": two, "together": [-4e6, 0, -2e6, 0, 0], "quarter": "2028Q4", "draws": 256}}
    table = overrides_table(context, scope)
    lag, pue, together = table.rows
    assert lag[:2] == ["tool lag: An invented input", "2027: 2 (1 to 3) million stacks a year"]
    assert lag[2:4] == ["times 0.5 from 2027Q2", ("−1.0", "−3.0 to +0.10")]
    assert lag[4] == f"An analyst: an invented reason{cited(context, ['source-02'])}"
    assert "[" in lag[4]
    assert pue[2:] == ["0.00115", ("0", "0 to 0"), "An analyst: an invented reason"]
    assert together == ["All of them together", "", "", ("−2.0", "−4.0 to 0"), ""]
    assert "end-2028" in table.note
    assert table.data["default"].tolist() == ["2027 2e+06 (1e+06 to 3e+06)"] * 2
    assert table.data["here"].tolist() == ["times 0.5 from 2027Q2", "0.00115"]
    assert table.data["effect_p50"].tolist() == [-1e6, 0.0]


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
    told = "Law as it stands on the day of this forecast. So it is. Written in: 00 FR 0000 (invented)."
    assert law_table(context).rows[0] == [("Current", told)]


def test_only_the_regimes_that_change_most_stand_side_by_side():
    regimes = ("current", "open-blackwell", "strict-denial", "quota", "allied-tools")
    rows, scope = Rows(fake_summary(regimes)), Scope.of(fake_context(regimes))
    assert scope.widest(rows, 5) == list(regimes)
    assert scope.widest(rows, 3) == ["current", "open-blackwell", "strict-denial"]


def test_headlines_stop_where_the_run_stops():
    context = fake_context()
    for last, headline in (("2032Q4", 2028), ("2027Q4", 2027), ("2028Q2", 2027)):
        context["scenario"]["last"] = last
        assert Scope.of(context).headline_year == headline
