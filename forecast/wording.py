"""What one regime changes against another, in words and as a table, generated from their moves.

Statuses are compared in every cell into which the rules of both cut a part; cells that move alike are gathered into boxes, and
each box becomes a phrase. Scalar levers are compared value by value. Goods leave from the United States.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.phrases import BRIEFLY, SCALARS, TAGS, lever_name, listed, range_words, when
from forecast.regime import LEVERS, Move, card, in_force, origin, reach_in_words, resolve
from forecast.regions import SUBJECTS, Cells, Subject, asked_of, boxes, cells_of, held_by, within
from forecast.rulebook import FIRST_DAY, LAST_DAY, Law, facts_of, law_of, place_asked, provisions_on
from forecast.stages.permissions import STATUSES, Facts, Provision, judge, reaches

CHIPS_SHOWN = 6
"""Known chips named in a sentence before the rest is counted."""


class Row(NamedTuple):
    """One change: since when, of what, from what under a to what under b, known chips that move, how well founded, and why.

    tag is S stated by a source, B text of a rule or bill, M our placeholder; through names the files.
    """

    since: dt.date
    what: str
    before: str
    after: str
    chips: str
    tag: str
    through: str
    reason: str


class Differences(NamedTuple):
    """What regime b changes against regime a for one buyer: sentences in order of date, and a table with the columns of Row."""

    a: str
    b: str
    to: str
    hq: str | None
    sentences: tuple[str, ...]
    table: pd.DataFrame

    @property
    def statuses(self) -> pd.DataFrame:
        """The rows in which a status changes, without the scalar levers."""
        return self.table[~self.table["what"].isin(list(LEVERS))]


class Side(NamedTuple):
    """One regime of the two: its name, its moves, and the rules of a day that ask about the buyer."""

    name: str
    moves: tuple[Move, ...]
    law: Law
    to: str
    hq: str | None

    def rules(self, day: dt.date) -> tuple[list[Provision], list[Provision]]:
        """Controls and reliefs in force on a day that cover the buyer."""
        controls, reliefs = provisions_on(self.moves, day)
        return [r for r in controls if reaches(r, self.to, self.hq)], [r for r in reliefs if reaches(r, self.to, self.hq)]

    def last(self, lever: str, day: dt.date) -> Move | None:
        """The last move of a lever up to a day, also one that took it back."""
        return max((m for m in self.moves if m.lever == lever and m.since <= day), key=lambda m: (m.since, m.reach), default=None)

    def touching(self, lever: str, like: Move | None = None) -> "Side":
        """The side with no moves but those of a lever that touch all, and those that touch whom another move does."""
        reach = ((), ()) if like is None else like.reach
        kept = [move for move in self.moves if move.lever == lever and move.reach in (((), ()), reach)]
        return self._replace(moves=tuple(kept))


class Phrase(NamedTuple):
    """Parts of one box that come to the same status: in words, from which statuses, which known chips, through which levers."""

    words: str
    before: tuple[int, ...]
    chips: tuple[str, ...]
    levers: tuple[str, ...]


class Known(NamedTuple):
    """Known chips: their labels, their facts (chip,), and their codes under both regimes (regime, chip)."""

    labels: tuple[str, ...]
    facts: Facts
    codes: np.ndarray


class Shift(NamedTuple):
    """All that comes to one status on one day, kind by kind; `joined` says that the two regimes then say the same again."""

    day: dt.date
    after: int
    joined: bool
    phrases: tuple[Phrase, ...]


def differences(a: str, b: str, *, to: str = "CN", hq: str | None = None, params: Law | Path | str | None = None) -> Differences:
    """What regime b changes against regime a, for a destination and a buyer's headquarters. Raises BadInput on unknown names."""
    law = law_of(params)
    place, home = place_asked(to, "to"), None if hq is None else place_asked(hq, "hq")
    sides = [Side(name, resolve(name, law.regimes), law, place, home) for name in (a, b)]
    shifts = _shifts(*sides)
    scalars = _scalars(*sides)
    others = _others(*sides)
    rows = [row for shift in shifts for row in _status_rows(shift, *sides)] + [row for row, _ in (*others, *scalars)]
    told = [(shift.day, text) for shift in shifts for text in _status_sentences(shift, *sides)]
    told += [(row.since, text) for row, text in (*others, *scalars) if text]
    sentences = tuple(text for _, text in sorted(told, key=lambda each: each[0]))
    table = pd.DataFrame(rows, columns=list(Row._fields)).sort_values("since", kind="stable", ignore_index=True)
    return Differences(a, b, place, home, sentences or ("Nothing differs for this buyer.",), table)


