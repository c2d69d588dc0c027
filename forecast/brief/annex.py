"""What the technical annex adds to a brief: equations, Chinese supply, all inputs, and where each number comes from."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xarray as xr

from forecast import supply, vendors
from forecast.brief.equations import EQUATIONS
from forecast.brief.numbers import Numbers
from forecast.catalogue.load import Catalogue, resolved
from forecast.figures import Drawing, flow_chart, units_chart, yield_chart
from forecast.flows import flow_parts
from forecast.language import _
from forecast.names import TERMS
from forecast.origins import GROUPS, ORIGINS, groups_of, variable_of
from forecast.packaging import packaging_table
from forecast.pull import group_sources
from forecast.quantity import Quantity
from forecast.scenario import Scenario
from forecast.tables import Cell, Scope, Table, basis_words, cited, labelled, spread, sure, two_digits, unit_words
from forecast.trends import ramps_table, trends_table


def supply_pictures(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, catalogue: Catalogue) -> dict[str, Drawing]:
    """The flow of the headline year, and yields beside published ones."""
    year = scope.headline_year
    published = catalogue.table("fabs/yields.csv")
    names = catalogue.table("sources.csv").set_index("source")["publisher"]
    published = published.assign(publisher=published["source"].map(names))
    return {
        "units": units_chart(vendors.vendors_table(result, scope, catalogue).data, scope),
        "flow": flow_chart(flow_parts(result, inputs, scope, year), scope, year),
        "yields": yield_chart(supply.yield_curves(result, inputs, scope, catalogue), published, scope),
    }


def supply_tables(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, catalogue: Catalogue) -> dict[str, Table]:
    """Chinese supply from lines to vendors, beside what others published."""
    return {
        "lines": supply.lines_table(catalogue),
        "dies": supply.dies_table(result, scope),
        "yields": supply.yields_table(result, inputs, scope, catalogue),
        "memory": supply.memory_table(result, inputs, scope),
        "stockpile": supply.stockpile_table(catalogue),
        "packages": supply.packages_table(inputs, catalogue),
        "packaging": packaging_table(result, inputs, scope),
        "vendors": vendors.vendors_table(result, scope, catalogue),
        "binding": vendors.binding_table(result, scope, catalogue),
        "views": vendors.views_table(result, scope, catalogue),
        "sovereignty": vendors.sovereignty_table(result, scope),
        "independent": vendors.independent_table(result, inputs, scope, catalogue),
        "trends": trends_table(catalogue),
        "ramps": ramps_table(catalogue),
    }


def inputs_table(scenario: Scenario, catalogue: Catalogue) -> Table:
    """Every input with what it is, its unit, belief, basis and sources; a path by its first and last year."""
    publishers = catalogue.table("sources.csv").set_index("source")["publisher"]
    body: list[list[Cell]] = []
    data = []
    for name, held in sorted(resolved(catalogue, scenario).items()):
        who = "; ".join(dict.fromkeys(publishers[key] for key in held.sources)) or _("judgement")
        basis = f"{basis_words(held.basis)}, {sure(held.confidence)}"
        body.append(
            [name.replace("_", " "), _(held.about), unit_words(held.unit), _belief(held), basis, f"{_(held.reason)} {who}"]
        )
        data.append(
            (name, held.about, held.unit, _belief(held), held.basis, held.confidence, " ".join(held.sources), held.reason)
        )
    columns = ["input", "about", "unit", "belief", "basis", "confidence", "sources", "reason"]
    return Table(
        name="table-inputs",
        title=_("All {count} inputs of the scenario", count=len(body)),
        note=_(
            "Median and 90% interval; of a path in its first and last year. A file of the same name holds "
            "each of them with its line in params."
        ),
        header=[_("Input"), _("What it is"), _("Unit"), _("Belief"), _("Basis"), _("Why, and who")],
        rows=body,
        data=pd.DataFrame(data, columns=columns),
    )


def _belief(held: Quantity) -> str:
    """A belief in words: a number, a spread, or the ends of a path."""
    if held.exact is not None:
        return two_digits(held.exact)
    path = dict(held.path or {})
    if held.spread is not None:
        path[""] = held.spread
    told = []
    for when in dict.fromkeys((next(iter(path)), list(path)[-1])):
        belief = path[when]
        words = f"{two_digits(belief.p50)} ({spread(belief.p05, belief.p95, 1.0)})"
        told.append(labelled(when, words) if when else words)
    return "; ".join(told)


def numbers_table(numbers: Numbers, methods: Mapping[str, str], fingerprint: str) -> Table:
    """Every number of the text: its id, what is written, where it was read, how that was made, the groups of inputs behind."""
    held = numbers.table()
    body: list[list[Cell]] = []
    groups = list(GROUPS)
    for row in held.to_dict("records"):
        id_, variable = str(row["id"]), variable_of(str(row["id"]), str(row["rows"]))
        head = id_.split("/")[0]
        term = TERMS[variable].about if variable in TERMS else ""
        made = _(ORIGINS[head].words) if head in ORIGINS else _(methods.get(variable, "") or term)
        letters = _runs([groups.index(name) for name in groups_of(variable)])
        body.append([_breakable(id_), str(row["text"]), _breakable(str(row["rows"])), made, letters or "–"])
    return Table(
        name="table-numbers",
        title=_("Numbers of the text"),
        note=_(
            "Run {fingerprint}. Rows name variable, statistic and selection in summary.csv of the run, or the file of a side "
            "result. Letters name the groups of inputs that move the variable: the table below says what each group is and "
            "which sources it rests on. For one number with the inputs that moved it: forecast show SCENARIO --number ID.",
            fingerprint=fingerprint,
        ),
        header=[_("Id"), _("As written"), _("Read from"), _("Made by"), _("Rests on")],
        rows=body,
        data=held,
    )


def _runs(places: Sequence[int]) -> str:
    """Letters of groups, those that follow on one another as a run: A–H, J, L."""
    told: list[list[int]] = []
    for place in places:
        if told and place == told[-1][-1] + 1:
            told[-1].append(place)
        else:
            told.append([place])
    return ", ".join(LETTERS[run[0]] + (f"–{LETTERS[run[-1]]}" if len(run) > 1 else "") for run in told)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def groups_table(scenario: Scenario, catalogue: Catalogue, context: Mapping[str, Any]) -> Table:
    """Groups of inputs by letter: the file, what it is about, how many inputs, sources by their number in the list."""
    body: list[list[Cell]] = []
    data = []
    files = [catalogue.places[name][0].relative_to(catalogue.home / "params").as_posix() for name in catalogue.quantities]
    for letter, (name, about) in zip(LETTERS, GROUPS.items(), strict=False):
        sources = group_sources(name, scenario, catalogue)
        told = cited(context, sources, most=len(sources)).strip() or "judgement alone"
        body.append([letter, about, _breakable(f"params/{name}"), str(files.count(name)), told])
        data.append((letter, name, about, files.count(name), " ".join(sources)))
    return Table(
        name="table-groups",
        title="Groups of inputs and their sources",
        note="Tested: each group is moved a little, and what moves in the model is what the table of numbers says. What was "
        "observed up to the origin (params/history) feeds every variable and names its source row by row.",
        header=["Group", "About", "File", "Inputs", "Sources"],
        rows=body,
        data=pd.DataFrame(data, columns=["group", "file", "about", "inputs", "sources"]),
    )


def _breakable(text: str) -> str:
    """An id that a page may break after each of its parts."""
    return text.replace("/", "/\u200b").replace("=", "=\u200b")


def equations() -> list[dict[str, Any]]:
    """Groups of equations as the template reads them."""
    return [
        {
            "title": _(title),
            "steps": [{"formula": _(one.formula), "about": _(one.about), "source": one.where} for one in steps],
        }
        for title, steps in EQUATIONS.items()
    ]
