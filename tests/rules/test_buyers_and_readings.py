"""A ruling for a named buyer, or under another reading of the text, says what `classify` says and shows the reasons."""

import json

import pytest
from typer.testing import CliRunner

from forecast.cli import app
from forecast.contract import BadInput
from forecast.rulebook import classify
from forecast.verdict import lines, readings, ruling


def test_a_free_chip_needs_a_licence_for_a_firm_on_the_entity_list():
    """Hygon: Entity List from 24 June 2019 (84 FR 29371); before October 2022 no rule asked about a V100."""
    day = {"on": "2022-03-01", "to": "CN"}
    free, listed = ruling("V100", **day), ruling("V100", **day, buyer="Hygon")
    assert free["status"] == "free"
    assert listed["status"] == classify("V100", **day, buyer="Hygon").status == "licence_presumption_of_denial"
    assert listed["possible"] == ["licence_presumption_of_denial"]
    assert listed["listings"] == ["Entity List: 84 FR 29371"]
    assert [rule["paragraph"] for rule in listed["rules"] if rule["applies"]] == ["Entity List: Hygon"]
    assert any("for Hygon" in line for line in lines(listed))


@pytest.mark.parametrize(
    ("option", "day", "status"),
    [
        ("text", "2025-10-15", "licence_presumption_of_denial"),
        ("text", "2026-10-15", "free"),
        ("text", "2026-12-01", "licence_presumption_of_denial"),
        ("stayed", "2026-12-01", "free"),
        ("stayed", "2027-02-01", "licence_presumption_of_denial"),
    ],
)
def test_a_firm_half_owned_by_listed_ones_is_caught_while_the_affiliates_rule_stands(option, day, status):
    """In force from 2025-09-29, stayed from 2025-11-10 for a year; a longer stay would go with the truce to 2027-01-10."""
    told = ruling("V100", on=day, to="CN", given={"listed_share": 60.0}, switches={"affiliates_rule": option})
    assert told["status"] == status
    assert told["possible"] == [status]
    assert told["switches"] == ({} if option == "text" else {"affiliates_rule": option})


def test_the_command_line_takes_a_buyer_and_readings():
    asked = ["rule", "V100", "--on", "2022-03-01", "--buyer", "Hygon", "--switch", "affiliates_rule=stayed", "--json"]
    told = json.loads(CliRunner().invoke(app, asked, catch_exceptions=False).output)
    assert told["status"] == "licence_presumption_of_denial"
    assert told["switches"] == {"affiliates_rule": "stayed"}


@pytest.mark.parametrize("setting", ["affiliates_rule", "=stayed", "affiliates_rule=", ""])
def test_a_switch_that_is_no_pair_is_refused(setting):
    with pytest.raises(BadInput, match="a switch that cannot be read"):
        readings([setting])


def test_an_unknown_buyer_is_listed_nowhere_and_an_unknown_reading_is_refused():
    assert ruling("V100", on="2022-03-01", to="CN", buyer="A bakery in Kunming")["listings"] == []
    with pytest.raises(BadInput, match="unknown option"):
        ruling("V100", on="2022-03-01", switches={"affiliates_rule": "perhaps"})
