"""Laws of releases: shares add up, a vendor keeps its share, the market of the origin is as it was, delays delay."""

import numpy as np
import pytest

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.inputs.axes import Axes
from forecast.inputs.fabs import roadmap_inputs
from forecast.names import parse_quarter


def test_slips_move_shares_within_a_vendor_and_nowhere_else(inputs, catalogue):
    mix = inputs["package_mix"].sel(quarter=slice(parse_quarter("2026Q3"), None))
    assert np.allclose(mix.sum("gpu_class").values, 1.0, atol=1e-9)
    vendors = catalogue.table("gpus/classes.csv").set_index("gpu_class")["vendor"].reindex(mix["gpu_class"].values)
    for vendor in sorted(set(vendors.dropna())):
        share = mix.isel(gpu_class=(vendors == vendor).to_numpy()).sum("gpu_class")
        assert float((share.max("draw") - share.min("draw")).max()) < 1e-9, vendor


def test_at_the_origin_every_world_has_the_same_mix(inputs):
    seen = inputs["package_mix"].sel(quarter=parse_quarter("2026Q3"))
    assert float((seen.max("draw") - seen.min("draw")).max()) < 1e-12


@pytest.mark.parametrize("gpu_class", ["ascend_950dt", "ascend_960", "ascend_970", "thead_v900"])
def test_the_later_a_part_the_smaller_its_share_while_it_ramps(inputs, catalogue, gpu_class):
    table = catalogue.table("fabs/mix.csv")
    rows = table[table["gpu_class"] == gpu_class]
    peak = rows.loc[rows["share"].idxmax(), "quarter"]
    slip = inputs["release_slip"].sel(gpu_class=gpu_class).values
    assert np.ptp(slip) > 2
    late = slip > 0
    ramp = slice(parse_quarter("2026Q4"), parse_quarter(peak) - np.timedelta64(1, "D"))
    share = inputs["package_mix"].sel(gpu_class=gpu_class, quarter=ramp)
    successor = catalogue.table("fabs/releases.csv").set_index("predecessor")["gpu_class"].get(gpu_class)
    if successor is not None:
        share = share + inputs["package_mix"].sel(gpu_class=successor, quarter=ramp)
    total = share.sum("quarter").values
    assert np.corrcoef(slip[late], total[late])[0, 1] < -0.5


def test_a_class_that_was_sold_at_the_origin_does_not_slip(inputs, catalogue):
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    sold = classes.index[classes["first_quarter"] <= "2026Q3"].tolist()
    assert (inputs["release_slip"].sel(gpu_class=sold) == 0).all()
    assert float(np.abs(inputs["release_slip"]).max()) > 1


def test_a_predecessor_of_another_vendor_is_refused(desk_copy):
    path = desk_copy / "params/fabs/releases.csv"
    path.write_text(path.read_text().replace("thead_v900,thead_m890", "thead_v900,kunlun_p800"))
    with pytest.raises(BadInput, match=r"(?s)older class of the same vendor.*kunlun_p800"):
        open_catalogue(desk_copy)
    path.write_text(path.read_text().replace("thead_v900,kunlun_p800", "thead_v900,thead_m980"))
    with pytest.raises(BadInput, match="did you mean 'thead_m890'"):
        open_catalogue(desk_copy)


def test_half_of_all_worlds_release_later_than_the_mix_expects_and_half_no_later(scenario, catalogue):
    """The table of the mix holds what is expected, so a world departs from it by its slip less the median one."""
    asked = scenario.model_copy(update={"draws": 2048})
    axes = Axes(asked, catalogue)
    late = roadmap_inputs(catalogue, asked, axes, {})["release_slip"][1]
    first = catalogue.table("gpus/classes.csv").set_index("gpu_class")["first_quarter"]
    ahead = [row.gpu_class for row in catalogue.table("fabs/releases.csv").itertuples() if first[row.gpu_class] > asked.as_of]
    assert len(ahead) >= 4
    for name in ahead:
        assert float((late[axes.gpu_class.get_loc(name)] > 0).mean()) == pytest.approx(0.5, abs=0.06), name