def _days(a: Side, b: Side, wanted: Callable[[Move], bool]) -> list[dt.date]:
    """The first day and every day on which one of the two moves something that is wanted."""
    days = {move.since for side in (a, b) for move in side.moves if wanted(move) and FIRST_DAY < move.since <= LAST_DAY}
    return [FIRST_DAY, *sorted(days)]


def _shifts(a: Side, b: Side) -> list[Shift]:
    """All changes of status in order of date: where the pair of statuses becomes another and the two differ or join."""
    days = _days(a, b, lambda move: move.lever not in LEVERS)
    rules = {(side.name, day): side.rules(day) for side in (a, b) for day in days}
    every = tuple(dict.fromkeys(rule for pair in rules.values() for part in pair for rule in part))
    own = {rule for day in days for rule in {*_flat(rules[a.name, day])} ^ {*_flat(rules[b.name, day])}}
    found: list[Shift] = []
    for subject in SUBJECTS:
        if not asked_of(subject, own):
            continue
        cells = cells_of(subject, every, own)
        alike = np.zeros((2, *cells.real.shape), dtype=np.int8)
        last = alike
        for day in days:
            if last is alike and rules[a.name, day] == rules[b.name, day]:
                continue
            now = np.stack([cells.codes(*rules[side.name, day], a.to, a.hq) for side in (a, b)])
            changed = (now != last).any(axis=0) & cells.real
            for joined, moved in ((False, now[0] != now[1]), (True, (last[0] != last[1]) & (now[0] == now[1]))):
                found += _gathered(subject, cells, now, changed & moved, day, (a, b), joined=joined)
            last = now if (now[0] != now[1]).any() else alike
    return sorted(found, key=lambda shift: shift.day)


def _flat(rules: tuple[list[Provision], list[Provision]]) -> list[Provision]:
    """Controls and reliefs in one list."""
    return [*rules[0], *rules[1]]


def _gathered(
    subject: Subject, cells: Cells, now: np.ndarray, moved: np.ndarray, day: dt.date, sides: tuple[Side, Side], *, joined: bool
) -> list[Shift]:
    """The changes of one day and kind, gathered by the status they lead to; a box may hold parts that had it before."""
    known = _known(subject, day, sides)
    before_day = _known(subject, day - dt.timedelta(days=1), sides).codes
    news = (known.codes != before_day).any(axis=0) | (day == FIRST_DAY)
    same = known.codes[0] == known.codes[1]
    going = news & (same & (before_day[0] != before_day[1]) if joined else ~same)
    found = []
    for after in sorted({*now[1][moved].tolist(), *known.codes[1][going].tolist()}):
        there, phrases = now[1] == after, []
        moving = going & (known.codes[1] == after)
        for box in boxes(moved & there, there & ((now[0] == after) if joined else True), cells.real):
            inside = moved & there & held_by(box, cells.real.shape)
            before = tuple(np.unique(now[0][inside]).tolist())
            chips = tuple(label for at, label in enumerate(known.labels) if moving[at] and within(box, cells, known.facts, at))
            phrases.append(
                Phrase(range_words(subject.name, box, cells), before, chips, _levers(inside, after, cells, day, sides))
            )
        phrases += _beside(known, moving, phrases, after, _differing(day, sides))
        found.append(Shift(day, int(after), joined, tuple(phrases)))
    return found


