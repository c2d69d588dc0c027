"""Worlds small enough to look at, built once."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def home() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def catalogue(home):
    from forecast.catalogue.load import open_catalogue

    return open_catalogue(home)


@pytest.fixture(scope="session")
def scenario(home):
    from forecast.catalogue.load import load

    return load("smoke", home)


@pytest.fixture(scope="session")
def inputs(scenario, catalogue):
    from forecast.inputs import build_inputs

    return build_inputs(scenario, catalogue)


@pytest.fixture(scope="session")
def result(inputs):
    from forecast.model import run

    return run(inputs)


@pytest.fixture
def desk_copy(home, tmp_path):
    """A working folder of its own: params, notebooks and the report template, free to be spoilt."""
    for name in ("params", "notebooks"):
        shutil.copytree(home / name, tmp_path / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(home / "reports" / "template", tmp_path / "reports" / "template")
    return tmp_path
