"""Laws of dies and yields on real inputs."""

import numpy as np
import pytest

from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.scenario import Override
from tests.laws.test_run import _quiet


def overridden(scenario, **values):
    said = {name: Override(exact=value, by="a test", reason="to see what happens") for name, value in values.items()}
    return scenario.model_copy(update={"overrides": said, "draws": 16})


def test_a_die_larger_than_the_reticle_is_refused(scenario, catalogue):
    with pytest.raises(BadInput, match=r"(?s)larger than the reticle.*27 by 31.22 mm.*26 by 33"):
        build_inputs(overridden(scenario, die_width=27.0), catalogue)


def test_a_larger_die_is_counted_less_often_and_yields_less(scenario, catalogue):
    small, large = (run(build_inputs(overridden(scenario, die_width=width), catalogue)) for width in (18.0, 25.0))
    after = {"quarter": slice("2026-10-01", None)}
    for name in ("dies_made", "yield_7nm", "yield_5nm"):
        assert (large[name].sel(after) < small[name].sel(after)).all(), name


def test_a_node_of_infinite_defects_makes_nothing(inputs):
    none = {name: inputs[name] * 0 + 1e12 for name in ("defects_n2", "defects_n3")}
    out = run(_quiet(inputs).assign(binned_share=inputs["binned_share"] * 0, **none))
    assert float(out["dies_made"].max()) < 1e-6


@pytest.mark.parametrize("form", [0, 1])
def test_a_node_that_yields_nothing_makes_exactly_nothing_in_either_form_of_investment(inputs, form):
    """Money moved to logic buys no die where a wafer gives none."""
    none = {name: inputs[name] * 0 + 1e12 for name in ("defects_n2", "defects_n3")}
    none |= {"binned_share": inputs["binned_share"] * 0, "fork_bottlenecks": inputs["fork_bottlenecks"] * 0 + form}
    out = run(inputs.assign(none))
    assert float(out["dies_made"].max()) == 0.0
    assert np.isfinite(out["compute_nominal"]).all()


def test_published_yields_lie_within_what_the_model_gives(result):
    """20 to 50 % published for large dies in 2024 and 2025, 30 to 40 % in mid-2026; at most a third on the newer node in 2025."""
    base = result[["yield_7nm", "yield_5nm"]].isel(regime=0)
    for quarter, low, high in (("2024-10-01", 0.2, 0.5), ("2025-10-01", 0.2, 0.5), ("2026-04-01", 0.3, 0.4)):
        assert low <= float(base["yield_7nm"].sel(quarter=quarter).median()) <= high, quarter
    assert float(base["yield_5nm"].sel(quarter="2025-10-01").median()) <= 0.33


def test_learning_never_raises_defects_under_current_law_and_the_newer_node_begins_lower(result):
    old, new = (result[name].sel(regime="current", quarter=slice("2026-10-01", None)) for name in ("yield_7nm", "yield_5nm"))
    assert (old.diff("quarter") >= -1e-6).all()
    assert (new.isel(quarter=0) < old.isel(quarter=0)).all()


def test_more_transfer_makes_the_newer_node_better_before_the_reference_and_slower_after(inputs):
    """Both are what the density at end-2026 says; what the older node taught was learned before."""
    few, many = (
        run(inputs.assign(learning_transfer=inputs["learning_transfer"] * k))["yield_5nm"].isel(regime=0) for k in (0, 4)
    )
    assert (many.sel(quarter="2024-10-01") >= few.sel(quarter="2024-10-01")).all()
    assert (many.sel(quarter="2030-10-01") <= few.sel(quarter="2030-10-01")).all()
    assert np.allclose(many.sel(quarter="2026-10-01"), few.sel(quarter="2026-10-01"), atol=0.02)


def test_a_stop_of_tools_never_lowers_the_floor(inputs):
    """The lever at zero for all lines against the lever as it is, with the same wafers learned from: yields never rise."""
    stop = inputs.assign(line_tool_sales=inputs["line_tool_sales"].where(inputs["quarter"] < np.datetime64("2027-01-01"), 0.0))
    stop = stop.assign(line_tool_sales=stop["line_tool_sales"].transpose("regime", "fab", "quarter"))
    with_floor, base = (run(_quiet(x)) for x in (stop, inputs))
    assert (with_floor["yield_7nm"].values <= base["yield_7nm"].values + 1e-6).all()
    bare = run(_quiet(stop.assign(floor_without_tools=stop["floor_without_tools"] * 0 + 1)))
    assert (bare["yield_7nm"].values >= with_floor["yield_7nm"].values - 1e-6).all()
    assert (bare["yield_7nm"].values > with_floor["yield_7nm"].values + 0.01).any()
