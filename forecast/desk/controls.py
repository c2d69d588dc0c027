"""The explorer's controls: a slider for each lever and main input, the chart that answers, save and reset.

All of it is reached by the keyboard: Tab goes from control to control, arrow keys move a slider.
"""

from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from forecast.authoring import save_scenario
from forecast.contract import BadInput, Breach
from forecast.desk.box import box
from forecast.desk.livechart import picture, words
from forecast.desk.view import Listed
from forecast.explorer import LEAST, MOST, SUMS, Explorer
from forecast.tables import WHERE

STEP = 0.05
"""Step of a lever's slider."""

FACTORS = (LEAST, 0.33, 0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, MOST)
"""What an input may be multiplied by."""

NARROW, WIDE = {"description_width": "150px"}, "98%"


class Desk:
    """The explorer as it stands on the page. `widget` is what a notebook shows."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.since = widgets.Dropdown(options=explorer.quarters, value=explorer.first, description="levers move from")
        self.channel = widgets.Dropdown(
            options=[(WHERE[name], name) for name in SUMS], value="accessible", description="compute that is"
        )
        self.stands = explorer.stands_at(self.since.value)
        self.levers = {name: self._lever(name) for name in explorer.levers}
        self.factors = {name: self._factor(name) for name in explorer.main_inputs()}
        self.chart, self.status, self.saved = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.name, self.by, self.why, self.source = (
            widgets.Text(description=label, placeholder=hint, layout={"width": WIDE}, style={"description_width": "70px"})
            for label, hint in (
                ("name", "slow-memory"), ("by", "A. Analyst"), ("why", "in one sentence"),
                ("source", "id of params/sources.csv, or empty"),
            )
        )  # fmt: skip
        self.reset, self.save = (
            widgets.Button(description=text, tooltip=tip, layout={"width": "auto"})
            for text, tip in (
                ("Reset", "All controls back to where the law and the evidence stand"),
                ("Save as scenario", "Write a file with the changes only into params/scenarios"),
            )
        )  # fmt: skip
        for control in (self.since, self.channel, *self.levers.values(), *self.factors.values()):
            control.style = NARROW
            control.observe(self._since_moved if control is self.since else self._moved, names="value")
        self.reset.on_click(lambda _: self.to_start())
        self.save.on_click(lambda _: self.write())
        self.quiet = False
        self.widget = self._page()
        self.draw()

    def _lever(self, name: str) -> Any:
        """A slider over a lever's range, standing where the law stands."""
        lever = self.explorer.levers[name]
        stands = self.stands[name]
        return widgets.FloatSlider(
            value=stands, min=lever.low, max=lever.high, step=STEP, readout_format=".2f",
            description=name.replace("_", " "), continuous_update=False, layout={"width": WIDE},
            tooltip=f"{lever.about} Unit {lever.unit}; allowed {lever.low:g} to {lever.high:g}; now {stands:g}.",
        )  # fmt: skip

    def _factor(self, name: str) -> Any:
        """A slider for the factor on an input."""
        held = self.explorer.catalogue.quantities[name]
        return widgets.SelectionSlider(
            options=[(f"{by:g} ×", by) for by in FACTORS], value=1.0, description=name.replace("_", " "),
            continuous_update=False, layout={"width": WIDE}, tooltip=f"{held.about} Unit {held.unit}. Times our belief.",
        )  # fmt: skip

    def _page(self) -> Any:
        """Controls to the left, chart and words to the right, saving below."""
        say = widgets.HTML
        left = widgets.VBox(
            [
                say("<b>Levers of the law</b>, each where it stands today"), self.since, *self.levers.values(),
                say("<b>Inputs that move the answer most</b>, times our belief"), *self.factors.values(),
            ],
            layout={"width": "380px", "flex": "0 0 auto"},
        )  # fmt: skip
        keep = widgets.VBox(
            [
                say("<b>Keep it</b>: the file holds your changes only"),
                self.name,
                self.by,
                self.why,
                self.source,
                self.save,
                self.saved,
            ]
        )
        right = widgets.VBox([self.channel, self.chart, self.status, self.reset, keep], layout={"flex": "1 1 420px"})
        return widgets.HBox([left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start"})

    def settings(self) -> tuple[list[str], list[str]]:
        """What the controls say, as typed on the command line: levers and inputs that differ."""
        levers = {name: control.value for name, control in self.levers.items()}
        return self.explorer.settings(levers, {name: control.value for name, control in self.factors.items()}, self.since.value)

    def _moved(self, _change: Any) -> None:
        if not self.quiet:
            self.draw()

    def _since_moved(self, change: Any) -> None:
        """Levers that nobody touched follow the law to the new date."""
        before, self.stands = self.stands, self.explorer.stands_at(change["new"])
        self._set({name: self.stands[name] for name, control in self.levers.items() if control.value == before[name]})
        self.draw()

    def _set(self, values: dict[str, float]) -> None:
        """Put controls of levers somewhere without an answer to each."""
        self.quiet = True
        try:
            for name, value in values.items():
                self.levers[name].value = value
        finally:
            self.quiet = False

    def draw(self) -> None:
        """Answer what the controls ask."""
        try:
            moved, scaled = self.settings()
            answer = self.explorer.answer(moved, scaled, self.channel.value)
        except (BadInput, Breach) as problem:
            self.status.value = box(problem)
            return
        self.chart.value = picture(answer)
        asked = ", ".join([*moved, *scaled]) or "nothing is changed"
        self.status.value = (
            f'<p role="status" aria-live="polite" style="line-height:1.4">{escape(words(answer))}<br>'
            f"<code>{escape(asked)}</code> · answered in {answer.seconds:.2f} s</p>"
        )

    def to_start(self) -> None:
        """All controls back to where they stood."""
        self._set(self.stands)
        self.quiet = True
        for control in self.factors.values():
            control.value = 1.0
        self.quiet = False
        self.saved.value = ""
        self.draw()

    def write(self) -> Path | None:
        """Save the changes as a scenario; a mistake is told in a box. Returns the file."""
        moved, scaled = self.settings()
        try:
            path = save_scenario(
                self.explorer.asked(moved, scaled), self.explorer.parent, self.name.value.strip(), self.by.value, self.why.value,
                self.source.value, self.explorer.home,
            )  # fmt: skip
        except BadInput as problem:
            self.saved.value = box(problem)
            return None
        name = escape(path.stem)
        self.saved.value = (
            f'<p role="status">Written: <code>params/scenarios/{name}.yaml</code>. '
            f"Its brief: <code>forecast report {name}</code>; beside the default: "
            f"<code>forecast compare baseline {name}</code></p>"
        )
        return path


def levers_table(explorer: Explorer) -> Listed:
    """What each control means: unit, range, where it stands now."""
    stands = explorer.stands_at(explorer.first)
    levers = [
        {"control": name.replace("_", " "), "what it means": held.about, "unit": held.unit, "from": f"{held.low:g}",
         "to": f"{held.high:g}", "now": f"{stands[name]:g}"}
        for name, held in explorer.levers.items()
    ]  # fmt: skip
    inputs = [
        {"control": name.replace("_", " "), "what it means": explorer.catalogue.quantities[name].about,
         "unit": f"times our belief, {explorer.catalogue.quantities[name].unit}", "from": f"{LEAST:g}",
         "to": f"{MOST:g}", "now": "1"}
        for name in explorer.main_inputs()
    ]  # fmt: skip
    return Listed(pd.DataFrame([*levers, *inputs]), f"What the controls mean, and where they stand in {explorer.first}")
