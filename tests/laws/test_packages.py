"""Laws of packages: all dies good, cards without stacked memory apart, nothing lost or made up."""

import numpy as np
import pytest

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.model import run
from forecast.names import parse_quarter
from tests.laws.test_run import _quiet

AFTER = slice(parse_quarter("2026Q4"), None)


def made(result):
    return result["additions"].sel(channel="domestic", quarter=AFTER)


def rich(inputs):
    """Responses off and money for everything, so that what is made is bought."""
    return _quiet(inputs).assign(accelerator_share=inputs["accelerator_share"] * 1e3)


def test_less_screening_never_raises_what_has_been_made_and_lowers_it_somewhere(inputs):
    """Without what sources do not count: seen packages that took more dies would say that more are made in secret."""
    base = rich(inputs).assign(gap_half_life=inputs["gap_half_life"] * 1e-3)
    full, half, none = (run(base.assign(die_screening=base["die_screening"] * 0 + share)) for share in (1.0, 0.5, 0.0))
    cumulative = [made(result).sum("gpu_class").cumsum("quarter").values for result in (full, half, none)]
    assert (cumulative[1] <= cumulative[0] * (1 + 1e-6)).all()
    assert (cumulative[2] <= cumulative[1] * (1 + 1e-6)).all()
    assert (cumulative[2][..., -1, :] < cumulative[0][..., -1, :] * 0.95).any()


def test_with_full_screening_the_number_of_dies_changes_nothing(inputs):
    screened = rich(inputs).assign(die_screening=inputs["die_screening"] * 0 + 1.0)
    more = run(screened.assign(compute_dies=inputs["compute_dies"] * 2))
    assert np.array_equal(made(more).values, made(run(screened)).values)


def test_when_memory_ends_cards_without_it_are_still_made_and_packages_with_it_are_not(inputs):
    after = inputs["quarter"] > parse_quarter("2026Q3")
    gone = {name: inputs[name].where(~after, inputs[name] * 1e-12) for name in ("hbm_domestic", "hbm_inhouse", "hbm_illicit")}
    none = {"gap_half_life": inputs["gap_half_life"] * 1e-3, "inventory_release": inputs["inventory_release"] * 0 + 0.999999}
    plain = inputs["with_stacks"] == 0
    year = slice(parse_quarter("2027Q1"), parse_quarter("2027Q4"))
    base = rich(inputs).assign(**none)
    chips, full = (made(run(x)).sel(quarter=year).isel(regime=0) for x in (base.assign(gone), base))
    stacked, had = (x.where(~plain, 0.0).sum(["gpu_class", "quarter"]) for x in (chips, full))
    assert (stacked < 1e-3 * had).all()
    apart, had = (x.where(plain, 0.0).sum(["gpu_class", "quarter"]) for x in (chips, full))
    assert (apart >= had * (1 - 1e-6)).all()
    assert (had > 0).all()


def test_without_any_memory_after_the_origin_books_balance_and_no_package_with_it_is_made(inputs):
    """What nobody counts ends at once as well; no stack lies in stock."""
    none = {k: inputs[k] * 0 for k in ("hbm_domestic", "hbm_inhouse", "hbm_illicit", "hbm_left")}
    out = run(inputs.assign(**none, gap_half_life=inputs["gap_half_life"] * 0 + 1e-3))
    later = out["additions"].sel(channel="domestic", quarter=slice("2027-10-01", None)) * inputs["with_stacks"]
    assert float(later.max()) == 0.0


def test_cards_without_stacked_memory_do_not_jump_at_the_origin(inputs, result):
    plain = ((inputs["with_stacks"] == 0) & (inputs["is_domestic"] == 1)).values
    flow = result["additions"].sel(channel="domestic").isel(gpu_class=plain, regime=0).sum("gpu_class").median("draw")
    last, first = (float(flow.sel(quarter=parse_quarter(quarter))) for quarter in ("2026Q3", "2026Q4"))
    assert last > 1000
    assert max(last / first, first / last) < 1.5


def test_slots_and_stacks_belong_to_the_type_of_a_class(inputs, catalogue):
    """The table of types agrees with what classes are said to need: a plain card a tenth of a slot at most, others more."""
    table = catalogue.table("fabs/packages.csv").set_index("gpu_class")
    slots = inputs["slots"].median("draw").sel(gpu_class=table.index.tolist()).values
    assert (slots[table["type"] == "substrate"] < 0.1).all()
    assert (slots[table["type"] == "interposer"] > 0.2).all()


def test_a_chinese_class_without_a_type_of_package_is_refused(desk_copy):
    path = desk_copy / "params/fabs/packages.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("ascend_960,")))
    with pytest.raises(BadInput, match=r"(?s)without a type of package.*ascend_960"):
        open_catalogue(desk_copy)


def test_packages_hold_the_compute_dies_that_the_table_says(inputs, catalogue):
    table = catalogue.table("fabs/packages.csv").set_index("gpu_class")
    found = inputs["compute_dies"].median("draw").to_series()
    assert np.allclose(found.reindex(table.index), table["p50"], atol=0.35)
    assert (inputs["compute_dies"].sel(gpu_class="ascend_910c") == 2.0).all()
    assert float(inputs["compute_dies"].min()) >= 1.0
