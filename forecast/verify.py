"""Whether a report still says what the present code and params say: its run made again, every printed number beside it."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from forecast.brief.attached import put_back
from forecast.carried import (
    DIFFERS,
    EXACT,
    PRINTED,
    UNCHECKED,
    UNSEEN,
    Carried,
    OnPage,
    Told,
    from_rows,
    judged,
    leaves,
    open_report,
    own_text,
)
from forecast.catalogue.home import find_home
from forecast.catalogue.load import checked, open_catalogue
from forecast.catalogue.yamlfile import read_yaml, validate
from forecast.contract import BadInput
from forecast.dossier import default_brief, known_kind
from forecast.folder import KEPT, Step, run_folder, whole
from forecast.language import languages, speaking
from forecast.publication import publish
from forecast.scenario import Scenario

MOST_WHY = 6
"""Changed files and packages that an answer names."""


class Verdict(NamedTuple):
    """What a check found: numbers of the text, texts of the pages, the pages' own text, reasons, how it was made."""

    told: list[Told]
    changed: list[Told]
    reworded: int
    page: OnPage
    why: list[str]
    how: str
    same_bytes: bool

    @property
    def agrees(self) -> bool:
        """Whether every printed number that was checked agrees, and the pages say what the attachments hold."""
        return not [one for one in [*self.told, *self.changed] if one.verdict == DIFFERS] and not self.page.wrong


def verify(
    path: Path, *, fast: bool = False, again: bool = False, home: Path | None = None, step: Step = lambda _: None
) -> Verdict:
    """Check a report. Fast: its pages and its attached rows only. Else its run is found or made again, in a temporary folder.

    Raises BadInput when the file cannot be checked, or the present code cannot run its question.
    """
    step("reading the report")
    made = open_report(path)
    page = own_text(made)
    if fast:
        return Verdict(from_rows(made), [], 0, page, [], "worked out again from the attached rows; nothing was run", False)
    found = find_home(home)
    with tempfile.TemporaryDirectory() as folder:
        rebuilt, how = rebuild(made, found, Path(folder), again, step)
        now = open_report(rebuilt)
        same = rebuilt.read_bytes() == path.read_bytes()
    changed, reworded = _pages(made, now)
    return Verdict(_numbers(made, now), changed, reworded, page, _why(made.manifest, now.manifest), how, same)


def rebuild(made: Carried, home: Path, folder: Path, again: bool, step: Step) -> tuple[Path, str]:
    """The same kind of report of the same question in another folder, and in words how its run came about."""
    kind, language = known_kind(str(made.report["kind"])), str(made.report["language"])
    if language not in languages():
        raise BadInput("the report speaks a language that there is no catalogue for", file=made.path, found=language)
    scenario = question_of(made, home)
    shutil.copytree(home / "params", folder / "params")
    put_back(made.files, scenario.name, folder)
    catalogue = open_catalogue(home)
    ran, copy = run_folder(scenario, catalogue), folder / "reports" / "runs" / run_folder(scenario, catalogue).name
    how = "the run was made again in a temporary folder"
    if not again and whole(ran):
        copy.mkdir(parents=True)
        for name in (*KEPT, "manifest.json", "timings.json", "side.json"):
            if (ran / name).is_file():
                shutil.copy(ran / name, copy)
        how = f"an equal run was found whole in {ran.name}; --again makes it anew"
    with speaking(language):
        done = publish(scenario, folder, kind=kind, step=step)
    return default_brief(done.folder, kind), how


def question_of(made: Carried, home: Path) -> Scenario:
    """The question that a report carries. Raises BadInput when it carries none, or the present code does not know its words."""
    if "scenario.yaml" not in made.files:
        raise BadInput("the report does not carry its question", file=made.path, mend="check what it carries with --fast")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_bytes(made.files["scenario.yaml"])
        try:
            data, lines = read_yaml(path)
            asked = validate(Scenario, data, path, lines)
            return checked(asked, open_catalogue(home), path, lines)
        except BadInput as problem:
            raise BadInput(
                "the present code and params cannot run the question that the report carries", file=made.path,
                found=str(problem), mend="check it with the code that made it, or what it carries with --fast",
            ) from None  # fmt: skip


def _numbers(made: Carried, now: Carried) -> list[Told]:
    """Every number of the text, printed and now."""
    present = {row["id"]: row for row in now.table("numbers.csv").to_dict("records")}
    told = []
    for line in made.table("numbers.csv").to_dict("records"):
        if (other := present.get(line["id"])) is None:
            told.append(Told(DIFFERS, line["id"], line["text"], "no such number"))
        else:
            told.append(judged({str(key): str(cell) for key, cell in line.items()}, other["text"], other["values"]))
    return told


def _pages(made: Carried, now: Carried) -> tuple[list[Told], int]:
    """Texts of the pages whose digits are others than now, and the number of texts that only changed their words."""
    before, after = (dict(leaves(one.pages, one.pages["numbers"])) for one in (made, now))
    changed, reworded = [], 0
    for at, text in before.items():
        if at.startswith(("numbers/", "sources/")) or text == after.get(at):
            continue
        if _digits(text) == _digits(after.get(at, "")):
            reworded += 1
        else:
            changed.append(Told(DIFFERS, at, text, after.get(at, "nothing stands there")))
    return changed, reworded


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+(?:[.,\u202f]\d+)*", text)


def _why(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What the two runs do not share: code, parameter files, packages, draws."""
    told = []
    if before["code_version"] != now["code_version"]:
        told.append(f"code: {before['code_version']}, now {now['code_version']}")
    for what in ("params", "packages"):
        old, new = before[what], now[what]
        names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name) and not name.startswith("scenarios/"))
        if names:
            shown = ", ".join(f"{name} {old.get(name, 'absent')}, now {new.get(name, 'absent')}" for name in names[:MOST_WHY])
            told.append(f"{what}: {shown}" + (f", and {len(names) - MOST_WHY} more" if len(names) > MOST_WHY else ""))
    return told


def lines(verdict: Verdict, path: Path, everything: bool = False) -> Iterator[str]:
    """The answer for a terminal: what differs, line by line; with `everything` what agrees too; then sums, reasons and limits."""
    counts = {name: sum(one.verdict == name for one in verdict.told) for name in (EXACT, PRINTED, DIFFERS, UNCHECKED)}
    for one in verdict.told:
        if one.verdict == DIFFERS or everything:
            yield f"{one.verdict:17} {one.id}: printed {one.printed}" + (f", now {one.now}" if one.verdict == DIFFERS else "")
    for one in verdict.changed:
        yield f"{one.verdict:17} {one.id}: printed {one.printed!r}, now {one.now!r}"
    for text in verdict.page.wrong:
        yield f"{'page':17} {text}"
    yield f"report            {path.name}: {verdict.how}"
    yield "numbers           " + ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == DIFFERS)
    if counts[UNCHECKED]:
        yield "                  (the rest comes from side results, params or counts: leave out --fast to make the run again)"
    else:
        told = f"{len(verdict.changed)} rows, sentences, titles or notes with other numbers, {verdict.reworded} reworded"
        yield f"pages             {told}"
        if verdict.same_bytes:
            yield "                  the file is equal, byte for byte, to the one made now"
    yield (
        f"own text          {verdict.page.found} texts of the attachments stand on the pages, {len(verdict.page.wrong)} differ, "
        f"{verdict.page.absent} belong to other kinds of report"
    )
    for text in verdict.why:
        yield f"may differ by     {text}"
    yield f"limits            {UNSEEN}"
    yield "verdict           " + ("agrees" if verdict.agrees else "DOES NOT AGREE")
