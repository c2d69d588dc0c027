"""The answer of the law with its reasons: what is printed, what JSON holds, parts by description, and what is refused."""

import csv
import datetime as dt
import json

import pytest

from forecast.cli import main
from forecast.contract import BadInput
from forecast.rulebook import classify
from forecast.stages.permissions import STATUSES
from forecast.verdict import lines, plain_rows, ruling, status_table, timeline

H20 = [
    "--tpp",
    "2368",
    "--die-area",
    "814",
    "--dram-bandwidth",
    "4000",
    "--io-bandwidth",
    "900",
    "--datacenter",
    "--vendor",
    "NVIDIA",
]
H200 = {
    "tpp": 15832.0,
    "die_area": 814.0,
    "dram_bandwidth": 4800.0,
    "io_bandwidth": 900.0,
    "datacenter": True,
    "vendor": "nvidia",
}
DENIED, CASE = "licence_presumption_of_denial", "licence_case_by_case"


@pytest.fixture
def say(home, monkeypatch, capsys):
    """Calls the command line in the project; gives back what was said."""
    monkeypatch.chdir(home)

    def call(*words, code=0):
        monkeypatch.setattr("sys.argv", ["forecast", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        assert stopped.value.code == code, said
        assert "Traceback" not in said.err
        return said.err if code else said.out

    return call


def test_the_printed_answer_gives_status_paragraph_tests_margin_and_citation(say):
    said = say("rule", "H20", "--on", "2025-05-01", "--to", "CN")
    for words in ("licence_presumption_of_denial", "letter of April 2025 (named there)", "+2,600 GB/s", "−32 TPP", "2025-04, https://",
                  "quota       none", "duty        none", "Beijing"):  # fmt: skip
        assert words in said


def test_json_has_its_keys_and_says_what_the_library_says(say):
    told = json.loads(say("rule", "H200", "--on", "2026-11-01", "--json"))
    assert {"status", "paragraph", "tests", "quota", "duty", "cn_gate", "citations"} <= set(told)
    answer = classify("h200_sxm", on="2026-11-01")
    assert (told["status"], told["paragraph"], told["citations"]) == (answer.status, answer.paragraph, list(answer.citations))
    assert told["eased_by"] == ["15 CFR 742.6(b)(10) and (dd)"]
    assert "at most 0.5 of that shipped to American users" in told["quota"]["words"]
    assert told["duty"]["rate"] == 0.25
    limit = next(test for test in told["tests"] if test["test"] == "dram_bandwidth < 6500")
    assert (limit["value"], limit["threshold"], limit["margin"], limit["outcome"]) == (4800.0, 6500.0, -1700.0, "met")


def test_conditions_go_with_the_licence_they_belong_to():
    h20, b300 = ruling("H20", on="2026-11-01"), ruling("B300", on="2026-11-01")
    assert (h20["quota"], h20["duty"]["rate"]) == (None, 0.15)
    assert "revenue" in h20["duty"]["words"]
    assert b300["quota"] is b300["duty"] is None
    assert ruling("H20", on="2024-06-01")["duty"] is None
    assert ruling("H200", on="2026-11-01", to="MY", hq="CN")["cn_gate"] is None
    refusal = ruling("H200", on="2028-06-01", regime="current+beijing-refusal")["cn_gate"]
    assert refusal["acceptance_relative_to_current_law"] == 0.02
    assert "beijing-refusal" in refusal["citation"]


def test_where_no_rule_applies_the_rules_that_were_asked_are_cited():
    told = ruling("H20", on="2024-06-01")
    assert (told["status"], told["paragraph"]) == ("free", "none")
    assert any("3A090.b does not apply" in citation and "FR" in citation for citation in told["citations"])


@pytest.mark.parametrize("on", ["2022-12-01", "2023-12-01", "2025-05-01", "2025-09-01", "2026-11-01"])
def test_a_part_described_by_its_sheet_gets_the_status_of_the_chip(say, on):
    told = json.loads(say("rule", *H20, "--first-us-sale", "never", "--on", on, "--json"))
    assert told["status"] == classify("H20", on=on).status
    assert told["possible"] == [told["status"]]


def test_a_part_in_a_file_and_the_same_by_options_get_the_same_answer(say, tmp_path):
    path = tmp_path / "my_chip.yaml"
    path.write_text(
        "chip: a chip of mine\nvendor: NVIDIA\ntpp: 2368\ndie_area: 814\ndram_bandwidth: 4000\n"
        "io_bandwidth: 900\ndatacenter: yes\nfirst_us_sale: never\n"
    )
    one = json.loads(say("rule", str(path), "--on", "2025-05-01", "--json"))
    other = json.loads(say("rule", *H20, "--first-us-sale", "never", "--on", "2025-05-01", "--json"))
    assert one["label"] == "a chip of mine"
    assert (one["status"], one["tests"], one["possible"]) == (other["status"], other["tests"], other["possible"])
    cut = json.loads(say("rule", str(path), "--dram-bandwidth", "790", "--on", "2025-05-01", "--json"))
    assert (one["status"], cut["status"]) == (DENIED, "free")


def test_what_follows_from_other_facts_is_told():
    told = ruling(None, on="2026-06-01", given={**H200, "released": "2024-11-18"})
    assert told["status"] == CASE
    assert any("first American sale" in note for note in told["notes"])
    assert any("not designed in China" in note for note in told["notes"])
    late = ruling(None, on="2026-06-01", given={**H200, "released": "2026-02-01"})
    never = ruling(None, on="2026-06-01", given={**H200, "released": "2024-11-18", "first_us_sale": "never"})
    assert late["status"] == never["status"] == DENIED


def test_a_chip_with_another_fact_is_no_longer_the_one_that_rules_name():
    whole, cut = ruling("H20", on="2025-05-01"), ruling("H20", on="2025-05-01", given={"dram_bandwidth": 700.0})
    assert (whole["status"], whole["named"]) == (DENIED, ["letter of April 2025"])
    assert (cut["status"], cut["named"]) == ("free", [])
    assert "other dram bandwidth" in cut["label"]
    denser = ruling("H20", on="2024-06-01", given={"die_area": 400.0})
    assert denser["status"] == DENIED, "2368 over 400 mm2 is 5.92 TPP/mm2"


def test_missing_facts_name_the_tests_and_every_status_it_could_be(say):
    said = say("rule", "--tpp", "2000", "--datacenter", "--vendor", "NVIDIA", "--on", "2024-06-01")
    assert "could be free, exception_nac, licence_presumption_of_denial" in said
    assert "not known: die_area" in said
    assert "performance_density >= 3.2" in said
    told = ruling(None, on="2024-06-01", given={"tpp": 4800.0, "datacenter": True})
    assert told["possible"] == [DENIED]
    assert told["undecided"] == []


def test_a_vendor_that_was_not_said_is_a_missing_fact():
    facts = {key: value for key, value in H200.items() if key != "vendor"} | {"tpp": 1500.0, "prc_designed": False}
    told = ruling(None, on="2025-05-01", given=facts)
    assert told["possible"] == ["free", DENIED]
    assert told["undecided"][0]["facts"] == ["vendor"]
    assert ruling(None, on="2025-05-01", given={**facts, "vendor": "Nobody"})["possible"] == ["free"]


@pytest.mark.parametrize(("words", "says"), [
    (["H2O", "--on", "2026-01-01"], "did you mean 'h20_96gb'"),
    (["H20", "--on", "2021-12-31"], "2022-01-01 to 2032-12-31"),
    (["H20", "--on", "2033-01-01"], "2022-01-01 to 2032-12-31"),
    (["H20", "--on", "tomorrow"], "YYYY-MM-DD"),
    (["H20"], "--on"),
    (["--on", "2026-01-01"], "no part was named"),
    (["H20", "--on", "2026-01-01", "--to", "China"], "two-letter code"),
    (["H20", "--on", "2026-01-01", "--regime", "strict"], "did you mean 'strict-denial'"),
    (["H20", "--on", "2026-01-01", "--regime", "safe-chips"], "no regime is named"),
    (["H20", "--on", "2026-01-01", "--table"], "either one part or the table"),
    (["H20", "--on", "2026-01-01", "--csv", "x.csv"], "add --table"),
    (["--table", "--on", "2026-01-01", "--csv", "no/where.csv"], "a folder that exists"),
    (["--tpp", "-1", "--on", "2026-01-01"], "not a number that can be used"),
    (["--tpp", "nan", "--on", "2026-01-01"], "a finite number"),
    (["--tpp", "100", "--released", "soon", "--on", "2026-01-01"], "not a date"),
    (["--fact", "hbm_stack", "--on", "2026-01-01"], "NAME=VALUE"),
    (["--fact", "hbm_stak=yes", "--on", "2026-01-01"], "did you mean 'hbm_stack'"),
    (["nowhere.yaml", "--on", "2026-01-01"], "file not found"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")  # fmt: skip
def test_a_question_that_cannot_be_answered_is_told_so(say, words, says):
    assert says in say("rule", *words, code=2)


@pytest.mark.parametrize(("line", "says"), [
    ("tpq: 2000", "did you mean 'tpp'"),
    ("tpp: many", "a number [TPP]"),
    ("datacenter: perhaps", "not yes or no"),
    ("tpp: [1, 2]", "one value was expected"),
    ("vendor: 5", "a name was expected"),
])  # fmt: skip
def test_a_wrong_line_in_a_description_is_named(tmp_path, line, says):
    path = tmp_path / "chip.yaml"
    path.write_text(f"chip: mine\n{line}\n")
    with pytest.raises(BadInput, match="line 2") as told:
        ruling(str(path), on="2026-01-01")
    assert says in str(told.value)


def test_a_stack_of_memory_is_a_part_like_others(say):
    words = ["--fact", "hbm_stack=yes", "--fact", "memory_bandwidth_density=2.5", "--on", "2025-01-15", "--json"]
    assert json.loads(say("rule", *words))["status"] == DENIED
    assert json.loads(say("rule", *words, "--fact", "packager_approved=yes"))["status"] == "exception_hbm"


def test_the_table_of_all_chips_is_the_single_answers(say, catalogue, tmp_path):
    path = tmp_path / "table.csv"
    rows = json.loads(say("rule", "--table", "--on", "2026-11-01", "--to", "CN", "--json", "--csv", str(path)))
    assert [row["chip"] for row in rows] == list(catalogue.chips.index)
    for row in rows[::7]:
        answer = classify(row["chip"], on="2026-11-01")
        assert (row["status"], row["paragraph"]) == (answer.status, answer.paragraph)
    assert [row["status"] for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())] == [
        row["status"] for row in rows
    ]
    assert "h200_sxm" in say("rule", "--table", "--on", "2026-11-01")


def test_the_table_says_what_else_a_chip_could_be():
    rows = {row["chip"]: row for row in plain_rows(status_table(on="2024-06-01"))}
    assert rows["l20"]["could_be"] == ""
    assert rows["gaudi_3_china_hl328"]["could_be"] != ""
    assert rows["h200_sxm"]["on_the_market"] == "no"
    assert rows["l2"]["performance_density"] is None


def test_a_timeline_is_the_answer_day_by_day_and_names_what_changed_it(say):
    told = timeline("H20")
    assert [spell["status"] for spell in told["spells"]] == ["free", DENIED, CASE]
    for spell in told["spells"]:
        for day in (spell["since"], spell["until"]):
            assert classify("H20", on=day).status == spell["status"]
    assert [spell["because"][0]["step"] for spell in told["spells"][1:]] == [
        "H20 letters of April 2025",
        "H20 resumption, August 2025",
    ]
    said = say("timeline", "H20", "--to", "CN")
    assert "2025-04-09 to 2025-08-07  licence_presumption_of_denial, letter of April 2025" in said
    assert "from presumption of denial to review case by case" in said


def test_a_timeline_follows_the_headquarters_and_the_regime():
    away = timeline("GB200", to="MY", hq="CN")["spells"]
    assert (away[0]["status"], away[-1]["status"]) == ("free", DENIED)
    assert dt.date.fromisoformat(away[1]["since"]) == dt.date(2023, 11, 17)
    strict = timeline("H200", regime="what_if/strict-denial")["spells"]
    assert (strict[-1]["since"], strict[-1]["status"]) == ("2027-01-01", DENIED)


def test_every_status_is_said_in_words(catalogue):
    seen = set()
    for chip, on, to in [("H20", "2024-06-01", "CN"), ("RTX 4090", "2024-06-01", "CN"), ("RTX 4090", "2024-06-01", "SA"),
                         ("H100", "2024-06-01", "SA"), ("H200", "2026-06-01", "CN"), ("B300", "2026-06-01", "CN"),
                         ("910C", "2026-06-01", "CN")]:  # fmt: skip
        told = ruling(chip, on=on, to=to)
        seen.add(told["status"])
        assert told["status"] in lines(told)[1]
    assert seen == {*STATUSES} - {"exception_hbm"}
