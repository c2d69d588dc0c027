"""Side results of a real run: each on the run's own worlds, and hosts that add up."""

import numpy as np
import pandas as pd
import pytest

from forecast.brief.abroad import abroad_rows
from forecast.brief.law import criteria_in_words, moves_of, placeholder_share
from forecast.brief.side import closing_day, largest_effect, profile
from forecast.comparison import compare
from forecast.criteria import FACTS, FLAGS
from forecast.stages.permissions import METRICS
from forecast.summary import summarize
from forecast.tables import Rows, Scope
from tests.fakes import fake_context


@pytest.fixture(scope="module")
def rows(result):
    return Rows(pd.concat([summarize(result), compare(result)], ignore_index=True))


@pytest.fixture(scope="module")
def abroad(result, inputs, rows):
    return abroad_rows(result, inputs, rows)


def at(frame, variable, country, statistic="mean", regime="strict-denial"):
    held = frame[(frame.variable == variable) & (frame.country == country) & (frame.statistic == statistic)]
    return float(held[(held.quarter == "2028Q4") & (held.regime == regime)]["value"].iloc[0])


def test_owned_and_rented_add_up_to_what_stands_abroad(abroad, rows):
    stock = rows.value("compute_nominal", "mean", regime="strict-denial", channel="offshore", quarter="2028Q4")
    owned, rented = (at(abroad, name, "") for name in ("offshore_owned", "offshore_rented"))
    assert owned + rented == pytest.approx(stock, rel=1e-4)
    assert at(abroad, "offshore_both", "") == pytest.approx(stock, rel=1e-4)


def test_hosts_add_up_and_rows_that_the_summary_holds_are_not_repeated(abroad, rows):
    hosts = [name for name in abroad["country"].unique() if name]
    parts = sum(at(abroad, "offshore_owned", name) for name in hosts)
    assert parts == pytest.approx(at(abroad, "offshore_owned", ""), rel=1e-6)
    assert set(abroad[abroad.variable == "offshore_rented"]["country"]) == {""}
    assert Rows(pd.concat([rows.table, abroad], ignore_index=True)) is not None


def test_room_at_a_host_is_its_halls_times_what_a_megawatt_holds(abroad, inputs):
    halls = inputs["host_mw"].sel(country="MY", bound="2027-01-01").values
    expected = float((halls * inputs["host_density"].values).mean())
    held = abroad[(abroad.variable == "host_cap") & (abroad.country == "MY") & (abroad.statistic == "mean")]
    assert held[held.quarter == "2026Q4"]["value"].tolist() == pytest.approx([expected] * inputs.sizes["regime"])
    assert at(abroad, "host_cap", "CN") == 0


def test_the_largest_effect_is_that_of_the_summary(rows, scenario):
    context = fake_context(scenario.regimes)
    sizes = {name: abs(rows.value("effect:compute_nominal", "p50", regime=name, channel="accessible", quarter="2028Q4"))
             for name in scenario.regimes[1:]}  # fmt: skip
    assert largest_effect(rows, Scope.of(context)) == max(sizes, key=sizes.get)


def test_a_quarter_closes_on_the_first_day_of_the_next():
    assert closing_day("2028Q4") == "2029-01-01"
    assert profile({"gates": 1.234, "pages": 2.0}) == "gates 1.2 s, pages 2.0 s"


def test_law_is_told_setting_by_setting_with_what_ends(catalogue):
    told = moves_of("strict-denial", catalogue)
    words = [move["words"] for move in told]
    assert any(
        text.startswith("Presumption of denial (SAFE Chips Act): chips made for data centres, with TPP ≥ 4,800;")
        for text in words
    )
    assert "Ends: review case by case (15 CFR 742.6(b)(10) and (dd))" in words
    assert "Ends: presumption of denial (AI OVERWATCH Act)" in words
    moves = [move for piece in ("safe-chips", "ai-overwatch", "gain-ai", "chip-security", "remote-access")
             for move in catalogue.regimes[piece].moves]  # fmt: skip
    assert sum(move["settings"] for move in told) == len(moves)
    assert placeholder_share(told, "strict-denial") == pytest.approx(np.mean([move.tag == "M" for move in moves]))
    assert placeholder_share(told, "current") is None


def test_steps_of_one_lever_share_a_line_and_overlays_are_told(catalogue):
    drive = moves_of("enforcement-only", catalogue)
    assert len(drive) == 1
    assert drive[0]["settings"] == 4
    assert drive[0]["words"].endswith("79% from 2027-04-01, 68% from 2027-07-01, 57% from 2027-10-01")
    assert moves_of("current+beijing-refusal", catalogue)[0]["words"].startswith("Beijing lets in 0.05 times")


@pytest.mark.parametrize(
    ("branches", "words"),
    [
        ([["tpp >= 4800"]], "TPP ≥ 4,800"),
        ([["datacenter == yes", "tpp >= 4800"], ["datacenter == yes", "io_bandwidth >= 600"]],
         "chips made for data centres, with TPP ≥ 4,800; or link bandwidth ≥ 600 GB/s"),
        ([["dram_bandwidth + io_bandwidth >= 1700"]], "memory bandwidth plus link bandwidth ≥ 1,700 GB/s"),
        ([["from_us == yes"], ["from_us == no"]], "every chip"),
        ([["first_us_sale <= 2030-06-30"]], "first American sale ≤ 2030-06-30"),
    ],
)  # fmt: skip
def test_tests_are_read_as_words(branches, words):
    assert criteria_in_words(branches) == words


def test_every_fact_that_a_rule_may_speak_of_has_words():
    flags = {name for name, metric in METRICS.items() if metric.kind == "flag"}
    assert set(FLAGS) == flags
    assert set(FACTS) == set(METRICS) - flags


def test_every_regime_can_be_said_in_words(catalogue):
    book = catalogue.regimes
    said = {name: moves_of(name, catalogue) for name, regime in book.items() if regime.status in ("enacted", "what_if")}
    words = [row["words"] for rows in said.values() for row in rows]
    assert len(words) > 100
    assert not [text for text in words if not text or text.endswith(": ") or set(text) & set("_{")]
