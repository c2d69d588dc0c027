"""The vendor's answer in kind: what was cut and what was kept when the rules of 2022, 2023 and 2025 came, and under a what-if."""

import datetime as dt
import itertools
import json

import numpy as np
import pytest

from forecast import rulebook
from forecast.chipnames import find_chip
from forecast.contract import BadInput
from forecast.design import DIMENSIONS, best_part, compliant_design, ladder
from forecast.redesign import answers
from forecast.regime import resolve
from forecast.rulebook import classify, facts_given, law_of, provisions_on
from forecast.specification import read_item
from forecast.stages.permissions import STATUSES, judge


def best(product, on, *, regime="current", given=None, **asked):
    law = law_of(None)
    item = read_item(product, given or {}, law.chips)
    return best_part({**item.facts, "chip": item.chip or ""}, resolve(regime, law.regimes), dt.date.fromisoformat(on), **asked)


def kept(part):
    return {cut.dimension: cut.kept for cut in part.cuts}


@pytest.mark.parametrize("purpose", ["training", "serving"])
@pytest.mark.parametrize(("product", "sold"), [("A100", "A800"), ("H100", "H800")])
def test_after_october_2022_the_links_are_cut_and_the_rate_is_kept(product, sold, purpose):
    part, chips = best(product, "2022-12-01", purpose=purpose, tightest="free"), law_of(None).chips
    chip = chips.loc[find_chip(sold, chips)]
    assert kept(part)["tpp"] == kept(part)["dram_bandwidth"] == 1.0
    assert part.facts["io_bandwidth"] == 599.0 >= chip["io_bandwidth"]
    links = next(cut for cut in part.cuts if cut.dimension == "io_bandwidth")
    assert (links.rule, links.test) == ("3A090 of 2022", "io_bandwidth >= 600")
    assert part.facts["tpp"] == chip["tpp"]


@pytest.mark.parametrize("purpose", ["training", "serving"])
def test_after_october_2023_the_rate_is_cut_and_the_bandwidth_is_kept(purpose):
    part = best("H100", "2023-12-01", purpose=purpose, tightest="free")
    assert part.facts["tpp"] == 2399.0
    assert kept(part)["tpp"] < 0.16
    assert kept(part)["dram_bandwidth"] == kept(part)["io_bandwidth"] == kept(part)["die_area"] == 1.0
    assert part.cuts[0].rule == "3A090.b"
    h20 = law_of(None).chips.loc["h20_96gb"]
    assert 0.97 * part.facts["tpp"] < h20["tpp"] <= part.facts["tpp"]
    assert part.least_area == 750.0, "2399 TPP stay below 3.2 TPP/mm2 from 750 mm2 on: dark silicon is what makes an H20 free"


def test_the_gaming_card_of_2023_loses_a_tenth_of_its_rate():
    part = best("RTX 4090", "2023-12-01", tightest="free")
    assert part.facts["tpp"] == 4799.0
    assert law_of(None).chips.loc["rtx_4090d", "tpp"] <= 4799.0
    assert best("RTX 4090", "2023-12-01", tightest="exception_nac").whole


def test_after_the_letters_of_2025_memory_stays_below_1400_and_the_sum_below_1700():
    part = best("H20", "2025-06-01", purpose="serving", tightest="free")
    assert (part.facts["dram_bandwidth"], part.facts["io_bandwidth"]) == (1399.0, 300.0)
    assert kept(part)["tpp"] == 1.0
    for chip in ("rtx_5090d_v2", "rtx_pro_6000d"):
        row = law_of(None).chips.loc[chip]
        assert row["dram_bandwidth"] <= part.facts["dram_bandwidth"], chip
        assert row["dram_bandwidth"] + row["io_bandwidth"] < 1700.0, chip


@pytest.mark.parametrize("purpose", ["training", "serving"])
def test_open_blackwell_calls_for_a_half_b300(purpose):
    part = best("B300", "2027-06-01", regime="open-blackwell", purpose=purpose)
    assert part.status == "licence_case_by_case"
    assert 0.5 < kept(part)["tpp"] < 0.6
    assert part.facts["dram_bandwidth"] == 6499.0
    assert kept(part)["io_bandwidth"] == 1.0
    b30a = law_of(None).chips.loc["b30a"]
    assert b30a["tpp"] <= part.facts["tpp"]
    assert b30a["dram_bandwidth"] <= part.facts["dram_bandwidth"]
    sized = best("B300", "2027-06-01", regime="open-blackwell", purpose=purpose, given={"die_area": 1600.0})
    assert 0.5 < sized.least_area / 1600.0 < 0.6
    assert best("B300", "2026-11-01", purpose=purpose).facts["tpp"] < 4800.0


def test_a_product_that_may_go_as_it_is_is_not_cut():
    part = best("H200", "2026-06-01")
    assert part.whole
    assert set(kept(part).values()) == {1.0}


