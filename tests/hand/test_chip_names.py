"""A chip's name as people write it: found, listed where it fits several, and its neighbours where it fits none."""

import pytest

from forecast.chipnames import find_chip, nearest_chips
from forecast.contract import BadInput
from forecast.rulebook import classify

WRITTEN = {
    "H20": "h20_96gb", "h20": "h20_96gb", "NVIDIA H20": "h20_96gb", "H20 141GB": "h20_141gb", "B30A": "b30a", "L20": "l20",
    "RTX 4090": "rtx_4090", "rtx4090d": "rtx_4090d", "H200": "h200_sxm", "A100": "a100_sxm_80gb", "B40": "rtx_pro_6000d",
    "Huawei Ascend 910B": "ascend_910b", "910C": "ascend_910c", "Gaudi 3": "gaudi_3", "P800": "kunlun_p800",
}  # fmt: skip


@pytest.mark.parametrize(("name", "chip"), WRITTEN.items())
def test_a_name_as_people_write_it_is_found(catalogue, name, chip):
    assert find_chip(name, catalogue.chips) == chip


def test_every_id_and_every_label_is_its_own_chip(catalogue):
    for chip, label in catalogue.chips["label"].items():
        assert find_chip(chip, catalogue.chips) == chip
        assert find_chip(label, catalogue.chips) == chip
        assert find_chip(label.upper(), catalogue.chips) == chip


@pytest.mark.parametrize(("name", "among"), [
    ("gaudi", ["gaudi_2", "gaudi_3"]),
    ("C500", ["metax_c500_pcie", "metax_c500_oam"]),
    ("Rubin", ["rubin_r200", "rubin_ultra"]),
    ("NVIDIA", ["a100_sxm_80gb", "more"]),
])  # fmt: skip
def test_a_name_that_fits_several_lists_them_and_chooses_none(catalogue, name, among):
    with pytest.raises(BadInput, match="fits several chips") as told:
        find_chip(name, catalogue.chips)
    assert all(word in str(told.value) for word in among)


@pytest.mark.parametrize(
    ("name", "near"), [("H2O", "h20_96gb"), ("A1000", "a100_sxm_80gb"), ("mi309", "mi308x"), ("ascend 950", "ascend_950pr")]
)
def test_an_unknown_name_is_not_guessed_but_told_its_neighbours_and_how_to_describe_a_part(catalogue, name, near):
    with pytest.raises(BadInput, match="unknown chip") as told:
        find_chip(name, catalogue.chips)
    assert near in nearest_chips(name, catalogue.chips)
    assert sum(chip in str(told.value) for chip in nearest_chips(name, catalogue.chips)) >= 2
    assert "--tpp" in str(told.value)
    assert "YAML" in str(told.value)


@pytest.mark.parametrize("name", ["", "  ", "!!", "xyzzy"])
def test_a_name_near_nothing_is_told_so(catalogue, name):
    with pytest.raises(BadInput, match="--table"):
        find_chip(name, catalogue.chips)


def test_an_alias_counts_as_a_name(catalogue):
    table = catalogue.chips.assign(aliases="")
    table.loc["b30a", "aliases"] = "half a B300; B300 half"
    assert find_chip("half a b300", table) == "b30a"


def test_a_rule_is_asked_by_a_friendly_name(catalogue):
    assert classify("rtx 4090", on="2024-06-01").status == classify("rtx_4090", on="2024-06-01").status == "exception_nac"
