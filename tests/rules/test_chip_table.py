"""The chip table: published TPP, density, H100 as the reference, sources that exist, vendors' cut-downs near the lines."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.names import H100_DENSE_8BIT
from forecast.regime import resolve
from forecast.rulebook import compliant_design

HERE = Path(__file__).parent
PUBLISHED = list(csv.DictReader((HERE / "published_tpp.csv").read_text(encoding="utf-8").splitlines()))


def from_rates(chips):
    """TPP from dense rates times bit length (chip,), NaN where no rate is known."""
    rates = chips[["dense_16bit", "dense_8bit", "dense_4bit"]].to_numpy() * np.array([16.0, 8.0, 4.0])
    return pd.Series(np.nanmax(np.where(np.isnan(rates), -np.inf, rates), axis=1), chips.index).replace(-np.inf, np.nan)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["chip"])
def test_published_tpp_is_met_within_two_per_cent(law, row):
    found, wanted = from_rates(law.chips)[row["chip"]], float(row["published"])
    if row["differs"]:
        assert abs(found / wanted - 1) > 0.02, "the published figure now agrees: take the exception out"
    else:
        assert found == pytest.approx(wanted, rel=0.02)


def test_three_published_figures_are_known_to_be_wrong_and_no_more():
    assert {row["chip"] for row in PUBLISHED if row["differs"]} == {"mi355x", "gaudi_2", "bi_v100"}
    assert sum(not row["differs"] for row in PUBLISHED) >= 12


def test_tpp_and_density_follow_from_the_row(law):
    chips = law.chips
    rated = chips[chips["tpp"].notna()]
    np.testing.assert_allclose(from_rates(rated), rated["tpp"], rtol=0.002)
    dense = rated[rated["die_area"].notna()]
    np.testing.assert_allclose(dense["performance_density"], dense["tpp"] / dense["die_area"], rtol=0.005)
    assert chips[chips["die_area"].isna()]["performance_density"].isna().all()


def test_the_reference_chip_is_one(law):
    assert law.chips.loc["h100_sxm", "dense_8bit"] == H100_DENSE_8BIT
    assert law.chips.loc["gb300", "tpp"] == 60000
    assert law.chips.loc["b30a", "tpp"] == 30000


def test_a_missing_8bit_rate_is_tpp_over_eight_and_says_so(law):
    chips = law.chips
    assert (chips["dense_8bit"].isna() == chips["tpp"].isna()).all()
    alone = chips[chips["note"].str.contains("8-bit rate is TPP over 8")]
    assert len(alone) >= 8
    np.testing.assert_allclose(alone["dense_8bit"], alone["tpp"] / 8, rtol=1e-4)
    assert set(alone["basis"]) == {"derived"}


def test_flags_follow_origin_and_dates_are_in_order(law):
    chips = law.chips
    assert (chips["prc_designed"].astype(bool) == (chips["origin"] == "CN")).all()
    assert chips[chips["origin"] == "CN"]["first_us_sale"].isna().all()
    sold = chips[chips["first_us_sale"].notna()]
    assert (sold["first_us_sale"] >= sold["released"]).all()
    assert (chips["price_low"].isna() == chips["price_high"].isna()).all()


def test_every_source_of_chips_and_regimes_is_in_the_bibliography(law, params):
    known = {row["source"] for row in csv.DictReader((params / "sources.csv").read_text(encoding="utf-8").splitlines())}
    used = {source for cell in law.chips["source"] for source in cell.split()}
    used |= {source for regime in law.regimes.values() for source in regime.sources}
    assert used - known == set()


DESIGNS = [
    ("h20_96gb", "2023-12-01", 2399, 0.97),
    ("l20", "2023-12-01", 1948, 0.97),
    ("l2", "2023-12-01", 1599, 0.96),
]


@pytest.mark.parametrize(("chip", "on", "limit", "reached"), DESIGNS)
def test_vendors_built_just_below_the_best_design_that_needs_nothing(law, chip, on, limit, reached):
    row, day = law.chips.loc[chip], dt.date.fromisoformat(on)
    area = row["die_area"] if chip != "l2" else law.chips.loc["l4", "die_area"]
    best = compliant_design(resolve("current", law.regimes), day, area, tightest="free")
    assert best.tpp == limit
    assert reached * best.tpp < row["tpp"] <= best.tpp


def test_the_best_design_follows_the_law_of_the_day(law):
    moves = resolve("open-blackwell", law.regimes)

    def best(on, **rest):
        return compliant_design(moves, dt.date.fromisoformat(on), 814.0, **rest)

    assert best("2022-08-01").tpp == float("inf")
    assert best("2022-12-01", io_bandwidth=400).tpp == float("inf")
    assert best("2022-12-01", io_bandwidth=600) == (4799.0, "free", "3A090 of 2022")
    assert best("2024-06-01") == (4799.0, "exception_nac", "3A090.a")
    assert best("2025-06-01", dram_bandwidth=4000, tightest="free") == (
        0.0,
        "licence_presumption_of_denial",
        "letter of April 2025",
    )
    sold = dt.date(2024, 11, 30)
    assert best("2026-06-01", dram_bandwidth=4800, first_us_sale=sold) == (20999.0, "licence_case_by_case", "3A090.a")
    assert best("2026-06-01", dram_bandwidth=4800).tpp == 4799.0
    assert best("2027-06-01", dram_bandwidth=4800) == (31999.0, "licence_case_by_case", "3A090.a")
    assert best("2027-06-01", dram_bandwidth=6500).tpp == 4799.0
