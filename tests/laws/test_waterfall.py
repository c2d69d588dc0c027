"""A what-if's effect split among its instruments adds up to the whole, in every order."""

import numpy as np
import pytest

from forecast.comparison import compare
from forecast.contract import BadInput
from forecast.waterfall import COLUMNS, split_effect

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
