"""Laws that the text obeys for any chip, tried on made-up ones."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.regime import Rule, resolve
from forecast.rulebook import SHIPMENT, provisions_on
from forecast.stages.permissions import FAILED, MET, METRICS, STATUSES, UNKNOWN, judge, outcome, parse_test

DAYS = [dt.date(2022, 12, 1), dt.date(2023, 12, 1), dt.date(2024, 6, 1), dt.date(2025, 6, 1), dt.date(2026, 6, 1)]
EXCEPTIONS = [STATUSES.index(name) for name in ("exception_nac", "exception_aca", "exception_hbm")]
sizes = st.floats(50.0, 3000.0)
rates = st.floats(0.0, 12000.0)


def provisions(law, day, regime="current"):
    return provisions_on(resolve(regime, law.regimes), day)


def ladder(tpp, area, dram, io, datacenter=1.0, vendor="NVIDIA"):
    """Chips that differ in the given array only (chip,)."""
    tpp, area, dram, io = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, dtype=float)) for x in (tpp, area, dram, io)))
    facts = {name: np.full(tpp.size, SHIPMENT.get(name, math.nan)) for name in METRICS}
    facts.update(tpp=tpp, die_area=area, performance_density=tpp / area, dram_bandwidth=dram, io_bandwidth=io)
    facts.update(datacenter=np.full(tpp.size, datacenter), prc_designed=np.zeros(tpp.size), first_us_sale=np.zeros(tpp.size))
    names = np.full(tpp.size, "", dtype=object)
    words = {"chip": names, "vendor": np.full(tpp.size, vendor, dtype=object), "origin": np.full(tpp.size, "US", dtype=object)}
    return {**facts, **words}


@pytest.mark.parametrize("day", DAYS)
@settings(max_examples=60, deadline=None)
@given(area=sizes, dram=rates, io=st.floats(0.0, 2000.0))
def test_more_tpp_on_the_same_area_never_loosens_the_status_of_a_data_centre_part(law, day, area, dram, io):
    controls, reliefs = provisions(law, day)
    code = judge(controls, reliefs, ladder(np.arange(100.0, 40000.0, 97.0), area, dram, io), "CN").code
    assert (np.diff(code) >= 0).all()


@pytest.mark.parametrize("day", DAYS)
@settings(max_examples=60, deadline=None)
@given(tpp=st.floats(0.0, 60000.0), area=sizes, io=st.floats(0.0, 2000.0))
def test_more_bandwidth_never_loosens_the_status(law, day, tpp, area, io):
    controls, reliefs = provisions(law, day)
    code = judge(controls, reliefs, ladder(tpp, area, np.arange(0.0, 9000.0, 33.0), io), "CN").code
    assert (np.diff(code) >= 0).all()


@pytest.mark.parametrize("day", DAYS)
@settings(max_examples=60, deadline=None)
@given(tpp=st.floats(0.0, 60000.0), dram=rates)
def test_spreading_the_same_tpp_over_more_silicon_never_tightens_the_status(law, day, tpp, dram):
    controls, reliefs = provisions(law, day)
    code = judge(controls, reliefs, ladder(tpp, np.arange(50.0, 4000.0, 17.0), dram, 64.0), "CN").code
    assert (np.diff(code) <= 0).all()


@settings(max_examples=60, deadline=None)
@given(tpp=st.floats(0.0, 60000.0), area=sizes, dram=rates, io=st.floats(0.0, 2000.0))
def test_a_part_that_is_not_for_data_centres_is_never_treated_worse(law, tpp, area, dram, io):
    for day in DAYS:
        controls, reliefs = provisions(law, day)
        centre = judge(controls, reliefs, ladder(tpp, area, dram, io), "CN").code
        other = judge(controls, reliefs, ladder(tpp, area, dram, io, datacenter=0.0), "CN").code
        assert (other <= centre).all()


@settings(max_examples=60, deadline=None)
@given(tpp=st.floats(0.0, 60000.0), area=sizes, dram=rates, to=st.sampled_from(["MY", "SG", "JP", "AE", "SA", "US"]))
def test_a_chinese_headquarters_never_loosens_the_status(law, tpp, area, dram, to):
    for day in DAYS:
        controls, reliefs = provisions(law, day)
        facts = ladder(tpp, area, dram, 64.0)
        # the exceptions count as one: with notice for parties headquartered in D:5, without for others
        chinese, local = (np.where(np.isin(code, EXCEPTIONS), 1, code) for code in (
            judge(controls, reliefs, facts, to, "CN").code, judge(controls, reliefs, facts, to, to).code,
        ))  # fmt: skip
        assert (chinese >= local).all()


def test_the_tightest_control_wins_and_a_relief_loosens_only_its_paragraphs():
    def rule(lever, policy, text, **rest):
        base = {"paragraph": lever, "any_of": ((text,),), "destinations": ("CN",), "policy": policy}
        return Rule(**{**base, **rest}).provision(lever)

    loose, tight = rule("control.a", STATUSES[4], "tpp >= 10"), rule("control.b", STATUSES[6], "tpp >= 20")
    relief = rule("relief.c", STATUSES[1], "memory < 5", applies_to=("control.b",))
    facts = ladder([5.0, 10.0, 20.0, 20.0, 20.0], 100.0, 1.0, 1.0)
    facts["memory"] = np.array([1.0, 1.0, 9.0, 1.0, math.nan])
    verdict = judge([loose, tight], [relief], facts, "CN")
    assert [STATUSES[code] for code in verdict.code] == ["free", STATUSES[4], STATUSES[6], STATUSES[4], STATUSES[6]]
    assert verdict.decider.tolist() == [-1, 0, 1, 0, 1]
    assert judge([loose, tight], [relief], facts, "SG").code.tolist() == [0] * 5


def test_outcomes_are_met_failed_or_unknown():
    facts = {"tpp": np.array([1.0, 2.0, 3.0, math.nan])}
    assert outcome(parse_test("tpp >= 2"), facts).tolist() == [FAILED, MET, MET, UNKNOWN]
    assert outcome(parse_test("tpp < 2"), facts).tolist() == [MET, FAILED, FAILED, UNKNOWN]
    facts["dram_bandwidth"], facts["io_bandwidth"] = np.array([1.0, math.nan]), np.array([1.0, 5.0])
    assert outcome(parse_test("dram_bandwidth + io_bandwidth >= 2"), facts).tolist() == [MET, UNKNOWN]
