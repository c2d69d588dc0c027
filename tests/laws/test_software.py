"""What software delivers: programmes help third parties, lock-in counts a rise alone, and neither moves current law."""

import numpy as np
import pytest

from forecast.names import end_of_year
from forecast.stages.capability import locked_in, third_party


def test_third_parties_by_pencil():
    """Half by vendors; others miss 0.4 at the end of 2026 and 0.2 one half-life later."""
    half, gap, life = np.array([0.5]), np.array([0.4]), np.array([4.0])
    found = third_party(half, gap, life, np.array([[[0.0], [4.0]]]))
    assert found[0, :, 0].tolist() == pytest.approx([0.8, 0.9])


def test_a_gap_run_backwards_never_exceeds_all():
    found = third_party(np.array([0.3]), np.array([0.6]), np.array([2.0]), np.array([[[-20.0]]]))
    assert found[0, 0, 0] == pytest.approx(0.3)


def test_lock_in_counts_a_rise_over_the_origin_and_no_fall():
    share = np.array([[[0.5], [0.2], [0.1], [0.4]]])
    assert locked_in(share, 1, np.array([0.5]))[0, :, 0].tolist() == pytest.approx([1.0, 1.0, 1.0, 0.9])
    assert (locked_in(share, 1, np.array([0.0])) == 1.0).all()


def test_under_current_law_software_is_the_elicited_path_to_the_last_digit(inputs, result):
    early = result["software_reached"].sel(regime="current", bound=slice(None, end_of_year(2026))).transpose("bound", "draw")
    path = inputs["software_training"].sel(bound=slice(None, end_of_year(2026))).transpose("bound", "draw")
    assert np.array_equal(early.values, path.values.astype(np.float32))


def test_licensed_chips_hold_users_where_lock_in_is_not_zero(inputs, result):
    from forecast.model import run

    late = {"bound": end_of_year(2029)}
    free = run(inputs.assign(lock_in=inputs["lock_in"] * 0))["software_reached"].sel(late)
    held = result["software_reached"].sel(late)
    assert (held.values <= free.values + 1e-6).all()
    assert (held.sel(regime="open-blackwell").values < free.sel(regime="open-blackwell").values - 1e-4).any()