def test_a_cut_part_is_new_unless_it_was_sold_at_home_in_time():
    assert best("MI355X", "2026-06-01", given={"die_area": 2000.0}).facts["tpp"] < 4800.0
    assert best("MI355X", "2026-06-01", given={"die_area": 2000.0}, sold_at_home=dt.date(2026, 1, 10)).facts["tpp"] == 20999.0


CASES = [("H100", on, regime) for on, regime in [("2022-12-01", "current"), ("2023-12-01", "current"), ("2025-06-01", "current"),
         ("2026-06-01", "current"), ("2027-06-01", "open-blackwell"), ("2027-06-01", "strict-denial")]]  # fmt: skip


@pytest.mark.parametrize(("product", "on", "regime"), CASES)
@pytest.mark.parametrize("purpose", ["training", "serving"])
@pytest.mark.parametrize("tightest", ["free", "exception_nac", "licence_case_by_case"])
def test_a_part_is_permitted_and_one_unit_more_of_what_is_cut_is_not(product, on, regime, purpose, tightest):
    part = best(product, on, regime=regime, purpose=purpose, tightest=tightest)
    limit = STATUSES.index(tightest)

    def status(**more):
        facts = {name: part.facts[name] for name in DIMENSIONS} | {"vendor": "NVIDIA", "datacenter": True, "prc_designed": False}
        return STATUSES.index(classify({**facts, "first_us_sale": dt.date.max, **more}, on=on, regime=regime).status)

    if part.whole:
        assert classify(product, on=on, regime=regime).status == part.status
        return
    assert status() == STATUSES.index(part.status) <= limit
    for cut in part.cuts:
        assert 0.0 < cut.value <= cut.base
        if cut.value < cut.base:
            assert status(**{cut.dimension: cut.value + 1.0}) > limit, cut
            assert cut.rule, cut


@pytest.mark.parametrize("purpose", ["training", "serving"])
def test_no_permitted_part_on_a_grid_is_better(purpose):
    part = best("H100", "2025-06-01", purpose=purpose, tightest="free")

    def score(tpp, dram, links):
        rate, memory, link = tpp / 15832.0, dram / 3350.0, links / 900.0
        return (rate, memory * link) if purpose == "training" else (rate * memory, link)

    reached = score(*(part.facts[name] for name in DIMENSIONS[:3]))
    tried = list(
        itertools.product((1599.0, 2399.0, 2400.0, 4799.0, 15832.0), np.arange(50.0, 3351.0, 25.0), np.arange(50.0, 901.0, 25.0))
    )
    better = np.array([one for one in tried if score(*one) > reached])
    one = facts_given(
        {"vendor": "NVIDIA", "datacenter": True, "prc_designed": False, "first_us_sale": dt.date.max, "die_area": 814}
    )
    many = {name: np.repeat(value, len(better)) for name, value in one.items()} | dict(zip(DIMENSIONS, better.T, strict=False))
    many["performance_density"] = many["tpp"] / 814.0
    rules = provisions_on(resolve("current", law_of(None).regimes), dt.date(2025, 6, 1))
    assert len(better) > 1000
    assert (judge(*rules, many, "CN").code > 0).all()


def test_each_rung_of_the_ladder_is_better_than_the_one_below():
    law = law_of(None)
    rungs = ladder(
        {**read_item("H100", {}, law.chips).facts, "chip": "h100_sxm"}, resolve("current", law.regimes), dt.date(2026, 6, 1)
    )
    assert [part.status for part in rungs] == ["free", "exception_nac", "licence_case_by_case"]
    rates = [part.facts["tpp"] for part in rungs]
    assert rates == sorted(set(rates))


def test_a_rule_on_density_is_taken_at_its_worst_where_the_area_is_not_known():
    unknown, known = (
        best("B300", "2024-06-01", tightest="free"),
        best("B300", "2024-06-01", tightest="free", given={"die_area": 1600.0}),
    )
    assert unknown.facts["tpp"] == 1599.0
    assert known.facts["tpp"] == 2559.0, "1600 mm2 times 1.6 TPP/mm2, where paragraph .b begins above 2400"
    assert "whatever the density" in unknown.cuts[0].test


def test_bad_questions_are_told():
    with pytest.raises(BadInput, match="training or serving"):
        best("H100", "2024-06-01", purpose="gaming")
    with pytest.raises(BadInput, match="presumption_of_denial"):
        best("H100", "2024-06-01", tightest="fre")
    with pytest.raises(BadInput, match="--io-bandwidth"):
        best("B30A", "2024-06-01")


def test_the_answers_in_words_and_json_agree():
    told = json.loads(json.dumps(answers("B300", on="2027-06-01", regime="open-blackwell")))
    assert [part["status"] for part in told["best"]["training"]] == ["free", "licence_case_by_case"]
    assert told["best"]["training"][1]["tpp"] == 31999.0
    assert any("die area is not known" in note for note in told["notes"])
    one = answers("B300", on="2027-06-01", regime="open-blackwell", purpose="serving", tightest="licence_case_by_case")
    assert list(one["best"]) == ["serving"]
    assert len(one["best"]["serving"]) == 1


def test_the_simple_design_can_be_had_from_both_places():
    assert rulebook.compliant_design is compliant_design
