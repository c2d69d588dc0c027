"""The house keeps its shape: imports go down, files stay small, regimes stay above the stages, one owner for each right."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "forecast"
FLOORS = [
    {"names", "units", "language"},
    {"contract", "quantity", "stages", "rows", "origins"},
    {"rule", "regime", "switches", "items", "anticipation", "scenario", "draws", "balance", "cells", "chipnames"} | {"derived"},
    {"catalogue", "parties", "levies", "rulebook"} | {"phrases", "regions", "unknowns"},
    {"conditions", "criteria", "design", "specification", "fit"},
    {"inputs", "model"},
    {"conditioning", "summary", "comparison", "waterfall", "forms", "shadow", "skill", "sensitivity", "discovery"}
    | {"statusgrid", "wording"}
    | {"frontier", "yardsticks", "energy", "receipts", "bite", "supply_curve", "switching", "buyers", "tripwires"},
    {"figures", "tables"},
    {"folder", "dossier", "brief", "gates", "runner", "desk", "publication", "register", "cli"}
    | {
        "adhoc",
        "authoring",
        "breadth",
        "changed",
        "contrast",
        "differing",
        "editor",
        "explain",
        "lab",
        "lawpictures",
        "levers",
        "options",
        "redesign",
        "verdict",
    }
    | {
        "bite_tables",
        "frontier_tables",
        "power_tables",
        "supply",
        "flows",
        "vendors",
        "listed",
        "packaging",
        "everyfork",
        "trends",
        "buyers_tables",
        "hindcast",
        "sides",
        "exchange",
        "explorer",
        "grid",
        "ledger",
        "commands",
        "pasting",
        "schema",
        "tidy",
        "hazard",
        "systems_tables",
        "units_tables",
    }
    | {"workbook", "languages", "carried", "pull", "verify", "paper", "alone"},
]
LEVEL = {module: height for height, floor in enumerate(FLOORS) for module in floor}
SIDEWAYS = {
    ("anticipation", "regime"),
    ("figures", "tables"),
    ("items", "chipnames"),
    ("phrases", "regions"),
    ("regions", "rulebook"),
    ("rulebook", "catalogue"),
    ("scenario", "regime"),
    ("regime", "rule"),
    ("rulebook", "levies"),
    ("rulebook", "parties"),
    ("switches", "rule"),
}
"""Pairs on one floor of which the first may import the second."""

FILES = sorted(PACKAGE.rglob("*.py"))


def _module(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _targets(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "forecast":
            path = node.module.split(".")[1:]
            yield from path[:1] or [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("forecast."))


@pytest.mark.parametrize(
    "path", [f for f in FILES if f.name != "__init__.py" or f.parent != PACKAGE], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_imports_go_down(path):
    module = _module(path)
    assert module in LEVEL, f"{module} stands on no floor"
    for target in _targets(ast.parse(path.read_text())):
        same_house = target == module
        lower = LEVEL[target] < LEVEL[module]
        top = LEVEL[target] == LEVEL[module] == len(FLOORS) - 1
        assert same_house or lower or top or (module, target) in SIDEWAYS, f"{module} may not import {target}"


def test_stages_know_nothing_of_the_house():
    for path in (PACKAGE / "stages").glob("*.py"):
        assert not [t for t in _targets(ast.parse(path.read_text())) if t not in ("stages", "names")], path.name


def test_no_regime_is_named_below_or_beside_the_regime_module():
    names = [p.stem for p in (PACKAGE.parent / "params" / "regimes").rglob("*.yaml")]
    words = re.compile("|".join(rf"[\"']({re.escape(name)})[\"']" for name in names))
    low = [
        f for f in FILES if LEVEL.get(_module(f), 9) <= LEVEL["model"] and _module(f) not in ("regime", "rulebook", "catalogue")
    ]
    assert len(low) > 10
    for path in low:
        assert not words.search(path.read_text()), path.name


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_fit_a_screen(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 420
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno <= 62, f"{node.name} is too long"
            count = (
                len(node.args.args)
                + len(node.args.kwonlyargs)
                - (1 if node.args.args[:1] and node.args.args[0].arg in ("self", "cls") else 0)
            )
            assert count <= 10, f"{node.name} takes {count} arguments"


def test_only_draws_makes_generators():
    for path in FILES:
        if _module(path) != "draws":
            assert not re.search(r"default_rng|np\.random|import random", path.read_text()), path.name


def test_only_the_catalogue_reads_params():
    for path in FILES:
        if LEVEL.get(_module(path), 9) <= LEVEL["summary"] and _module(path) not in ("catalogue", "language"):
            assert not re.search(r"read_text\(|read_csv|open\(\"|read_bytes", path.read_text()), path.name


def test_every_test_asserts_something():
    for path in (PACKAGE.parent / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                body = ast.unparse(node)
                assert re.search(r"assert|raises|refused\(", body), f"{path.name}: {node.name}"


def test_nothing_names_this_machine_or_a_package_host():
    root = PACKAGE.parent
    files = [
        p
        for p in root.rglob("*")
        if p.is_file() and p.suffix in (".py", ".toml", ".lock", ".yaml", ".csv", ".md", ".typ", ".ipynb")
    ]
    made = {".venv", ".venv-pyam", ".editor", ".git", "runs"}
    files = [p for p in files if not made & set(p.relative_to(root).parts)]
    assert len(files) > 50
    hosts = re.compile("|".join(["py" + "pi.org", "python" + "hosted", "--index" + "-url", "--find" + "-links"]))
    for path in files:
        text = path.read_text()
        assert str(root.parent) + "/" not in text, path
        assert not hosts.search(text), path


def test_the_lock_pins_everything_with_hashes():
    lock = (PACKAGE.parent / "requirements.lock").read_text()
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+", lock, flags=re.M)
    assert len(pins) > 100
    assert "://" not in lock
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.M)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())
