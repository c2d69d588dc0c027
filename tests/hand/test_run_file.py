"""The stored run: nothing is lost, worlds in which regimes agree are packed once, and a default run stays small."""

import numpy as np
import pytest
import xarray as xr

from forecast.catalogue.load import load
from forecast.folder import FOLLOWS, INPUTS_FOLLOW, open_inputs, save
from forecast.names import quarters_between

LIMIT = 200e6
"""Bytes of a default run folder."""


def stored(values, path):
    dims = ("regime", "gpu_class", "channel", "quarter", "draw")
    quarters = quarters_between("2026Q1", "2028Q4")
    save(xr.Dataset({"additions": (dims, values)}, coords={"quarter": quarters}), path, "test")
    with xr.open_dataset(path, engine="h5netcdf") as read:
        assert np.array_equal(read["additions"].values, values)
    return path.stat().st_size


@pytest.mark.parametrize("draws", [512, 2048, 5000])
def test_regimes_that_agree_are_stored_once_and_all_is_kept_bit_for_bit(tmp_path, draws):
    one = np.random.default_rng(1).lognormal(size=(1, 2, 2, 12, draws)).astype(np.float32)
    other = np.random.default_rng(2).lognormal(size=(2, 2, 2, 12, draws)).astype(np.float32)
    single = stored(one, tmp_path / "one.nc")
    alike = stored(np.concatenate([one, one, one]), tmp_path / "alike.nc")
    apart = stored(np.concatenate([one, other]), tmp_path / "apart.nc")
    assert alike < 1.3 * single
    assert apart > 2.5 * single


def test_a_default_run_folder_stays_below_two_hundred_megabytes(inputs, result, scenario, tmp_path):
    """Scaled from few draws, which pack a little worse; tables and notebooks are the same for any number of draws."""
    for name, dataset in (("inputs", inputs.drop_vars(INPUTS_FOLLOW)), ("result", result.drop_vars(FOLLOWS))):
        save(dataset, tmp_path / f"{name}.nc", "test")
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size * load("baseline").draws / scenario.draws + 15e6 < LIMIT


def test_inputs_come_back_from_the_file_bit_for_bit(inputs, tmp_path):
    save(inputs.drop_vars(INPUTS_FOLLOW), tmp_path / "inputs.nc", "test")
    assert open_inputs(tmp_path).drop_attrs().equals(inputs.drop_attrs())