def _beside(known: Known, moving: np.ndarray, phrases: Sequence[Phrase], after: int, differing: Sequence[str]) -> list[Phrase]:
    """Known chips that come to a status and lie in no range: a rule names them, or their facts are not all known."""
    told = {chip for phrase in phrases for chip in phrase.chips}
    left = [at for at, label in enumerate(known.labels) if moving[at] and label not in told]
    if not left:
        return []
    before = tuple(sorted({int(code) for code in known.codes[0][left]} - {after})) or (after,)
    levers = tuple(dict.fromkeys(lever for phrase in phrases for lever in phrase.levers)) or tuple(differing)
    labels = tuple(known.labels[at] for at in left)
    words = f"the known chips {_some(list(labels))}, which a rule names or of which not all is known,"
    return [Phrase(words, before, labels, levers)]


def _known(subject: Subject, day: dt.date, sides: tuple[Side, Side]) -> Known:
    """Known chips of a subject with their codes under both regimes; one that was never sold at home counts as sold last."""
    chips = sides[0].law.chips
    chips = chips[chips["prc_designed"].astype(bool) == bool(subject.fixed.get("prc_designed", 0.0))]
    if subject.fixed.get("hbm_stack", 0.0) or chips.empty:
        return Known((), {}, np.zeros((2, 0), dtype=np.int8))
    facts = facts_of(chips)
    facts["first_us_sale"] = np.where(np.isnan(facts["first_us_sale"]), float(np.iinfo(np.int32).max), facts["first_us_sale"])
    codes = np.stack([judge(*side.rules(day), facts, side.to, side.hq).code for side in sides])
    return Known(tuple(map(str, chips["label"])), facts, codes)


def _differing(day: dt.date, sides: tuple[Side, Side]) -> list[str]:
    """Rules that are not the same under both regimes on a day."""
    theirs, ours = ({lever: move.value for lever, move in in_force(side.moves, day).items()} for side in sides)
    return [lever for lever in {**ours, **theirs} if lever not in LEVERS and theirs.get(lever) != ours.get(lever)]


def _levers(inside: np.ndarray, after: int, cells: Cells, day: dt.date, sides: tuple[Side, Side]) -> tuple[str, ...]:
    """Rules that bring all cells of a box to their status on their own; else all that some cell would not move without."""
    a, b = sides
    differ = _differing(day, sides)

    def swapped(side: Side, other: Side, lever: str) -> np.ndarray:
        moves = [*(m for m in side.moves if m.lever != lever), *(m for m in other.moves if m.lever == lever)]
        codes: np.ndarray = cells.codes(*side._replace(moves=tuple(moves)).rules(day), side.to, side.hq)[inside]
        return codes

    enough = [lever for lever in differ if (swapped(a, b, lever) == after).all()]
    needed = [lever for lever in differ if (swapped(b, a, lever) != after).any()]
    return tuple(enough or needed or differ)


def _founded(levers: Iterable[str], day: dt.date, a: Side, b: Side) -> tuple[str, str, str]:
    """Tags, files and reasons of the moves behind some levers on a day."""
    found = []
    for lever in levers:
        for side in (b, a):
            move = side.last(lever, day)
            if move is not None:
                found.append((move.tag, origin(move, side.name, side.law.regimes).short, move.reason))
                break
    tags, files, reasons = ([*dict.fromkeys(column)] for column in zip(*found, strict=True)) if found else ([], [], [])
    return " ".join(sorted(tags)), ", ".join(files), " ".join(reasons)


def _status_rows(shift: Shift, a: Side, b: Side) -> list[Row]:
    """A change of status as rows, one for each phrase."""
    rows = []
    for phrase in shift.phrases:
        tag, through, reason = _founded(phrase.levers, shift.day, a, b)
        before = " or ".join(STATUSES[code] for code in phrase.before)
        chips = "; ".join(phrase.chips)
        rows.append(Row(shift.day, phrase.words, before, STATUSES[shift.after], chips, tag, through, reason))
    return rows


