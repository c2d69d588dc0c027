"""Notebooks run safely: parameters are checked before a kernel starts, and only a good result replaces an earlier one.

papermill does the executing. What it leaves open is closed here: unknown names and wrong types are refused, a killed kernel is
called killed, cells that never ran are called so, files appear whole or not at all, and equal runs have equal bytes.
"""

import ast
import difflib
import hashlib
import json
import logging
import os
import re
import sys
import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from forecast.contract import BadInput
from forecast.names import label_quarter, parse_quarter

Status = Literal["done", "failed", "killed"]
Progress = Callable[[int, int], None]
Cells = list[dict[str, Any]]
Quarter = Annotated[str, AfterValidator(lambda text: label_quarter(parse_quarter(text)))]
KNOWN = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict, "Literal": Literal, "Quarter": Quarter}
ANNOTATION = (ast.Expression, ast.Name, ast.Load, ast.Subscript, ast.Constant, ast.Tuple, ast.BinOp, ast.BitOr)
PLAIN = "numbers, text, True, False, None, and lists and dicts of these"
PASSED_ON = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|VIRTUAL_ENV|LD_LIBRARY_PATH|MPLCONFIGDIR|\w+_NUM_THREADS"
    r"|PYTHON(PATH|HOME|UTF8|DONTWRITEBYTECODE)"
)
"""All that a kernel learns of the environment: a token in any other variable cannot reach a notebook, nor its output."""
FIXED = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0", "TQDM_DISABLE": "1"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
VARYING = {"papermill", "execution", "ExecuteTime", "forecast", "application/vnd.jupyter.widget-view+json"}
RANDOM_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|\bT_[0-9a-f]{5}(?![0-9a-f])"
"""Identifiers that xarray and pandas draw anew for each table they show."""


class Parameter(NamedTuple):
    """One line of a notebook's parameters cell."""

    name: str
    annotation: str | None
    default: Any


@dataclass(frozen=True)
class Outcome:
    """What became of a notebook: the file to read, how it ended and why, seconds by cell id, and what it was made from."""

    path: Path
    status: Status
    error: str | None
    seconds: Mapping[str, float]
    input_hash: str
    skipped: bool = False


def declared(path: Path | str) -> dict[str, Parameter]:
    """The parameters of a notebook, in their order. Raises BadInput when it has no one clean parameters cell."""
    return _declared(Path(path), _read(Path(path)))


def check_parameters(path: Path | str, given: Mapping[str, Any]) -> dict[str, Any]:
    """All values the notebook would run with, the given ones checked. Raises BadInput for an unknown name or a wrong type."""
    return _checked(Path(path), _read(Path(path)), given)


