"""Colours stay told apart by readers who see fewer of them, and in grey: distances in CIELAB through a simulator of sight."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from forecast.figures.frame import INK, PALETTE, PAPER, QUIET, RAMP
from forecast.figures.limits import FABRICATION, PROCUREMENT
from forecast.figures.shares import HATCHED

colours = pytest.importorskip("colorspacious", reason="colorspacious is not installed: it is in the lock, make setup")

SIGHT = ("normal", "deuteranomaly", "protanomaly", "tritanomaly", "grey")
APART = 20.0
"""CIELAB distance of any two colours of a key: about ten times what is just seen side by side."""

APART_IN_GREY = 10.0
"""Steps of lightness L* of any two colours of a key."""

STEP = 8.0
"""The same for neighbours of a ramp, which lie side by side in the order of their key."""


def seen(colour, sight):
    """A colour in CIELAB as an eye of that kind sees it, at full severity."""
    rgb = np.array(to_rgb(colour))
    if sight not in ("normal", "grey"):
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        rgb = np.clip(colours.cspace_convert(rgb, space, "sRGB1"), 0, 1)
    lab = colours.cspace_convert(rgb, "sRGB1", "CIELab")
    return lab * (1, 0, 0) if sight == "grey" else lab


def least(pairs, sight):
    return min(float(np.linalg.norm(seen(a, sight) - seen(b, sight))) for a, b in pairs)


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_colours_of_the_palette_are_told_apart(sight):
    assert least(itertools.combinations(PALETTE, 2), sight) > (APART_IN_GREY if sight == "grey" else APART)


@pytest.mark.parametrize("sight", SIGHT)
def test_neighbours_of_the_ramp_are_told_apart(sight):
    assert least(itertools.pairwise(RAMP), sight) > STEP


@pytest.mark.parametrize("sight", SIGHT)
def test_what_limits_chinese_output_is_told_apart(sight):
    assert least(itertools.combinations(FABRICATION.values(), 2), sight) > (APART_IN_GREY if sight == "grey" else APART)


@pytest.mark.parametrize("sight", SIGHT)
def test_what_stops_purchases_is_told_apart_by_colour_or_by_its_hatching(sight):
    alike = [
        (PROCUREMENT[one], PROCUREMENT[other])
        for one, other in itertools.combinations(PROCUREMENT, 2)
        if HATCHED.get(one) == HATCHED.get(other) and {one, other} != {"not on the market", "observed"}
    ]
    assert len(alike) > 5
    assert least(alike, sight) > (APART_IN_GREY if sight == "grey" else APART)


@pytest.mark.parametrize("sight", SIGHT)
def test_text_stands_off_the_paper(sight):
    assert least([(INK, PAPER), (QUIET, PAPER)], sight) > 50


def test_the_measure_can_fail_red_and_green_are_one_colour_to_some():
    assert least([("#b5513a", "#7a7a1e")], "normal") > 40
    assert least([("#b5513a", "#7a7a1e")], "deuteranomaly") < APART
