"""Dies by pencil and by published counts."""

import numpy as np
import pytest

from forecast.stages import dies

B910 = (21.32, 31.22)
"""Ascend 910B die by a published die shot [mm]."""


def count(width, height, edge=4.0, scribe=0.1):
    return float(dies.gross_dies(*(np.array(v) for v in (width, height, edge, scribe))))


def test_the_910b_die_is_counted_78_times_on_a_wafer():
    """Morgan Stanley, September 2025: 78 of 665.6 mm2, 39 of a pair."""
    assert B910[0] * B910[1] == pytest.approx(665.61, abs=0.01)
    assert count(*B910) == pytest.approx(78, abs=0.5)


@pytest.mark.parametrize(("width", "height"), [(26.0, 31.31), (28.53, 28.53)])
@pytest.mark.parametrize("edge", [3.0, 4.0, 5.0])
def test_a_die_of_814_mm2_is_counted_60_to_65_times(width, height, edge):
    """An H100; its sides are not published, so a near-reticle and a square shape."""
    assert width * height == pytest.approx(814, abs=0.5)
    assert 60 <= count(width, height, edge) <= 65


def test_the_best_place_of_the_grid_holds_more_than_the_mean_and_more_than_was_published():
    """85 at a rim of 3 mm against 79 on average and 78 published: real layouts give fields to marks and tests."""
    assert dies.most_dies(*B910, 3.0, 0.1) == 85
    for edge in (2.0, 3.0, 4.0, 5.0):
        assert dies.most_dies(*B910, edge, 0.1) >= count(*B910, edge)


@pytest.mark.parametrize(
    ("side", "edge", "most"), [(200.0, 0.0, 1), (100.0, 3.0, 4), (103.9, 3.0, 4), (104.1, 3.0, 2), (210.0, 3.0, 0)]
)
def test_few_large_squares_by_pencil(side, edge, most):
    """Four squares round the middle reach side times the root of 2 = 147 at 103.9; two side by side reach further."""
    assert dies.most_dies(side, side, edge, 0.0) == most


def test_the_mean_over_placements_is_what_a_thousand_random_grids_hold():
    """A lattice of shifts laid by hand, 40 by 40, counts within half a percent of the formula."""
    width, height, edge, scribe = *B910, 3.0, 0.1
    steps = (np.arange(40) + 0.5) / 40
    found = []
    for across in steps * (width + scribe):
        for along in steps * (height + scribe):
            x, y = np.meshgrid(across + np.arange(-9, 9) * (width + scribe), along + np.arange(-7, 7) * (height + scribe))
            far = np.hypot(np.maximum(abs(x), abs(x + width)), np.maximum(abs(y), abs(y + height)))
            found.append((far <= 150.0 - edge).sum())
    assert np.mean(found) == pytest.approx(count(width, height, edge, scribe), rel=0.005)
    assert max(found) <= dies.most_dies(width, height, edge, scribe)


def test_small_dies_fill_the_wafer_by_area():
    assert count(1.0, 1.0, 3.0, 0.0) == pytest.approx(np.pi * 147**2, rel=0.01)


def test_a_die_wider_than_the_wafer_is_counted_zero_times():
    assert count(295.0, 295.0) == 0.0


def test_the_reticle_is_26_by_33_either_way_round():
    sides = (np.array([26.0, 33.0, 26.1, 20.0]), np.array([33.0, 26.0, 33.0, 33.1]))
    assert dies.fits_reticle(*sides).tolist() == [True, True, False, False]


def test_a_die_of_665_mm2_at_the_published_densities_has_the_published_yields():
    # Inversions published beside the yields: 0.371, 0.248, 0.175, 0.124 per cm2 for 20, 30, 40 and 50 %.
    found = dies.negative_binomial_yield(6.6561, np.array([0.371, 0.248, 0.175, 0.124]), 2.0)
    assert found == pytest.approx([0.20, 0.30, 0.40, 0.50], abs=0.003)


def test_no_defects_no_loss():
    assert dies.negative_binomial_yield(6.656, np.array([0.0]), 2.0) == 1.0


def test_defects_fall_by_the_exponent_with_each_doubling_and_stop_at_the_floor():
    wafers = np.array([1000.0, 2000.0, 1e12])
    found = dies.learned_defects(np.array(0.2), wafers, np.array(1000.0), np.array(0.25), np.array(0.05))
    assert found == pytest.approx([0.2, 0.2 * 2**-0.25, 0.05])


def test_the_density_at_end_2026_yields_38_percent():
    assert dies.negative_binomial_yield(6.656, np.array(0.185), 2.0) == pytest.approx(0.38, abs=0.005)


def test_a_node_without_yield_gives_exactly_nothing():
    none = dies.negative_binomial_yield(6.656, np.array(np.inf), 2.0)
    assert dies.usable(none, np.array(0.1), np.array(0.0)) == 0.0
    assert dies.usable(np.array(0.5), np.array(1.0), np.array(0.0)) == 0.0


def test_bins_by_pencil_and_beside_the_factor_that_they_replace():
    """38 of 100 are clean, 12 % of those too slow, 4 % of the other 62 sold with cores off: 33.4 and 2.5; 0.945 of 38."""
    found = dies.usable(np.array(0.38), np.array(0.12), np.array(0.04))
    assert found == pytest.approx(0.3592)
    assert found / 0.38 == pytest.approx(0.95, abs=0.01)


def test_an_older_node_teaches_a_part():
    assert dies.taught(np.array(1000.0), np.array(20_000.0), np.array(0.05)) == pytest.approx(2000.0)


def test_the_floor_rises_by_what_is_missing():
    found = dies.raised_floor(np.array(0.09), np.array(1.21), np.array([0.0, 0.5, 1.0]))
    assert found == pytest.approx([0.09, 0.099, 0.1089])
