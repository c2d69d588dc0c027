"""Choices of 2024: the check that one good in strict order would fail."""

import numpy as np
import pytest

from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model.choice import choices, share_of


@pytest.fixture(scope="module")
def market(scenario, catalogue):
    return build_inputs(scenario.model_copy(update={"draws": 256, "regimes": ("current",)}), catalogue)


def test_the_share_of_the_h20_in_purchases_of_2024_lies_in_its_published_interval(market):
    """Published: the vendor count of H20 over all counted chips of the year. The rate of purchases is not forced to it."""
    both = choices(market, 2024)
    low, high = np.quantile(share_of(both["bought"], "h20"), [0.05, 0.95])
    assert low < np.median(share_of(both["chosen"], "h20")) < high


def test_one_good_in_strict_order_buys_none_in_a_part_of_the_worlds_and_two_goods_buy_some_in_all(market):
    single, both = choices(market, 2024, one_good=True, strictly=True), choices(market, 2024)
    assert (share_of(single["chosen"], "h20") < 0.01).mean() > 0.05
    assert share_of(both["chosen"], "h20").min() > 0.05
    assert np.median(share_of(single["chosen"], "h20")) < np.median(share_of(both["chosen"], "h20"))


def test_nothing_is_chosen_beyond_what_was_offered_and_denied_chips_are_not(market):
    both = choices(market, 2024)
    assert float(both["chosen"].sel(gpu_class="h200", channel="licensed").max()) == 0.0
    over = both["chosen"].sel(channel="domestic") - both["bought"].sel(channel="domestic")
    assert float(over.max()) <= 1e-6 * float(both["bought"].max())


def test_a_year_that_was_not_observed_whole_is_refused(market):
    for year in (2026, 2021):
        with pytest.raises(BadInput, match="not observed"):
            choices(market, year)