def _status_sentences(shift: Shift, a: Side, b: Side) -> list[str]:
    """A change of status in sentences: one for all phrases that rest on the same moves."""
    groups: dict[tuple[str, str, tuple[int, ...]], list[Phrase]] = {}
    for phrase in shift.phrases:
        tag, through, _ = _founded(phrase.levers, shift.day, a, b)
        groups.setdefault((tag, through, phrase.before), []).append(phrase)
    start = f"From {when(shift.day)}, " if shift.day > FIRST_DAY else ""
    out = []
    for (tag, through, codes), phrases in groups.items():
        before = listed([BRIEFLY[STATUSES[code]] for code in codes], "or")
        verb = "are the same under both again" if shift.joined else f"move from {before} to {BRIEFLY[STATUSES[shift.after]]}"
        basis = f" ({through}; {listed([TAGS[each] for each in tag.split()])})" if tag else ""
        words = [phrase.words for phrase in phrases]
        chips = dict.fromkeys(chip for phrase in phrases for chip in phrase.chips if chip not in phrase.words)
        known = _some(list(chips))
        named = f" Among known chips: {known}." if known else ""
        body = f"{words[0]} {verb}{basis}" if len(words) == 1 else f"these {verb}{basis}: {'; '.join(words)}"
        out.append(_capital(f"{start}{body}.{named}"))
    return out


def _some(names: list[str]) -> str:
    """Names in a sentence, no more than a few, the rest counted."""
    more = len(names) - CHIPS_SHOWN
    return listed(names) if more <= 0 else f"{', '.join(names[:CHIPS_SHOWN])} and {more} more"


def _capital(text: str) -> str:
    """A sentence with a capital letter in front."""
    return text[:1].upper() + text[1:]


def _others(a: Side, b: Side) -> list[tuple[Row, str]]:
    """Rules about other things than SUBJECTS that the two do not share: a row for each, the first of a day with its sentence."""
    found: list[tuple[Row, str]] = []
    seen: dict[str, tuple[Provision | None, Provision | None]] = {}
    for day in _days(a, b, lambda move: move.lever not in LEVERS):
        sides = [_about_others(_flat(side.rules(day))) for side in (a, b)]
        rows, said = [], []
        for lever in dict.fromkeys([*sides[0], *sides[1], *seen]):
            pair, last = (sides[0].get(lever), sides[1].get(lever)), seen.get(lever, (None, None))
            seen[lever] = pair
            if pair == last or (pair[0] == pair[1] and last[0] == last[1]):
                continue
            tag, through, reason = _founded([lever], day, a, b)
            before, after = ("no such rule" if rule is None else BRIEFLY[STATUSES[rule.policy]] for rule in pair)
            paragraph = next(rule.paragraph for rule in (*reversed(pair), *last) if rule is not None)
            rows.append(Row(day, paragraph, before, after, "", tag, through, reason))
            same = "is the same under both again" if pair[0] == pair[1] else ""
            verb = "does not hold" if pair[1] is None else f"{'holds' if pair[0] is None else 'reads otherwise'} ({after})"
            said.append(f"{paragraph} {same or verb}")
        start = f"From {when(day)}, about other things" if day > FIRST_DAY else "About other things"
        found += [(row, f"{start}: {'; '.join(said)}." if k == 0 else "") for k, row in enumerate(rows)]
    return found


OTHERS = ("tool", "service", "eda", "metrology", "foundry_order", "supercomputer", "listed_share")
"""Facts that say that a rule speaks of something else than SUBJECTS: equipment, software, orders to a fab, uses, buyers."""


def _about_others(rules: Sequence[Provision]) -> dict[str, Provision]:
    """Rules that speak of other things in all their branches, and reliefs of such rules alone, by lever."""
    controls = [rule for rule in rules if not rule.applies_to]
    beyond = {
        rule.lever: rule
        for rule in controls
        if rule.branches and all(any(test.metrics[0] in OTHERS for test in branch) for branch in rule.branches)
    }
    paragraphs = {rule.paragraph for rule in beyond.values()} - {rule.paragraph for rule in controls if rule.lever not in beyond}
    kept = beyond | {rule.lever: rule for rule in rules if rule.applies_to and {*rule.applies_to} <= paragraphs}
    return {
        lever: rule._replace(destinations=(), exempt=(), headquarters=False, only_headquartered=(), not_headquartered=())
        for lever, rule in kept.items()
    }


