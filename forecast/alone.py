"""One figure of the brief by itself: picture, numbers and words as files, for one scenario or for several side by side."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from forecast.adhoc import question
from forecast.brief.annex import supply_pictures
from forecast.brief.kept import keep, kept
from forecast.brief.pdf import citation, draw_all, evidence_date, read_summary
from forecast.brief.side import law_pictures, side_results
from forecast.catalogue.load import Catalogue, nearest, open_catalogue
from forecast.contract import BadInput
from forecast.dossier import dossier
from forecast.figures import (
    Drawing,
    channel_chart,
    effect_chart,
    fabrication_chart,
    fan_chart,
    memory_chart,
    purchase_path_chart,
    purchases_chart,
    save,
    vendor_chart,
)
from forecast.figures.frame import QUIET, house_style
from forecast.folder import Step, compute, open_inputs, open_result
from forecast.language import N_, _, languages, speaking
from forecast.scenario import Scenario
from forecast.tables import Rows, Scope

NAMES = {
    "fan": N_("Stock through time under each regime: median, 50% and 90% of draws."),
    "effects": N_("Change against the first regime through time, on the same draws."),
    "channels": N_("Stock at year-ends by channel: licensed, diverted, domestic, abroad."),
    "vendors": N_("Chinese makers of accelerators by year."),
    "fabrication": N_("What limits Chinese output: dies, memory or packaging, by year."),
    "memory": N_("Memory stacks: where they come from and what they allow."),
    "purchases": N_("What stopped further purchases in the headline year, by class."),
    "purchases-by-year": N_("What stopped further purchases, year by year."),
    "waterfall": N_("The effect of a what-if, split among its instruments."),
    "tornado-level": N_("Which uncertain inputs move the stock most."),
    "tornado-effect": N_("Which uncertain inputs move the largest effect most."),
    "status": N_("What the law says of known chips through time."),
    "plane": N_("The law on the plane of performance and performance density, with chips."),
    "flow": N_("From dies and memory stacks to usable compute in the headline year."),
    "yields": N_("Yields of Chinese logic lines beside published ones."),
}
"""Figures by the name under which the brief and its annex know them, with one sentence each."""

BY_REGIME: dict[str, Callable[..., Drawing | None]] = {
    "channels": channel_chart,
    "vendors": vendor_chart,
    "memory": memory_chart,
    "purchases": purchases_chart,
    "purchases-by-year": purchase_path_chart,
}
"""Figures that show one regime: each regime asked for is a figure by itself."""

PANELS: dict[str, Callable[..., Drawing]] = {"fan": fan_chart, "effects": effect_chart, "fabrication": fabrication_chart}
"""Figures with a panel for each regime: scenarios stand side by side in them."""

ASKED = ("waterfall", "tornado-level", "tornado-effect")
"""Figures that rest on side questions of the brief."""

MOST_PANELS = 12
"""Regimes that a figure by itself shows as small multiples."""

CREDITS = N_("Data of Epoch AI are used under the Creative Commons Attribution licence (CC BY).")


class Held(NamedTuple):
    """A computed scenario as figures ask it."""

    scenario: Scenario
    folder: Path
    rows: Rows
    scope: Scope
    context: dict[str, Any]
    cited: str


def figure_files(
    name: str,
    scenarios: Sequence[str],
    regimes: Sequence[str] = (),
    out: Path | None = None,
    *,
    lang: str = "en",
    draws: int | None = None,
    step: Step = lambda _step: None,
) -> list[Path]:
    """Make one figure for some scenarios, running what has not run, and write it as SVG, PNG, CSV and TXT into a folder.

    Scenarios stand side by side where the figure has panels, else each has files of its own. Raises BadInput for an unknown
    figure, scenario, regime or language, and where a run holds nothing for the figure.
    """
    known(name, lang)
    catalogue = open_catalogue()
    chosen = [question(word, (), draws) for word in dict.fromkeys(scenarios)]
    for scenario in chosen:
        _with_regimes(scenario, regimes)
    with speaking(lang):
        held = [opened(scenario, catalogue, step) for scenario in chosen]
        step("drawing the figure")
        made = [pair for group in together(name, held, regimes) for pair in drawn(name, group, regimes, catalogue)]
        folder = out or catalogue.home / "reports" / "figures"
        return [path for stem, drawing, cited in made for path in written(drawing._replace(name=stem), folder, cited)]


def known(name: str, lang: str = "en") -> None:
    """Raises BadInput unless there is such a figure and such a language."""
    if name not in NAMES:
        hint = nearest(name, NAMES)
        raise BadInput("unknown figure", key="NAME", found=name, expected=", ".join(NAMES), mend=hint)
    if lang not in languages():
        raise BadInput("no catalogue for this language", key="--lang", found=lang, expected=", ".join(languages()))


def _with_regimes(scenario: Scenario, regimes: Sequence[str]) -> None:
    absent = [name for name in regimes if name not in scenario.regimes]
    if absent:
        raise BadInput(
            f"the scenario {scenario.name} does not run this regime",
            key="--regime",
            found=", ".join(absent),
            expected=", ".join(scenario.regimes),
        )


def opened(scenario: Scenario, catalogue: Catalogue, step: Step) -> Held:
    """The run of a scenario, computed where there is none yet."""
    made = compute(scenario, catalogue.home, step=step)
    with open_result(made.folder) as result:
        context = dossier(scenario, catalogue, result, made.manifest)
    scope = Scope.of(context)
    cited = citation(scenario.title, evidence_date(made.folder, scope), made.manifest["fingerprint"])
    return Held(scenario, made.folder, read_summary(made.folder), scope, context, cited)


def together(name: str, held: Sequence[Held], regimes: Sequence[str]) -> list[list[Held]]:
    """Scenarios that one figure shows side by side: all where it has panels enough and they speak of the same years."""
    spans = {(one.scope.as_of, one.scope.headline_year, one.scope.horizon_year) for one in held}
    each = [max(len(_shown(name, one, regimes)), 1) for one in held]
    fits = name in PANELS and len(held) > 1 and len(spans) == 1 and sum(each) <= MOST_PANELS
    same_base = name != "effects" or len({one.scope.base for one in held}) == 1
    return [list(held)] if fits and same_base else [[one] for one in held]


def _shown(name: str, one: Held, regimes: Sequence[str]) -> list[str]:
    """The regimes of a scenario that stand beside another's: those asked for, else the base; of effects all but the base.

    A regime that was named in place of a scenario is itself what is shown.
    """
    if name == "effects":
        return [regime for regime in one.scope.others if not regimes or regime in regimes]
    named = one.scenario.name.removeprefix("adhoc-")
    return list(regimes) or [named if named in one.scope.others else one.scope.base]


def drawn(name: str, group: Sequence[Held], regimes: Sequence[str], catalogue: Catalogue) -> list[tuple[str, Drawing, str]]:
    """Figures of a group of scenarios: name of the files, drawing, how to cite."""
    one = group[0]
    stem = "-".join([name, *(held.scenario.name for held in group), *regimes])
    if len(group) > 1:
        rows, scope = beside(name, group, regimes)
        made = _panels(name, rows, scope)
        if name == "effects":
            lines = _("Each scenario is held against its own base; the dotted lines are those of {name}.", name=one.scenario.name)
            made = made._replace(note=f"{made.note} {lines}")
        return [(stem, made, "; ".join(held.cited for held in group))]
    if name in BY_REGIME:
        wanted = regimes or [one.scope.base]
        pictures = {regime: BY_REGIME[name](one.rows, one.scope, regime) for regime in wanted}
        stems = {regime: f"{name}-{one.scenario.name}" + (f"-{regime}" if regimes else "") for regime in wanted}
        return [(stems[regime], _there(drawing, name, one), one.cited) for regime, drawing in pictures.items()]
    if name in PANELS:
        titles = {key: title for key, title in one.scope.titles.items() if not regimes or key in (one.scope.base, *regimes)}
        if name == "effects" and len(titles) < 2:
            return [(stem, _there(None, name, one), one.cited)]
        return [(stem, _panels(name, one.rows, replace(one.scope, titles=titles)), one.cited)]
    return [(stem, _there(_others(name, one, regimes, catalogue), name, one), one.cited)]


def _panels(name: str, rows: Rows, scope: Scope) -> Drawing:
    """A figure with a panel for each regime: by itself it has room for more of them than on the pages of a brief."""
    return PANELS[name](rows, scope) if name == "fabrication" else PANELS[name](rows, scope, most=MOST_PANELS)


def _there(drawing: Drawing | None, name: str, one: Held) -> Drawing:
    if drawing is None:
        raise BadInput(
            f"the run of {one.scenario.name} holds nothing for this figure",
            file=one.folder,
            key=name,
            mend="choose another figure (forecast figure --list), a scenario with more regimes, or more draws",
        )
    return drawing


def _others(name: str, one: Held, regimes: Sequence[str], catalogue: Catalogue) -> Drawing | None:
    """Figures of the law, of supply, and those that rest on side questions."""
    if name in ("status", "plane"):
        titles = {key: title for key, title in one.scope.titles.items() if not regimes or key == regimes[0]}
        return law_pictures(one.scenario, catalogue, replace(one.scope, titles=titles)).get(name)
    if regimes:
        raise BadInput("this figure shows a whole scenario and takes no regime", key="--regime", found=" ".join(regimes))
    with open_result(one.folder) as result:
        if name in ASKED:
            side = kept(one.folder)
            if side is None:
                side = side_results(one.scenario, catalogue, one.folder, result.load(), one.scope, one.rows)
                keep(side, one.folder)
            return draw_all(one.rows, one.scope, {**one.context, "side": {**side, "pictures": {}}}).get(name)
        return supply_pictures(result.load(), open_inputs(one.folder), one.scope, catalogue).get(name)


def beside(name: str, group: Sequence[Held], regimes: Sequence[str]) -> tuple[Rows, Scope]:
    """Regimes of several scenarios as those of one run, so that a figure with panels shows them side by side."""
    tables, titles = [], dict[str, str]()
    if name == "effects":
        first = group[0]
        titles[first.scope.base] = first.scope.titles[first.scope.base]
        tables.append(first.rows.table[first.rows.table["regime"] == first.scope.base])
    for held in group:
        for regime in _shown(name, held, regimes):
            key = f"{held.scenario.name}:{regime}"
            own = held.scope.titles[regime]
            titles[key] = own if held.scenario.name == f"adhoc-{regime}" else f"{held.scenario.name}: {own}"
            tables.append(held.rows.table[held.rows.table["regime"] == regime].assign(regime=key))
    return Rows(pd.concat(tables, ignore_index=True)), replace(group[0].scope, titles=titles)


def written(drawing: Drawing, folder: Path, cited: str) -> list[Path]:
    """The figure with title, note and credits in the picture; its words for those who cannot see it inside and beside it."""
    if folder.exists() and not folder.is_dir():
        raise BadInput("the figure cannot be written there", file=folder, expected="a folder")
    credits = f"{_(CREDITS)} {cited}"
    with house_style():
        top: dict[str, Any] = {"va": "bottom", "ha": "left", "fontsize": 9, "fontweight": 600}
        width, height = (float(side) for side in drawing.figure.get_size_inches())
        drawing.figure.text(0, 1 + 0.09 / height, textwrap.fill(drawing.title, int(width * 15)), **top)
        beneath = "\n".join(textwrap.fill(text, int(width * 20)) for text in (drawing.note, credits) if text)
        drawing.figure.text(0, -0.09 / height, beneath, va="top", ha="left", fontsize=6.5, color=QUIET)
    paths = save(drawing, folder, whole=True)
    svg = paths["svg"].read_text(encoding="utf-8")
    at = svg.index("<svg")
    end = svg.index(">", at)
    said = f"<title>{escape(drawing.title)}</title>\n<desc>{escape(drawing.alt)}</desc>"
    paths["svg"].write_text(f'{svg[:end]} role="img">\n{said}{svg[end + 1 :]}', encoding="utf-8")
    paths["txt"] = folder / f"{drawing.name}.txt"
    paths["txt"].write_text("\n\n".join([drawing.title, drawing.alt, drawing.note, credits]) + "\n", encoding="utf-8")
    return list(paths.values())
