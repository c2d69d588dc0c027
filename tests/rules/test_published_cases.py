"""Published answers: chip, destination, headquarters, date, and the status that a publisher gave."""

import csv
from pathlib import Path

import pytest

from forecast.rulebook import classify

CASES = list(csv.DictReader((Path(__file__).parent / "cases.csv").read_text(encoding="utf-8").splitlines()))
DECIDABLE = [case for case in CASES if case["decidable"] == "yes"]
DUTIES = [case for case in CASES if case["decidable"] == "duty"]
GATES = {
    "blocked": "customs_block", "conditional": "conditional_no_orders", "paused": "paused",
    "banned_state_dc": "banned_in_state_funded_data_centres",
}  # fmt: skip
"""What the publishers' words for Beijing's gate are called in cn_gate.csv."""

FACTS = ("tpp", "performance_density", "dram_bandwidth", "io_bandwidth", "memory_bandwidth_density")


def asked(case):
    given = dict(pair.split("=") for pair in case["given"].split())
    return {"on": case["on"], "to": case["to"], "hq": case["hq"] or None, "shipped_from": case["shipped_from"], "given": given}


def described(case, things):
    """The case by the facts that its publisher used, with what only our tables know."""
    facts = {name: float(case[name]) for name in FACTS if case[name]}
    facts |= {"vendor": case["vendor"], "datacenter": case["datacenter"], "hbm_stack": case["hbm_stack"] or "no"}
    if case["chip"]:
        row = things.loc[case["chip"]]
        facts["prc_designed"] = bool(row["prc_designed"])
        facts["first_us_sale"] = None if row.isna()["first_us_sale"] else row["first_us_sale"].date()
    return facts


def test_undecidable_cases_say_why():
    assert len(DECIDABLE) + len(DUTIES) == len(CASES) - 1 == 58
    assert [case["case"] for case in CASES if case["decidable"] == "no"] == ["K032"]
    assert all(case["note"] for case in CASES if case["decidable"] != "yes")


@pytest.mark.parametrize("case", DUTIES, ids=lambda case: case["case"])
def test_a_published_duty_falls_on_the_part_and_on_no_other_of_its_family(law, case):
    answer = classify(case["chip"], params=law, **asked(case))
    assert f"tariff_{100 * answer.duty:.0f}" == case["published"]
    assert [levy.paragraph for levy in answer.levies] == ["HTS 9903.79.01"]
    assert classify("h200_nvl", params=law, **asked(case)).duty == 0.0


@pytest.mark.parametrize("case", [c for c in CASES if c["gate"]], ids=lambda case: case["case"])
def test_the_published_state_of_beijings_gate_is_told(law, case):
    states = {gate.state for gate in classify(case["chip"], params=law, **asked(case)).cn_gate}
    assert GATES[case["gate"]] in states


@pytest.mark.parametrize(
    "case", [c for c in DECIDABLE if c["to"] == "CN" and c["on"] < "2025-07-31"], ids=lambda case: case["case"]
)
def test_beijings_gate_was_open_before_july_2025(law, case):
    assert not classify(case["chip"] or "hbm3", params=law, **asked(case)).cn_gate


@pytest.mark.parametrize("case", [c for c in DECIDABLE if c["chip"]], ids=lambda case: case["case"])
def test_a_published_case_gets_its_published_status_by_chip(law, case):
    answer = classify(case["chip"], params=law, **asked(case))
    assert answer.status == case["published"], answer.paragraph


@pytest.mark.parametrize("case", [c for c in DECIDABLE if c["tpp"] or c["hbm_stack"]], ids=lambda case: case["case"])
def test_a_published_case_gets_its_published_status_by_the_facts_its_publisher_used(law, case):
    answer = classify(described(case, law.things), params=law, **asked(case))
    assert answer.status == case["published"], answer.paragraph


def test_a_part_without_published_rates_is_answered_with_its_unknown_tests(law):
    answer = classify("gaudi_3_china_hl328", on="2025-01-15", params=law)
    assert answer.status == "free"
    assert "tpp >= 4800" in [finding.test for finding in answer.unknown]


def test_named_parts_are_prohibited_everywhere(law):
    for chip in ("ascend_910b", "ascend_910c", "ascend_910d"):
        assert classify(chip, on="2025-05-14", to="DE", params=law).status == "prohibited"
        assert classify(chip, on="2025-05-12", to="DE", params=law).status == "free"


def test_b30a_is_case_by_case_under_open_blackwell_and_denied_today(law):
    assert classify("b30a", on="2027-04-01", regime="what_if/open-blackwell", params=law).status == "licence_case_by_case"
    assert classify("b30a", on="2027-03-31", regime="open-blackwell", params=law).status == "licence_presumption_of_denial"
    assert classify("b30a", on="2026-11-24", params=law).status == "licence_presumption_of_denial"
    assert classify("gb200", on="2027-04-01", regime="open-blackwell", params=law).status == "licence_presumption_of_denial"


def test_strict_denial_takes_back_what_was_licensed(law):
    for chip in ("h200_sxm", "h20_96gb", "mi308x", "l40s"):
        assert not classify(chip, on="2027-01-01", regime="strict-denial", params=law).open
    h20 = classify("h20_96gb", on="2027-01-01", regime="strict-denial", params=law)
    assert h20.paragraph == "letter of April 2025"
    assert classify("rtx_4090", on="2027-01-01", regime="strict-denial", params=law).status == "exception_nac"


def test_an_answer_names_paragraph_margin_and_source(law):
    answer = classify("h20_96gb", on="2024-06-01", params=law)
    assert (answer.status, answer.paragraph) == ("free", "none")
    near = next(finding for finding in answer.tests if finding.test == "tpp >= 2400")
    assert (near.value, near.threshold, near.margin, near.unit, near.outcome) == (2368.0, 2400.0, -32.0, "TPP", "not met")
    later = classify("h20_96gb", on="2025-05-01", params=law)
    assert later.paragraph == "letter of April 2025"
    assert any("2025-04" in citation and "https://" in citation for citation in later.citations)
