"""The map from printed variables to groups of inputs is what the model does: a group is moved a little, and we look."""

import pytest

from forecast.catalogue.load import load
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import TERMS
from forecast.origins import GROUPS, RESTS_ON
from forecast.scenario import Override

FEW = 16
NOT_READ = {"demand/frontier.yaml", "fitted/trends.yaml"}
"""Files whose inputs the model proper does not read: laboratories and units are worked out beside it, trends feed nothing yet."""


@pytest.fixture(scope="module")
def asked(home):
    return load("smoke", home).model_copy(update={"draws": FEW, "regimes": ("current", "strict-denial")})


@pytest.fixture(scope="module")
def before(asked, catalogue):
    return run(build_inputs(asked, catalogue))


def groups(catalogue):
    """Inputs by their file."""
    found = {}
    for name, (path, _) in catalogue.places.items():
        found.setdefault(path.relative_to(catalogue.home / "params").as_posix(), []).append(name)
    return found


def test_every_file_of_inputs_is_a_group_or_says_why_not(catalogue):
    assert set(groups(catalogue)) == set(GROUPS) | NOT_READ


@pytest.mark.slow
@pytest.mark.parametrize("group", [*GROUPS, *sorted(NOT_READ)])
def test_a_group_moves_what_the_map_says_and_nothing_else(group, asked, before, catalogue):
    changes = {name: Override(factor=0.97, by="a test", reason="moved a little") for name in groups(catalogue)[group]}
    after = run(build_inputs(asked.model_copy(update={"overrides": changes}), catalogue))
    moved = {str(name) for name in before.data_vars if not after[name].equals(before[name])}
    declared = {variable for variable, names in RESTS_ON.items() if group in names}
    codes = {name for name in RESTS_ON if TERMS[name].kind == "code"}
    assert moved & set(RESTS_ON) - codes == declared - codes
    assert moved & codes <= declared