def _scalars(a: Side, b: Side) -> list[tuple[Row, str]]:
    """Rows for each change of the difference in a scalar lever, the first row of a lever with the sentence for all of them."""
    found = []
    for lever in LEVERS:
        asked = {move.reach: move for side in (a, b) for move in side.moves if move.lever == lever and any(move.reach)}
        whole = _steps(lever, a.touching(lever), b.touching(lever))
        for move in (None, *asked.values()):
            sides = a.touching(lever, move), b.touching(lever, move)
            steps = _steps(lever, *sides)
            if move is not None and steps == whole:
                continue
            rows = [_scalar_row(lever, *step, *sides) for step in steps]
            whom = reach_in_words(move) if move else ""
            found += [(row, _scalar_sentence(lever, whom, steps, rows) if k == 0 else "") for k, row in enumerate(rows)]
    return found


def _steps(lever: str, a: Side, b: Side) -> list[tuple[dt.date, float, float]]:
    """Days on which the pair of values of a lever becomes another, from the first difference on."""
    steps: list[tuple[dt.date, float, float]] = []
    for day in _days(a, b, lambda move: move.lever == lever):
        values = [_value(side.last(lever, day), lever) for side in (a, b)]
        before = steps[-1][1:] if steps else None
        if values[0] != values[1] if before is None else tuple(values) != before:
            steps.append((day, values[0], values[1]))
    return steps


def _value(move: Move | None, lever: str) -> float:
    """What a lever stands at after a move."""
    return float(move.value) if move is not None and isinstance(move.value, float) else LEVERS[lever].default


def _scalar_row(lever: str, day: dt.date, before: float, after: float, a: Side, b: Side) -> Row:
    """One step of a scalar lever as a row."""
    tag, through, reason = _founded([lever], day, a, b)
    return Row(day, lever, f"{before:g}", f"{after:g}", "", tag, through, reason)


def _scalar_sentence(lever: str, whom: str, steps: Sequence[tuple[dt.date, float, float]], rows: Sequence[Row]) -> str:
    """All steps of a scalar lever in one sentence."""
    name = SCALARS.get(lever, f"the lever {lever_name(lever)}") + whom
    parts = [
        f"{after:g}{f' from {when(day)}' if k else ''} instead of {before:g}" for k, (day, before, after) in enumerate(steps)
    ]
    if len({before for _, before, _ in steps}) == 1:
        tail = f" instead of {steps[0][1]:g}"
        parts = [part.removesuffix(tail) for part in parts[:-1]] + parts[-1:]
    start = f"From {when(steps[0][0])}, {name}" if steps[0][0] > FIRST_DAY else name
    tags = sorted({tag for row in rows for tag in row.tag.split()})
    files = list(dict.fromkeys(row.through for row in rows if row.through))
    founded = f" ({', '.join(files)}; {listed([TAGS[tag] for tag in tags])})" if tags else ""
    return _capital(f"{start}: {', '.join(parts)}{founded}.")


def heading(found: Differences, params: Law | Path | str | None = None) -> str:
    """What is compared, in a line."""
    book = law_of(params).regimes
    buyer = f", for a party headquartered in {found.hq}" if found.hq else ""
    return f"What {card(found.b, book).short} changes against {card(found.a, book).short}, for goods to {found.to}{buyer}"


ELSEWHERE = ("SG", "CN")
"""Destination and headquarters that stand for parties headquartered in China elsewhere."""


def lines(a: str, b: str, to: str | None = None, hq: str | None = None, params: Law | Path | str | None = None) -> list[str]:
    """Differences for a person: for goods to China and for its firms elsewhere, or for the one buyer that was asked for."""
    asked = differences(a, b, to=to or "CN", hq=hq, params=params)
    out = [heading(asked, params), *(f"- {text}" for text in asked.sentences)]
    if to is None and hq is None:
        away = differences(a, b, to=ELSEWHERE[0], hq=ELSEWHERE[1], params=params)
        other = [text for text in away.sentences if text not in asked.sentences]
        nothing = "no status changes" if away.statuses.empty else "the same"
        out += ["For parties headquartered in China that stand elsewhere"]
        out += [f"- {text}" for text in other] if other and not away.statuses.empty else [f"- {nothing}"]
    return [*out, "A range may hold parts that had the status before; parts are new or known, and leave from the United States."]