def execute(
    path: Path | str,
    parameters: Mapping[str, Any],
    out: Path | str,
    *,
    root: Path | str,
    fingerprint: str = "",
    resume: bool = False,
    progress: Progress | None = None,
    timeout: int | None = None,
) -> Outcome:
    """Run a notebook in the folder root; a good result replaces `out`, a bad one is left in <stem>.failed.ipynb beside it.

    progress(cells run, cells in all) is called after each code cell; timeout is in seconds for each cell; resume keeps an `out`
    that was made from the same notebook, parameters and fingerprint. Raises BadInput before any kernel starts.
    """
    path, out, root = Path(path).absolute(), Path(out).absolute(), Path(root).absolute()
    book = _read(path)
    cells = _cells(book, _checked(path, book, parameters))
    if out.suffix != ".ipynb" or out.is_dir() or out.resolve() == path.resolve() or not root.is_dir():
        raise BadInput("Name another .ipynb file for the result, and a folder that exists to run in.", file=out, found=str(root))
    essence = [[cell["cell_type"], cell["source"], _tags(cell)] for cell in cells]
    input_hash = hashlib.sha256(json.dumps([1, essence, fingerprint]).encode()).hexdigest()
    if resume and _made_from(out) == input_hash:
        return Outcome(out, "done", None, {}, input_hash, skipped=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    failed, temporary = out.with_name(f"{out.stem}.failed.ipynb"), out.with_name(f".{out.stem}.{uuid.uuid4().hex}.ipynb")
    try:
        status, error = _run(cells, temporary, root, progress, timeout)
        settled, seconds = _settled(json.loads(temporary.read_bytes())["cells"], status, error, root)
        finished: dict[str, Any] = {"cells": settled, "nbformat": 4, "nbformat_minor": 5}
        record = {"input_hash": input_hash, "notebook": path.name, "status": status}
        finished["metadata"] = {"forecast": record, "kernelspec": KERNEL, "language_info": {"name": "python"}}
        temporary.write_bytes((json.dumps(finished, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode())
        temporary.replace(out if status == "done" else failed)
    finally:
        temporary.unlink(missing_ok=True)
    if status == "done":
        failed.unlink(missing_ok=True)
    return Outcome(out if status == "done" else failed, status, error, seconds, input_hash)


def _read(path: Path) -> dict[str, Any]:
    """The notebook as plain JSON, each source one text. nbformat stays out: its import takes seconds."""
    try:
        book = json.loads(path.read_bytes().decode("utf-8"))
        for cell in book["cells"]:
            cell["source"], cell["metadata"] = "".join(cell["source"]), dict(cell["metadata"])
            if cell["cell_type"] not in ("code", "markdown", "raw"):
                raise ValueError("a cell of unknown type")
        if book["nbformat"] != 4 or book["metadata"].get("kernelspec", {}).get("language", "python") != "python":
            raise ValueError("another format or language")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        what, line = "The notebook cannot be read: missing, empty, cut short, or not a notebook.", getattr(error, "lineno", None)
        mend, found = "restore it, or open it in JupyterLab and save it", f"{type(error).__name__}: {error}"
        raise BadInput(what, file=path, line=line, found=found, expected="a Python notebook, format 4", mend=mend) from None
    return dict(book)


def _tags(cell: Mapping[str, Any]) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def _declared(path: Path, book: Mapping[str, Any]) -> dict[str, Parameter]:
    tagged = [(number, cell) for number, cell in enumerate(book["cells"], 1) if "parameters" in _tags(cell)]
    if len(tagged) != 1 or tagged[0][1]["cell_type"] != "code":
        what, found = "A notebook needs exactly one code cell with the tag parameters.", f"cells {[n for n, _ in tagged]}"
        raise BadInput(what, file=path, found=found if tagged else "none")
    number, cell = tagged[0]
    parameters: dict[str, Parameter] = {}
    line, source = None, None
    try:
        for statement in ast.parse(cell["source"]).body:
            line, source = statement.lineno, ast.unparse(statement)
            parameter = _parameter(statement)
            if parameter.name in parameters:
                raise ValueError("assigned twice")
            parameters[parameter.name] = parameter
    except (ValueError, TypeError, SyntaxError, RecursionError) as error:
        what = "The parameters cell may only give each name one plain value: it runs before the values of a run are set."
        key, found = f"cell {number}, line {getattr(error, 'lineno', line)}", source or str(error)
        expected = f"name = value, or name: type = value, with {PLAIN}"
        raise BadInput(what, file=path, key=key, found=found, expected=expected, mend="move it to a later cell") from None
    for parameter in parameters.values():
        _converted(path, parameter, parameter.default)
    return parameters


def _parameter(statement: ast.stmt) -> Parameter:
    """The parameter in `name = literal` or `name: type = literal`; ValueError for any other statement."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return Parameter(name, None, _plain(ast.literal_eval(value)))
        case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=ast.expr() as value, simple=1):
            annotation = kind.value if isinstance(kind, ast.Constant) else ast.unparse(kind)
            return Parameter(name, str(annotation), _plain(ast.literal_eval(value)))
    raise ValueError("not an assignment")


def _plain(value: Any) -> Any:
    """The value, made of the types that survive JSON and repr() unchanged. Raises ValueError or TypeError for all others."""
    plain = json.loads(json.dumps(value, allow_nan=False))
    if plain != value:
        raise ValueError(f"only {PLAIN} can be passed")
    return plain


def _type(parameter: Parameter) -> Any:
    """The annotation's type, or else the default's; text whose default is a quarter must be a quarter."""
    default = parameter.default
    kind: Any = Any if default is None else type(default)
    if isinstance(default, list) and {type(entry) for entry in default} in ({int}, {float}, {str}, {bool}):
        kind = list[type(default[0])]  # type: ignore[misc]
    if parameter.annotation is not None:
        tree = ast.parse(parameter.annotation, mode="eval")
        if not all(isinstance(node, ANNOTATION) for node in ast.walk(tree)):
            raise ValueError("the annotation holds more than names of types")
        kind = eval(compile(tree, "annotation", "eval"), {"__builtins__": {}}, KNOWN)
    return Quarter if kind is str and re.fullmatch(r"\d{4}Q[1-4]", str(default)) else kind


def _converted(path: Path, parameter: Parameter, value: Any) -> Any:
    """The value as the notebook gets it: whole numbers become floats where floats are asked for, nothing else changes."""
    try:
        adapter = TypeAdapter(_type(parameter), config=ConfigDict(strict=True, allow_inf_nan=False))
        return _plain(adapter.validate_python(value))
    except (ValueError, TypeError, SyntaxError, NameError, RuntimeError) as error:
        expected = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        kind, mend = type(value).__name__, f"write it like the default, {parameter.default!r}"
        raise BadInput(
            "A parameter has the wrong type.",
            file=path,
            key=f"{parameter.name}: {parameter.annotation}" if parameter.annotation else parameter.name,
            found=f"{value!r} ({kind})",
            expected=expected,
            mend=mend if value is not parameter.default else f"known types: {', '.join(KNOWN)}",
        ) from None


def _checked(path: Path, book: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    parameters = _declared(path, book)
    for name in given:
        if name not in parameters:
            near = difflib.get_close_matches(str(name), parameters, 1, 0.5)
            mend, names = f"did you mean {near[0]}?" if near else None, ", ".join(parameters) or "no parameters"
            raise BadInput("The notebook has no such parameter.", file=path, found=str(name), expected=names, mend=mend)
    return {name: _converted(path, p, given.get(name, p.default)) for name, p in parameters.items()}


def _cells(book: Mapping[str, Any], values: Mapping[str, Any]) -> Cells:
    """The cells to run: no outputs, ids by position, and all values in a cell of their own after the parameters cell.

    We write that cell, not papermill: it would turn keys of dicts into text and Chinese into escapes.
    """
    cells: Cells = []
    for number, cell in enumerate(book["cells"], 1):
        kept = {key: value for key, value in cell.items() if key in ("cell_type", "source", "attachments")}
        kept |= {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
        if "injected-parameters" not in _tags(cell):
            metadata = {key: value for key, value in cell["metadata"].items() if key not in VARYING}
            cells.append({**kept, "id": f"cell-{number}", "metadata": metadata})
        if "parameters" in _tags(cell) and values:
            source = "\n".join(["# Parameters of this run", *(f"{name} = {value!r}" for name, value in values.items())])
            cells.append({**kept, "id": "parameters", "metadata": {"tags": ["injected-parameters"]}, "source": source})
    return cells


def _made_from(out: Path) -> str | None:
    """The input hash of a result that is whole and done."""
    try:
        record = json.loads(out.read_bytes())["metadata"]["forecast"]
        return str(record["input_hash"]) if record["status"] == "done" else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _kernel(folder: str) -> type:
    """A manager that starts this very Python, with little of the environment, over an encrypted connection."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    environment = {name: text for name, text in os.environ.items() if PASSED_ON.fullmatch(name)} | FIXED | {"IPYTHONDIR": folder}

    class Kernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options, connection_file=f"{folder}/kernel.json", transport_encryption="auto")
            self._kernel_spec = KernelSpec(argv=argv, language="python", metadata={"supported_encryption": ["curve"]})

        def start_kernel(self, **options: Any) -> Any:
            return super().start_kernel(**options, env=environment)

    return Kernel


def _run(cells: Cells, temporary: Path, root: Path, progress: Progress | None, timeout: int | None) -> tuple[Status, str | None]:
    """Let papermill execute the cells into a temporary file; says how that ended, and why if not well."""
    import nbformat
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook

    logging.getLogger("papermill").addHandler(logging.NullHandler())
    layout = {"metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    book = nbformat.reads(json.dumps({"cells": cells, **layout}), as_version=4)  # type: ignore[no-untyped-call]
    total, ended = sum(cell["cell_type"] == "code" and bool(cell["source"].strip()) for cell in cells), list[int]()

    def after_cell(cell_index: int, **_: object) -> None:
        ended.append(cell_index)
        if progress:
            progress(len(ended), total)

    with tempfile.TemporaryDirectory() as folder:
        try:
            execute_notebook(
                book,
                str(temporary).replace("{", "{{").replace("}", "}}"),
                kernel_name="python3",
                progress_bar=False,
                kernel_manager_class=_kernel(folder),
                resources={"metadata": {"path": str(root)}},
                execution_timeout=timeout,
                iopub_timeout=60,
                coalesce_streams=True,
                skip_cells_with_tag="",
                force_raise_errors=True,
                on_cell_executed=after_cell,
            )
        except PapermillExecutionError as error:
            return "failed", f"In [{error.exec_count}]: {_tail(f'{error.ename}: {error.evalue}')}"
        except CellTimeoutError:
            return "failed", f"In [{len(ended) + 1}]: took longer than {timeout} s and was stopped"
        except DeadKernelError:
            return "killed", f"In [{min(len(ended) + 1, total)}]: the kernel died: it was killed, or memory ran out"
        except RuntimeError as error:
            if ended:
                raise
            return "killed", f"The kernel did not start: {_tail(str(error))}"
    return ("done", None) if len(ended) == total else ("failed", f"In [{len(ended)}]: the notebook stopped itself")


def _tail(text: str, lines: int = 12, letters: int = 2000) -> str:
    """The end of a message as plain text."""
    plain = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text).strip(": \n")
    return "\n".join(plain.splitlines()[-lines:])[-letters:]


def _settled(cells: Cells, status: Status, error: str | None, root: Path) -> tuple[Cells, dict[str, float]]:
    """The executed cells without what varies between equal runs, each saying truly whether it ran; and the seconds of each.

    After a kernel's death papermill calls all cells completed, but those it never started have no start time.
    """
    kept = [cell for cell in cells if "papermill-error-cell-tag" not in _tags(cell)]
    code = [cell for cell in kept if cell["cell_type"] == "code"]
    begun = [cell["id"] for cell in code if cell["metadata"]["papermill"]["start_time"]]
    seconds = {cell["id"]: float(cell["metadata"]["papermill"]["duration"]) for cell in code if cell["id"] in begun}
    states = dict.fromkeys(begun, "done") | ({begun[-1]: status} if begun else {})
    scrub = _scrubber(root)
    for cell in kept:
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key not in VARYING}
    for cell in code:
        cell["metadata"]["forecast"] = {"status": states.get(cell["id"], "not run")}
        cell["outputs"] = scrub(cell["outputs"])
    if error:
        box = f"**This run did not finish.** Later cells were not run.\n\n~~~~text\n{error}\n~~~~"
        kept.insert(0, {"cell_type": "markdown", "id": "failure", "metadata": {}, "source": scrub(box)})
    return kept, seconds


def _scrubber(root: Path) -> Callable[[Any], Any]:
    """What takes places of this machine, addresses in memory and random identifiers out of outputs."""
    home, seen = Path.home(), dict[str, str]()
    places = {place: short for place, short in [(Path(sys.prefix), "<python>"), (root, "."), (home, "~")] if len(place.parts) > 1}
    spelt = {str(place): short for place, short in places.items()}
    spelt |= {f"~/{place.relative_to(home)}": short for place, short in places.items() if home in place.parents}
    known = re.compile(
        r"(?:(?<![\w.-])|(?<=\dm))(" + "|".join(map(re.escape, sorted(spelt, key=len, reverse=True))) + r")(?![\w.-])"
    )

    def scrub(part: Any, kind: str = "") -> Any:
        if isinstance(part, dict):
            return {key: scrub(value, key) for key, value in part.items() if key not in VARYING}
        if isinstance(part, list):
            return [scrub(entry, kind) for entry in part]
        if not isinstance(part, str) or kind.startswith("image/"):
            return part
        if "ipykernel_" in part:
            part = re.sub(r"\S{0,200}ipykernel_\d+[/\\](\d+)\.py", r"<cell \1>", part)
        part = re.sub(r"\bat 0x[0-9a-fA-F]+", "at 0x", known.sub(lambda match: spelt[match[1]], part))
        return re.sub(RANDOM_ID, lambda match: seen.setdefault(match[0], f"id{len(seen)}"), part)

    return scrub
