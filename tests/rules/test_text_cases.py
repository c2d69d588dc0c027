"""What the text says of parts that nobody published an answer on: each row names the words of the rule that decide it."""

import csv
from pathlib import Path

import pytest

from forecast.rulebook import classify
from forecast.stages.permissions import STATUSES

CASES = list(csv.DictReader((Path(__file__).parent / "text_cases.csv").read_text(encoding="utf-8").splitlines()))


def given(case):
    pairs = dict(pair.split("=") for pair in case["given"].split())
    return {name: float(value) if value.isdigit() else value for name, value in pairs.items()}


def answered(law, case, **more):
    return classify(
        case["item"], on=case["on"], to=case["to"], hq=case["hq"] or None, shipped_from=case["shipped_from"], given=given(case),
        params=law, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['case']}-{case['item'].replace(' ', '_')}-{case['to']}-{case['on']}"
)
def test_the_text_decides(law, case):
    answer = answered(law, case)
    assert answer.status == case["status"], (case["text"], answer.paragraph, answer.citations)


def test_every_status_and_every_kind_of_item_is_among_the_cases(law):
    assert {case["status"] for case in CASES} == set(STATUSES)
    kinds = {law.things.loc[answered(law, case).chip, "kind"] for case in CASES}
    assert kinds == {"", "hbm_stack", "lithography", "tool", "service", "software", "remote_access"}


def test_an_answer_that_says_no_names_a_paragraph_and_a_citation(law):
    for case in CASES:
        answer = answered(law, case)
        if case["status"] != "free":
            assert answer.paragraph != "none", case["case"]
            assert answer.citations, case["case"]
