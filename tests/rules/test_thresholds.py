"""Each threshold just below, at and just above; each date the day before and the day itself."""

import datetime as dt

import pytest

from forecast.rulebook import classify

DENIED, CASE, FREE = "licence_presumption_of_denial", "licence_case_by_case", "free"
NAC, ACA, HBM, APPROVAL = "exception_nac", "exception_aca", "exception_hbm", "licence_presumption_of_approval"


def status(law, on, *, regime="current", to="CN", hq=None, shipped_from="US", **facts):
    base = {"vendor": "NVIDIA", "datacenter": "yes", "prc_designed": "no", "dram_bandwidth": 100.0, "io_bandwidth": 64.0}
    return classify({**base, **facts}, on=on, to=to, hq=hq, regime=regime, shipped_from=shipped_from, params=law).status


def around(fact, bound, step, below, at, above, *, on, **rest):
    """Three rows of a table: the fact just below, at and just above its bound."""
    return [(on, {**rest, fact: bound + k * step}, want) for k, want in ((-1, below), (0, at), (1, above))]


ROWS = [
    *around("tpp", 4800, 1, FREE, DENIED, DENIED, on="2022-12-01", io_bandwidth=600),
    *around("io_bandwidth", 600, 1, FREE, DENIED, DENIED, on="2022-12-01", tpp=4800),
    *around("tpp", 4800, 1, FREE, DENIED, DENIED, on="2023-10-24", performance_density=1.0),
    *around("tpp", 4800, 1, FREE, NAC, NAC, on="2024-06-01", datacenter="no", performance_density=9.0),
    *around("tpp", 4800, 1, NAC, DENIED, DENIED, on="2024-06-01", performance_density=2.0),
    *around("tpp", 1600, 1, FREE, DENIED, DENIED, on="2024-06-01", performance_density=6.0),
    *around("performance_density", 5.92, 0.01, NAC, DENIED, DENIED, on="2024-06-01", tpp=1600),
    *around("tpp", 2400, 1, FREE, NAC, NAC, on="2024-06-01", performance_density=1.6),
    *around("performance_density", 1.6, 0.01, FREE, NAC, NAC, on="2024-06-01", tpp=2400),
    *around("tpp", 1600, 1, FREE, NAC, NAC, on="2024-06-01", performance_density=3.2),
    *around("performance_density", 3.2, 0.01, FREE, NAC, NAC, on="2024-06-01", tpp=1600),
    *around("dram_bandwidth", 1400, 1, FREE, DENIED, DENIED, on="2025-06-01", tpp=1000, performance_density=1.0),
    *around("io_bandwidth", 1100, 1, FREE, DENIED, DENIED, on="2025-06-01", tpp=1000, performance_density=1.0),
    *around("io_bandwidth", 400, 1, FREE, DENIED, DENIED, on="2025-06-01", tpp=1000, dram_bandwidth=1300),
    *around("dram_bandwidth", 1400, 1, FREE, CASE, CASE, on="2025-09-01", tpp=1000, performance_density=1.0),
    *around("tpp", 21000, 1, CASE, DENIED, DENIED, on="2026-06-01", dram_bandwidth=4800, first_us_sale="2024-11-30"),
    *around("dram_bandwidth", 6500, 1, CASE, DENIED, DENIED, on="2026-06-01", tpp=15832, first_us_sale="2024-11-30"),
    *around("memory_bandwidth_density", 2.0, 0.01, FREE, FREE, DENIED, on="2025-01-15", hbm_stack="yes"),
    *around("memory_bandwidth_density", 3.3, 0.1, HBM, DENIED, DENIED, on="2025-01-15", hbm_stack="yes", packager_approved="yes"),
]  # fmt: skip


@pytest.mark.parametrize(("on", "facts", "want"), ROWS)
def test_a_threshold_binds_exactly_where_the_text_puts_it(law, on, facts, want):
    assert status(law, on, **facts) == want


STRICT = [
    *around("tpp", 4800, 1, FREE, DENIED, DENIED, on="2027-02-01", performance_density=1.0),
    *around("tpp", 2400, 1, FREE, DENIED, DENIED, on="2027-02-01", performance_density=1.6),
    *around("tpp", 1600, 1, FREE, DENIED, DENIED, on="2027-02-01", performance_density=3.2),
    *around("dram_bandwidth", 4100, 1, FREE, DENIED, DENIED, on="2027-02-01", tpp=1000, vendor="Google"),
    *around("io_bandwidth", 1100, 1, FREE, DENIED, DENIED, on="2027-02-01", tpp=1000, vendor="Google"),
    *around("io_bandwidth", 1000, 1, FREE, DENIED, DENIED, on="2027-02-01", tpp=1000, dram_bandwidth=4000, vendor="Google"),
]


