"""Open points of the text: each option changes an answer, no default does, and an answer says which were chosen."""

import pytest

from forecast.contract import BadInput
from forecast.rulebook import classify

DENIED, CASE, FREE, NAC = "licence_presumption_of_denial", "licence_case_by_case", "free", "exception_nac"
SHOWN = [
    ("affiliates_rule", "stayed", "RTX 4080", {"on": "2026-11-15", "given": {"listed_share": 60}}, DENIED, FREE),
    ("nac_notice", "refused", "RTX 4090", {"on": "2023-12-01"}, NAC, DENIED),
    ("nac_notice", "refused", "RTX 4090", {"on": "2024-06-01"}, NAC, CASE),
    ("nac_notice", "refused", "A40", {"on": "2024-06-01"}, NAC, CASE),
    ("letters_2025", "numbers_for_all", "MI210", {"on": "2025-06-01"}, NAC, DENIED),
    ("letters_2025", "numbers_for_all", "MI210", {"on": "2025-09-01"}, NAC, CASE),
    ("chiplet_area", "compute_only", "MI308X", {"on": "2024-06-01"}, FREE, NAC),
    ("copackaged_hbm", "counted", "H20", {"on": "2025-01-15"}, FREE, DENIED),
    ("tpp_formats", "eight_and_sixteen", "TPU 8t", {"on": "2026-05-01"}, DENIED, DENIED),
    ("china_only_parts", "counted", "H800", {"on": "2026-02-01"}, DENIED, CASE),
    ("hq_gap", "practice", "MI350X", {"on": "2025-09-01", "to": "MY", "hq": "CN"}, DENIED, FREE),
    ("hq_gap", "practice", "B200", {"on": "2025-09-01", "to": "MY", "hq": "CN"}, DENIED, CASE),
    ("hq_gap", "practice", "MI350X", {"on": "2026-06-01", "to": "MY", "hq": "CN"}, DENIED, DENIED),
    ("emirates_recipient", "other", "B200", {"on": "2026-08-01", "to": "AE"}, FREE, "licence_presumption_of_approval"),
    ("diffusion_text", "applied", "H100", {"on": "2025-06-01", "to": "IN"}, FREE, "licence_presumption_of_approval"),
    ("diffusion_text", "applied", "H100", {"on": "2025-06-01", "to": "JP"}, FREE, FREE),
]  # fmt: skip


@pytest.mark.parametrize(("switch", "option", "item", "asked", "usual", "other"), SHOWN)
def test_an_option_reads_the_text_in_its_own_way(law, switch, option, item, asked, usual, other):
    assert classify(item, params=law, **asked).status == usual
    answer = classify(item, params=law, switches={switch: option}, **asked)
    assert answer.status == other
    assert answer.switches == ((switch, option),)


def test_the_relation_of_the_letters_decides_at_the_number_alone(law):
    part = {"vendor": "NVIDIA", "datacenter": "yes", "prc_designed": "no", "tpp": 1000.0, "die_area": 900.0, "io_bandwidth": 64.0}
    for bandwidth, usual, other in ((1399.0, FREE, FREE), (1400.0, DENIED, FREE), (1401.0, DENIED, DENIED)):
        asked = {"on": "2025-06-01", "params": law}
        assert classify({**part, "dram_bandwidth": bandwidth}, **asked).status == usual
        assert classify({**part, "dram_bandwidth": bandwidth}, switches={"letter_relation": "more_than"}, **asked).status == other


def test_the_host_link_decides_between_536_and_600(law):
    part = {"vendor": "NVIDIA", "datacenter": "yes", "tpp": 4992.0, "die_area": 826.0}
    for link, usual, other in ((535.0, FREE, FREE), (536.0, FREE, DENIED), (600.0, DENIED, DENIED)):
        asked = {"on": "2022-12-01", "params": law}
        assert classify({**part, "io_bandwidth": link}, **asked).status == usual
        assert classify({**part, "io_bandwidth": link}, switches={"io_counting": "all_links"}, **asked).status == other


def test_without_4_bits_a_b30a_passes_the_ceiling_and_fails_on_its_first_sale(law):
    answer = classify("B30A", on="2026-02-01", switches={"tpp_formats": "eight_and_sixteen"}, params=law)
    found = {finding.test: finding.outcome for finding in answer.tests}
    assert answer.status == DENIED
    assert (found["tpp < 21000"], found["first_us_sale <= 2026-01-15"]) == ("met", "unknown")


def test_readings_of_tpp_are_the_rates_of_the_chip_table(law):
    for chip, facts in law.switches["tpp_formats"].options["eight_and_sixteen"].facts.items():
        row = law.chips.loc[chip]
        assert facts["tpp"] == pytest.approx(
            max(8 * row["dense_8bit"], 16 * (row["dense_16bit"] if row["dense_16bit"] > 0 else 0)), rel=1e-3
        )


def test_every_default_changes_nothing_and_says_why_it_was_chosen(law):
    for name, switch in law.switches.items():
        held = switch.options[switch.default]
        assert (held.moves, held.facts, held.plus) == ((), {}, {}), name
        assert len(switch.reason) > 30
    usual = classify("H200", on="2026-06-01", params=law)
    defaults = {name: switch.default for name, switch in law.switches.items()}
    assert classify("H200", on="2026-06-01", switches=defaults, params=law) == usual


def test_a_wrong_switch_or_option_is_refused_with_the_nearest(law):
    with pytest.raises(BadInput, match=r"(?s)unknown switch.*did you mean 'affiliates_rule'"):
        classify("H20", on="2026-06-01", switches={"affiliate_rule": "text"}, params=law)
    with pytest.raises(BadInput, match=r"(?s)unknown option.*stayd.*did you mean 'stayed'"):
        classify("H20", on="2026-06-01", switches={"affiliates_rule": "stayd"}, params=law)
