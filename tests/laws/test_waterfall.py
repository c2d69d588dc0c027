"""A what-if's effect split among its instruments adds up to the whole, in every order."""

import numpy as np
import pytest

from forecast.comparison import compare
from forecast.contract import BadInput
from forecast.waterfall import COLUMNS, divisible, split_effect, split_effects

AT = ["variable", "channel", "quarter"]


@pytest.fixture(scope="module")
def table(scenario, catalogue):
    return split_effect(scenario.model_copy(update={"draws": 32}), "strict-denial", catalogue)


def summed(table, order):
    means = table[(table["order"] == order) & (table["statistic"] == "mean")]
    return means.groupby(AT)["value"].sum()


def test_parts_add_up_to_the_whole_to_machine_precision(table):
    whole = summed(table, "whole")
    assert whole.abs().max() > 1e5
    for order in ("stated", "reverse", "mean"):
        assert np.abs(summed(table, order) - whole).max() <= 1e-12 * whole.abs().max(), order
    assert np.abs(summed(table, "order effect")).max() <= 1e-12 * whole.abs().max()


def test_the_whole_is_the_paired_effect_of_the_comparison(table, scenario, catalogue):
    from forecast.inputs import build_inputs
    from forecast.model import run

    pair = scenario.model_copy(update={"draws": 32, "regimes": ("current", "strict-denial")})
    effect = compare(run(build_inputs(pair, catalogue)))
    effect = effect[effect["statistic"] == "mean"].set_index(AT)["value"].sort_index()
    whole = table[(table["order"] == "whole") & (table["statistic"] == "mean")].set_index(AT)["value"].sort_index()
    assert list(effect.index) == list(whole.index)
    assert np.allclose(effect, whole, rtol=1e-5, atol=1e-6 * whole.abs().max())


def test_each_instrument_is_there_in_its_place_with_its_share_of_placeholders(table, catalogue):
    assert tuple(table.columns) == COLUMNS
    places = table[["instrument", "place", "placeholder_share"]].drop_duplicates().set_index("instrument")
    stated = catalogue.regimes["strict-denial"].instruments
    assert places.loc[list(stated), "place"].tolist() == [1, 2, 3, 4, 5]
    for name in stated:
        tags = [move.tag for move in catalogue.regimes[name].moves]
        assert places.loc[name, "placeholder_share"] == pytest.approx(tags.count("M") / len(tags))


def test_own_moves_are_a_part_and_overlays_lie_on_both_sides(scenario, catalogue):
    few = scenario.model_copy(update={"draws": 16})
    thaw = split_effect(few, "current-thaw", catalogue)
    assert set(thaw["instrument"]) == {"own moves", "whole effect"}
    covered = split_effect(few, "current-thaw+beijing-refusal", catalogue)
    late = covered[covered["quarter"] >= "2027Q2"]
    licensed = late[(late["statistic"] == "mean") & (late["channel"] == "licensed") & (late["order"] == "whole")]
    open_ones = thaw[(thaw["statistic"] == "mean") & (thaw["channel"] == "licensed") & (thaw["order"] == "whole")]
    assert licensed["value"].abs().max() < 0.2 * open_ones["value"].abs().max()


def test_only_a_what_if_can_be_split(scenario, catalogue):
    with pytest.raises(BadInput, match="only a what-if"):
        split_effect(scenario, "current", catalogue)


def test_bundles_split_together_are_split_as_alone_at_any_one_quarter(scenario, catalogue, table):
    few = scenario.model_copy(update={"draws": 32})
    both = split_effects(few, ["open-blackwell", "strict-denial"], catalogue, "2028Q4")
    assert set(both["quarter"]) == {"2028Q4"}
    alone = table[table["quarter"] == "2028Q4"].reset_index(drop=True)
    again = both[both["regime"] == "strict-denial"].reset_index(drop=True)
    keys = [name for name in COLUMNS if name != "value"]
    pairs = alone.merge(again, on=keys, suffixes=("", "_again"), validate="one_to_one")
    assert len(pairs) == len(alone) == len(again)
    assert np.allclose(pairs["value"], pairs["value_again"], rtol=1e-6, atol=1e-3)


def test_only_what_ifs_of_several_parts_are_worth_splitting(scenario, catalogue):
    regimes = ("current", "open-blackwell", "strict-denial", "enforcement-only", "current-thaw", "current+beijing-refusal",
               "match+beijing-refusal")  # fmt: skip
    found = divisible(scenario.model_copy(update={"regimes": regimes}), catalogue)
    assert found == ["open-blackwell", "strict-denial", "match+beijing-refusal"]