@pytest.mark.parametrize(("on", "facts", "want"), STRICT)
def test_a_threshold_of_the_bill_binds_exactly(law, on, facts, want):
    assert status(law, on, regime="strict-denial", **facts) == want


def test_the_raised_ceiling_is_strict(law):
    for tpp, want in ((31999, CASE), (32000, DENIED)):
        assert status(law, "2027-05-01", regime="open-blackwell", tpp=tpp, dram_bandwidth=4000) == want


def test_the_clause_on_american_sales_is_a_freeze(law):
    chip = {"tpp": 15832, "dram_bandwidth": 4800}
    assert status(law, "2026-06-01", first_us_sale="2026-01-15", **chip) == CASE
    assert status(law, "2026-06-01", first_us_sale="2026-01-16", **chip) == DENIED
    assert status(law, "2026-06-01", first_us_sale=None, **chip) == DENIED


DAYS = [
    ("2022-08-26", FREE, DENIED, {"tpp": 4992, "io_bandwidth": 600}),
    ("2023-10-23", FREE, DENIED, {"tpp": 15832, "io_bandwidth": 400}),
    ("2023-11-17", FREE, DENIED, {"tpp": 15832, "io_bandwidth": 400, "vendor": "AMD"}),
    ("2023-11-17", FREE, NAC, {"tpp": 5285, "datacenter": "no"}),
    ("2024-12-31", FREE, DENIED, {"hbm_stack": "yes", "memory_bandwidth_density": 4.2}),
    ("2025-04-09", FREE, DENIED, {"tpp": 2368, "performance_density": 2.91, "dram_bandwidth": 4000}),
    ("2025-08-08", DENIED, CASE, {"tpp": 2368, "performance_density": 2.91, "dram_bandwidth": 4000}),
    ("2026-01-15", DENIED, CASE, {"tpp": 15832, "dram_bandwidth": 4800, "first_us_sale": "2024-11-30"}),
]


@pytest.mark.parametrize(("day", "before", "after", "facts"), DAYS)
def test_a_rule_begins_on_its_day(law, day, before, after, facts):
    start = dt.date.fromisoformat(day)
    assert status(law, start - dt.timedelta(days=1), **facts) == before
    assert status(law, start, **facts) == after


def test_relief_follows_the_destination_and_denial_the_headquarters(law):
    h200 = {"tpp": 15832, "dram_bandwidth": 4800, "first_us_sale": "2024-11-30"}
    assert status(law, "2026-06-15", to="CN", hq="CN", **h200) == CASE
    assert status(law, "2026-06-15", to="HK", **h200) == CASE
    assert status(law, "2026-06-15", to="MO", **h200) == CASE
    assert status(law, "2026-06-15", to="MY", hq="CN", **h200) == DENIED
    assert status(law, "2026-06-15", to="MY", hq="MY", **h200) == FREE
    assert status(law, "2026-06-15", to="RU", **h200) == DENIED
    assert status(law, "2026-06-15", to="CN", shipped_from="SG", **h200) == DENIED
    assert status(law, "2022-12-01", to="MY", hq="CN", tpp=15832, io_bandwidth=900) == FREE


def test_the_second_ring_gets_approval_and_exceptions(law):
    big, card = {"tpp": 15832, "dram_bandwidth": 3350}, {"tpp": 5285, "datacenter": "no", "dram_bandwidth": 1008}
    assert status(law, "2023-12-01", to="SA", **big) == APPROVAL
    assert status(law, "2023-12-01", to="SA", **card) == NAC
    assert status(law, "2024-06-01", to="SA", **card) == ACA
    assert status(law, "2024-06-01", to="SA", hq="CN", **big) == DENIED
    assert status(law, "2024-06-01", to="IL", **big) == FREE
    assert status(law, "2026-07-09", to="AE", **big) == APPROVAL
    assert status(law, "2026-07-10", to="AE", **big) == FREE
    assert status(law, "2026-07-10", to="AE", recipient_approved="no", **big) == APPROVAL
    assert status(law, "2026-07-10", to="AE", hq="CN", **big) == DENIED


def test_macau_joined_in_january_2023(law):
    chip = {"tpp": 4992, "io_bandwidth": 600}
    assert status(law, "2023-01-16", to="MO", **chip) == FREE
    assert status(law, "2023-01-17", to="MO", **chip) == DENIED


def test_unknown_density_leaves_the_test_on_tpp_alone(law):
    assert status(law, "2024-06-01", tpp=4799, performance_density=None) == FREE
    assert status(law, "2024-06-01", tpp=4800, performance_density=None) == DENIED
    answer = classify({"tpp": 2000, "datacenter": "yes"}, on="2024-06-01", params=law)
    assert {finding.test for finding in answer.unknown} == {
        "performance_density >= 5.92", "performance_density >= 3.2", "performance_density < 5.92",
    }  # fmt: skip
