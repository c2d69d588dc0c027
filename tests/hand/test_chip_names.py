"""A chip's name as people write it: found, listed where it fits several, and its neighbours where it fits none."""

import pandas as pd
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


@pytest.fixture
def shelf():
    """Six chips whose names lie close together."""
    rows = [
        ("gaudi_2", "Gaudi 2 (HL-225H)", "Intel", "2022-05-31"),
        ("gaudi_3", "Gaudi 3 (HL-325L)", "Intel", "2024-09-30"),
        ("metax_c500_pcie", "C500 (PCIe)", "MetaX", "2024-02-29"),
        ("metax_c500_oam", "C500 (OAM) / C550 class", "MetaX", "2024-02-29"),
        ("a100_sxm", "A100 SXM4", "NVIDIA", "2020-11-30"),
        ("a100_pcie", "A100 PCIe", "NVIDIA", "2021-06-30"),
    ]
    table = pd.DataFrame(rows, columns=["chip", "label", "vendor", "released"]).set_index("chip")
    return table.assign(released=pd.to_datetime(table["released"]), aliases="")


@pytest.mark.parametrize(("name", "among"), [
    ("gaudi", ["gaudi_2", "gaudi_3"]),
    ("C500", ["metax_c500_pcie", "metax_c500_oam"]),
    ("NVIDIA", ["a100_sxm", "a100_pcie"]),
])  # fmt: skip
def test_a_name_that_fits_several_lists_them_and_chooses_none(shelf, name, among):
    with pytest.raises(BadInput, match="fits several chips") as told:
        find_chip(name, shelf)
    assert all(word in str(told.value) for word in among)


def test_a_name_with_a_number_is_the_first_chip_that_bore_it(shelf):
    assert find_chip("A100", shelf) == "a100_sxm"
    assert find_chip("A100 PCIe", shelf) == "a100_pcie"


@pytest.mark.parametrize(
    ("name", "near"), [("A1O0", "a100_sxm"), ("A10", "a100_sxm"), ("gaudi3x", "gaudi_3"), ("C5000", "metax_c500_pcie")]
)
def test_an_unknown_name_is_not_guessed_but_told_its_neighbours_and_how_to_describe_a_part(shelf, name, near):
    with pytest.raises(BadInput, match="unknown chip") as told:
        find_chip(name, shelf)
    assert near in nearest_chips(name, shelf)
    assert sum(chip in str(told.value) for chip in nearest_chips(name, shelf)) >= 2
    assert "--tpp" in str(told.value)
    assert "YAML" in str(told.value)


@pytest.mark.parametrize("name", ["", "  ", "!!", "xyzzy"])
def test_a_name_near_nothing_is_told_so(catalogue, name):
    with pytest.raises(BadInput, match="--table"):
        find_chip(name, catalogue.chips)


def test_an_alias_counts_as_a_name(shelf):
    shelf.loc["gaudi_3", "aliases"] = "HL-325L; the third Gaudi"
    assert find_chip("third gaudi", shelf.assign(aliases=shelf["aliases"].str.replace("the ", ""))) == "gaudi_3"
    assert find_chip("HL 325L", shelf) == "gaudi_3"


def test_a_rule_is_asked_by_a_friendly_name(catalogue):
    assert classify("rtx 4090", on="2024-06-01").status == classify("rtx_4090", on="2024-06-01").status == "exception_nac"
