"""The law on many chips at once says what it says of each."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.regime import resolve
from forecast.rulebook import classify, permitted
from forecast.stages.permissions import STATUSES
from forecast.statusgrid import DESTINATIONS, status_dataset

CHIPS = ["H20", "H200", "RTX 4090", "GB200", "Ascend 910C", "L2"]


@pytest.mark.parametrize(("regime", "hq"), [("current", None), ("strict-denial", None), ("current", "CN")])
def test_each_cell_is_the_single_answer_on_the_last_day_of_its_quarter(regime, hq):
    found = status_dataset(CHIPS, countries=["CN", "MY", "SA", "DE"], hq=hq, regime=regime)
    for quarter in found["quarter"].to_index()[3::6]:
        last = (quarter + pd.offsets.QuarterEnd()).date()
        for chip in found["chip"].to_numpy():
            for place in found["country"].to_numpy():
                code = int(found["status"].sel(chip=chip, quarter=quarter, country=place))
                assert STATUSES[code] == classify(chip, on=last, to=place, hq=hq, regime=regime).status


def test_shares_count_days(catalogue):
    found = status_dataset(["H20"], ["2025Q1", "2025Q2", "2025Q3"], ["CN"])["permitted"].to_numpy().ravel()
    np.testing.assert_allclose(found, [1.0, 8 / 91, (dt.date(2025, 10, 1) - dt.date(2025, 8, 8)).days / 92])


@pytest.mark.parametrize("regime", ["current", "open-blackwell", "full-liberalisation"])
def test_shares_are_those_that_the_model_reads(catalogue, regime):
    found = status_dataset(countries=["CN", "SG"], hq="CN", regime=regime)
    moves, quarters = resolve(regime, catalogue.regimes), found["quarter"].to_index()
    for place in ("CN", "SG"):
        wanted = permitted(catalogue.chips, moves, quarters, place, "CN")
        np.testing.assert_allclose(found["permitted"].sel(country=place), wanted, atol=1e-12)


def test_the_whole_grid_has_units_words_and_codes(catalogue):
    found = status_dataset()
    assert dict(found.sizes) == {"chip": len(catalogue.chips), "quarter": 44, "country": len(DESTINATIONS)}
    assert found["status"].attrs["flag_meanings"].split() == list(STATUSES)
    for variable in found.data_vars.values():
        assert variable.attrs["units"] == "1"
        assert variable.attrs["long_name"]
    assert int(found["status"].min()) >= 0
    assert int(found["status"].max()) < len(STATUSES)
    assert float(found["permitted"].min()) >= 0.0
    assert float(found["permitted"].max()) <= 1.0


def test_classes_stand_for_their_chips(catalogue):
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    rows = catalogue.chips.loc[classes["chip"]].assign(chip=classes["chip"].to_numpy()).set_axis(classes.index)
    found = status_dataset(rows, countries=["CN"])
    assert found["status"].dims == ("gpu_class", "quarter", "country")
    one = status_dataset([classes.loc["ascend_910c", "chip"]], countries=["CN"])
    np.testing.assert_array_equal(found["status"].sel(gpu_class="ascend_910c"), one["status"].isel(chip=0))


@pytest.mark.parametrize(("asked", "says"), [
    ({"chips": ["H9000"]}, "unknown chip"),
    ({"quarters": ["2027"]}, "write a year and a quarter"),
    ({"quarters": ["2027Q1", "2027Q3"]}, "follow one another"),
    ({"quarters": []}, "follow one another"),
    ({"countries": ["China"]}, "two-letter code"),
    ({"regime": "strict"}, "did you mean 'strict-denial'"),
])  # fmt: skip
def test_bad_questions_are_told(asked, says):
    with pytest.raises(BadInput) as told:
        status_dataset(**asked)
    assert says in str(told.value)
