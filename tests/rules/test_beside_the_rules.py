"""What stands beside the rules: names of items, country groups, party lists, caps, levies, Beijing's gate, practice, events."""

import csv
import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.catalogue.check import check_file
from forecast.catalogue.law import check_beside, load_chips, load_events, load_items, load_regimes, together
from forecast.chipnames import plain
from forecast.conditions import CAPS
from forecast.contract import BadInput
from forecast.items import facts_given
from forecast.names import quarters_between
from forecast.regime import lineage, resolve, state_on
from forecast.rule import MEASURES
from forecast.rulebook import classify, levy

HERE = Path(__file__).parent
DENIED, CASE, FREE = "licence_presumption_of_denial", "licence_case_by_case", "free"


def on(law, day):
    return state_on(resolve("current", law.regimes), dt.date.fromisoformat(day))


NAMES = [
    ("H20", "h20_96gb"), ("h20", "h20_96gb"), ("NVIDIA H20", "h20_96gb"), ("h20_96gb", "h20_96gb"), ("A100", "a100_sxm_80gb"),
    ("DGX A100", "a100_sxm_80gb"), ("rtx 4090 d", "rtx_4090d"), ("GeForce RTX 4090", "rtx_4090"), ("4090", "rtx_4090"),
    ("RTX-5090D V2", "rtx_5090d_v2"), ("AMD Instinct MI308", "mi308x"), ("Rubin R100", "rubin_r200"), ("Gaudi 3", "gaudi_3"),
    ("HL-328", "gaudi_3_china_hl328"), ("Trillium", "tpu_v6e"), ("910B", "ascend_910b"), ("Huawei Ascend 910C", "ascend_910c"),
    ("HBM2E stack", "hbm2e"), ("hbm3e", "hbm3e"), ("ASML NXT:1980Di", "nxt_1980i"), ("TWINSCAN NXT:2000i", "nxt_2000i"),
    ("NXE:3400C", "nxe_3400c"), ("EDA", "eda_software"), ("h200 nvl", "h200_nvl"), ("B300", "b300"), ("GB200", "gb200"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wanted"), NAMES)
def test_a_name_is_found_as_people_write_it(law, name, wanted):
    assert classify(name, on="2026-02-01", params=law).chip == wanted


def test_an_unknown_name_names_its_neighbours(law):
    for name, near in (("H21", "h20"), ("rtx 4091", "rtx_4090"), ("NXT:1981i", "nxt_1980i"), ("HBM3X", "hbm3")):
        with pytest.raises(BadInput, match=rf"(?s)unknown chip.*{near}"):
            classify(name, on="2026-02-01", params=law)


def test_two_things_never_share_a_name(law, params):
    chips, items = load_chips(params), load_items(params)
    with pytest.raises(BadInput, match=r"(?s)an alias of another thing.*H200"):
        together(chips.assign(aliases=chips["aliases"].where(chips.index != "h20_96gb", "H 200")), items)
    with pytest.raises(BadInput, match="two things share an id"):
        together(chips, items.rename(index={"hbm3": "h20-96gb"}))
    assert len({plain(name) for name in law.things.index}) == len(law.things)


def test_a_description_with_a_name_is_met_by_rules_that_name_it(law):
    facts = {"chip": "MI308", "vendor": "AMD", "datacenter": "yes", "tpp": 1000.0, "die_area": 800.0}
    assert classify(facts, on="2025-05-01", params=law).status == DENIED
    assert classify({**facts, "chip": "a design of mine"}, on="2025-05-01", params=law).status == FREE


def test_things_that_compute_nothing_leave_no_test_on_circuits_open(law):
    for item in ("HBM3", "NXT:1980i", "US tools", "EDA"):
        open_tests = {finding.test.split()[0] for finding in classify(item, on="2026-02-01", params=law).unknown}
        assert not open_tests & {"tpp", "performance_density", "dram_bandwidth", "io_bandwidth"}, item
    assert facts_given({"tool": "yes"})["tpp"][0] == 0.0
    assert np.isnan(facts_given({"vendor": "NVIDIA"})["tpp"][0])


GROUPS = [
    ("2024-03-14", "D:5", "NI", False), ("2024-03-15", "D:5", "NI", True), ("2024-03-15", "D:1", "NI", True),
    ("2026-02-02", "D:5", "KH", True), ("2026-02-03", "D:5", "KH", False), ("2026-02-03", "D:1", "KH", True),
    ("2026-07-09", "D:4", "AE", True), ("2026-07-10", "D:4", "AE", False), ("2026-07-10", "A:5", "AE", True),
    ("2022-01-01", "A:6", "IL", True), ("2022-01-01", "D:4", "IL", True), ("2022-01-01", "A:5", "IN", True),
    ("2022-01-01", "A:6", "SG", True), ("2022-01-01", "D:5", "HK", True), ("2022-01-01", "D:5", "MO", False),
]  # fmt: skip


@pytest.mark.parametrize(("day", "group", "country", "member"), GROUPS)
def test_country_groups_change_on_their_days(law, day, group, country, member):
    lever = f"group.{group.replace(':', '').lower()}"
    moves = [move for move in resolve("current", law.regimes) if move.lever == lever and move.since <= dt.date.fromisoformat(day)]
    assert (country in moves[-1].value.destinations) == member


def test_rules_speak_of_countries_and_never_of_groups_once_they_are_read(law):
    for name in ("2022-08-26", "2023-11-17", "2026-11-22"):
        state = on(law, name)
        for rule in [*state.controls.values(), *state.reliefs.values(), *state.levies.values()]:
            assert not any(":" in place or place == "EU" for place in rule.places()), rule.paragraph


def test_a_rule_on_a_group_that_nobody_listed_is_refused(law):
    moves = [move for move in resolve("current", law.regimes) if not move.lever.startswith("group.")]
    with pytest.raises(BadInput, match=r"(?s)a group of countries that is not listed.*(EU|[AD]:[1-6])"):
        state_on(moves, dt.date(2024, 1, 1))


LISTED = [
    ("Huawei", "H20", "2024-06-01", DENIED), ("hisilicon", "HBM2E", "2024-06-01", DENIED), ("Biren", "H20", "2023-10-16", FREE),
    ("Biren Technology", "L20", "2023-12-01", DENIED), ("Cambricon", "T4", "2022-12-15", FREE),
    ("Cambricon", "T4", "2022-12-16", DENIED), ("Inspur", "RTX 4090D", "2024-06-01", DENIED),
    ("YMTC", "US tools", "2023-01-01", DENIED), ("SMIC", "US tools", "2023-01-01", CASE), ("SMIC", "L20", "2024-06-01", CASE),
    ("SMIC", "NXT:1980i", "2024-03-01", FREE), ("Naura", "EDA", "2024-12-01", FREE), ("Naura", "EDA", "2024-12-02", DENIED),
    ("Sophgo", "L20", "2025-01-16", DENIED), ("ByteDance", "H20", "2024-06-01", FREE),
]  # fmt: skip


@pytest.mark.parametrize(("buyer", "item", "day", "wanted"), LISTED)
def test_a_listed_buyer_is_cut_off_from_its_day(law, buyer, item, day, wanted):
    answer = classify(item, on=day, buyer=buyer, params=law)
    assert answer.status == wanted
    assert (wanted == FREE) == (answer.listings == ())
    if answer.listings:
        assert answer.listings[0].citation in "".join(answer.citations)
        assert answer.paragraph.startswith("Entity List")


def test_taiwans_list_binds_orders_at_its_foundries_and_not_american_chips(law):
    order = {"foundry_order": "yes", "vendor": "TSMC", "origin": "TW", "process_node": 28, "tpp": 10.0, "die_area": 100.0}
    answer = classify(order, on="2025-07-01", buyer="SMIC", params=law)
    assert {(one.by, one.list) for one in answer.listings} == {("TW", "Strategic high-tech commodities list")}
    assert [one.by for one in classify("L20", on="2025-07-01", buyer="SMIC", params=law).listings] == ["US"]


def test_every_listing_says_when_where_and_what_it_cuts_off(law):
    assert len(law.listings) >= 20
    for row in law.listings.itertuples():
        assert row.reaches.split(), row.firm
        assert row.since <= pd.Timestamp("2026-11-22")
        assert any(mark in row.citation for mark in ("FR", "article")), row.firm


def test_caps_stand_on_the_relief_that_opens_the_way(law):
    def caps(day, chip="H200", **more):
        return {
            (quota.measure, quota.limit, quota.unit, quota.basis) for quota in classify(chip, on=day, params=law, **more).quota
        }

    ratio = ("share_of_us", 0.5, "1", "text")
    assert caps("2026-02-01") == {ratio}
    assert caps("2026-05-14") == {ratio, ("units_per_buyer", 75000.0, "chip", "practice"), ("buyers", 10.0, "buyer", "practice")}
    assert caps("2026-01-14") == caps("2026-06-01", "B200") == caps("2026-06-01", to="MY", hq="CN") == set()
    diffusion = caps("2025-06-01", "H100", to="IN", switches={"diffusion_text": "applied"})
    assert {(measure, unit) for measure, _, unit, _ in diffusion} == {("tpp_per_country", "TPP"), ("tpp_per_company", "TPP")}
    assert caps("2025-06-01", "H100", to="IN") == set()


def test_conditions_are_told_in_words_and_assumptions_named(law):
    answer = classify("H200", on="2026-06-01", params=law)
    assert any("laboratory" in text for text in answer.conditions)
    assert {"certified == yes", "tested_in_us == yes"} <= set(answer.assumed)
    stated = classify("H200", on="2026-06-01", given={"certified": "yes"}, params=law)
    assert "certified == yes" not in stated.assumed
    assert any("25 days" in text for text in classify("RTX 4090", on="2024-06-01", params=law).conditions)


def test_practice_is_told_beside_the_text_and_changes_no_status(law):
    gap = classify("B200", on="2025-09-01", to="MY", hq="CN", params=law)
    assert gap.status == DENIED
    assert any("Subsidiaries" in one.happened for one in gap.practice)
    assert not any(
        "Subsidiaries" in one.happened for one in classify("B200", on="2026-06-15", to="MY", hq="CN", params=law).practice
    )
    told = {
        (chip, day): classify(chip, on=day, params=law).practice for chip, day in (("A100", "2022-12-01"), ("H200", "2026-06-01"))
    }
    assert any("A800" in one.happened for one in told["A100", "2022-12-01"])
    assert any("20 000" in one.happened for one in told["H200", "2026-06-01"])
    for step in lineage("current", law.regimes):
        for one in step.practice:
            assert one.source in step.sources


LEVIES = [
    ("h200_sxm", "2026-01-14", 0.0), ("h200_sxm", "2026-01-15", 0.25), ("mi325x", "2026-06-01", 0.25),
    ("h200_nvl", "2026-06-01", 0.0), ("h100_sxm", "2026-06-01", 0.0), ("mi300x", "2026-06-01", 0.0), ("b200", "2026-06-01", 0.0),
    ("h20_96gb", "2025-08-10", 0.0),
    ("h20_96gb", "2025-08-11", 0.15), ("mi308x", "2026-06-01", 0.15), ("gh200", "2026-06-01", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("chip", "day", "rate"), LEVIES)
def test_each_levy_falls_on_its_own_chips(law, chip, day, rate):
    answer = classify(chip, on=day, params=law)
    assert answer.duty == rate
    assert classify(chip, on=day, to="MY", params=law).duty == 0.0


def test_levies_by_quarter_are_weighted_by_days_and_agree_with_the_answer_of_a_day(law):
    quarters = quarters_between("2025Q3", "2028Q4")
    chips = law.chips.loc[["h200_sxm", "h20_96gb", "mi308x", "b30a", "mi300x"]]
    shares = pd.DataFrame(levy(chips, resolve("current", law.regimes), quarters), index=chips.index, columns=quarters)
    assert shares.loc["h20_96gb", "2025-07-01"] == pytest.approx(0.15 * 51 / 92)
    assert shares.loc["h200_sxm", "2026-01-01"] == pytest.approx(0.25 * 76 / 90)
    assert shares.loc["h200_sxm", "2026-04-01":].tolist() == pytest.approx([0.25] * 11)
    assert (shares.loc["mi308x"] == shares.loc["h20_96gb"]).all()
    assert (shares.loc[["b30a", "mi300x"]] == 0.0).all(axis=None)
    wider = pd.DataFrame(levy(chips, resolve("open-blackwell", law.regimes), quarters), index=chips.index, columns=quarters)
    assert wider.loc["b30a", "2027-01-01"] == 0.0
    assert wider.loc["b30a", "2027-04-01"] == pytest.approx(0.25)


def test_a_rate_of_zero_or_another_rate_moves_the_levy(law, catalogue):
    from forecast.regime import Move

    quarters = quarters_between("2027Q1", "2027Q2")
    raised = Move(lever="duty", since=dt.date(2027, 4, 1), value=0.4, tag="M", reason="made up for a test")
    shares = levy(law.chips.loc[["h200_sxm"]], (*resolve("current", law.regimes), raised), quarters)
    assert shares.tolist() == [[pytest.approx(0.25), pytest.approx(0.4)]]


GATES = [
    ("H20", "2025-07-30", set()), ("H20", "2025-08-15", {"discouraged"}), ("H20", "2025-09-20", {"stopped_for_large_platforms"}),
    ("RTX PRO 6000D", "2025-10-15", {"stopped_for_large_platforms", "customs_checks"}),
    ("H20", "2026-02-01", {"customs_checks", "banned_in_state_funded_data_centres"}),
    ("H200", "2026-01-20", {"customs_block", "banned_in_state_funded_data_centres"}),
    ("H200", "2026-09-01", {"case_by_case_trickle", "banned_in_state_funded_data_centres"}),
    ("RTX 4090", "2026-02-01", set()), ("Ascend 910C", "2026-02-01", set()),
]  # fmt: skip


@pytest.mark.parametrize(("chip", "day", "states"), GATES)
def test_beijings_gate_is_told_beside_american_law_and_never_inside_it(law, chip, day, states):
    answer = classify(chip, on=day, params=law)
    assert {gate.state for gate in answer.cn_gate} == states
    assert classify(chip, on=day, to="MY", hq="CN", params=law).cn_gate == ()
    assert not any("Beijing" in rule.paragraph for rule in on(law, day).controls.values())


def test_microns_parts_are_barred_from_critical_infrastructure(law):
    stack = {"vendor": "Micron", "hbm_stack": "yes", "memory_bandwidth_density": 9.9}
    assert [gate.state for gate in classify(stack, on="2023-06-01", params=law).cn_gate] == ["banned_for_critical_infrastructure"]


def test_every_event_of_the_record_is_coded_or_set_aside_with_a_reason(law, params):
    events = load_events(params)
    record = (HERE / "record.txt").read_text(encoding="utf-8").split()
    assert len(record) == 70
    assert set(events["event"]) == set(record)
    assert all(row.coded_in or len(row.why) > 20 for row in events.itertuples())


def test_every_enacted_step_holds_an_event_or_is_one_that_the_record_lacks(law, params):
    coded = {word for cell in load_events(params)["coded_in"] for word in cell.split()}
    steps = {step.name for step in lineage("current", law.regimes)}
    assert steps - coded == {"2022-01", "2023-01", "2023-10-veu", "2024-03", "2026-02", "current"}


def test_names_that_stand_nowhere_are_refused_with_their_place(params, tmp_path):
    shutil.copytree(params, tmp_path / "params")
    copy, chips, book = tmp_path / "params", load_chips(params), load_regimes(params)
    sources = {row["source"] for row in csv.DictReader((params / "sources.csv").read_text(encoding="utf-8").splitlines())}
    assert check_beside(copy, chips, book, sources)
    wrong = [
        ("events.csv", ",2022-08,", ",2022-80,", r"(?s)events\.csv, line 2.*coded_in.*2022-80.*did you mean '2022-"),
        ("listings.csv", "chips hbm tools software,", "chips hbn tools software,", r"(?s)listings\.csv, line 5.*hbn.*'hbm'"),
        ("cn_gate.csv", "h20_96gb h20_141gb,", "h20_69gb h20_141gb,", r"(?s)cn_gate\.csv, line 3.*h20_69gb"),
        ("cn_gate.csv", "tpp >= 4800", "tps >= 4800", r"(?s)a test that cannot be read.*cn_gate\.csv, line 7.*'tps'"),
        ("items.csv", "medium,jedec_hbm,", "medium,jedec_hmb,", r"(?s)items\.csv, line 2.*jedec_hmb.*'jedec_hbm'"),
        ("switches.yaml", "default: text", "default: words", r"(?s)switches\.yaml.*none of the options"),
        ("switches.yaml", "mi308x: {die_area: 2400}", "mi308y: {die_area: 2400}", r"(?s)switches\.yaml.*mi308y.*mi308x"),
        ("switches.yaml", "{die_area: 2400}", "{die_aera: 2400}", r"(?s)switches\.yaml.*unknown fact 'die_aera'; did you mean"),
    ]  # fmt: skip
    for name, old, new, message in wrong:
        path = copy / "regimes" / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(BadInput, match=message):
            check_beside(copy, chips, book, sources)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["items.csv", "listings.csv", "cn_gate.csv", "events.csv", "in_force.csv", "switches.yaml"])
def test_each_table_can_be_checked_alone(params, name):
    assert "well formed" in check_file(params / "regimes" / name)


def test_every_kind_of_cap_has_words():
    assert set(CAPS) == set(MEASURES)
