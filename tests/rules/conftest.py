"""The law as it is shipped, read once."""

from pathlib import Path

import pytest

from forecast.rulebook import Law, read_law

PARAMS = Path(__file__).parents[2] / "params"


@pytest.fixture(scope="session")
def params() -> Path:
    return PARAMS


@pytest.fixture(scope="session")
def law() -> Law:
    return read_law(PARAMS)
