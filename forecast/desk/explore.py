"""The door to the explorer and to the gallery of questions: both are loaded only where they are shown."""

from typing import Any

NAMED = """
const named = () => document.querySelectorAll('.widget-hslider').forEach(row => {
  const label = row.querySelector('label');
  if (!label || row.dataset.named) return;
  row.dataset.named = 'yes';
  row.querySelectorAll('.noUi-handle').forEach(handle => handle.setAttribute('aria-label', label.textContent));
  row.querySelectorAll('.widget-readout').forEach(box => {
    box.setAttribute('role', 'textbox');
    box.setAttribute('aria-label', label.textContent + ', as a number');
  });
});
const watch = new MutationObserver(named);
watch.observe(document.body, {childList: true, subtree: true});
setTimeout(() => { named(); watch.disconnect(); }, 60000);
named();
"""
"""Gives each slider and its number the name that stands beside it, which the widgets leave out and a screen reader needs."""


def explore(scenario: str) -> Any:
    """Controls and chart for a scenario (its first regime) or a regime, as a widget."""
    from IPython import display as page

    from forecast.desk.controls import Desk
    from forecast.explorer import Explorer

    shown: Any = page
    shown.display(shown.Javascript(NAMED))
    return Desk(Explorer(scenario)).widget


def controls_table(scenario: str) -> Any:
    """What each control of the explorer means: unit, range, where it stands now."""
    from forecast.desk.controls import levers_table
    from forecast.explorer import Explorer

    return levers_table(Explorer(scenario))


def gallery() -> Any:
    """What-if questions with an answer worked out now, and the line that gives the whole one."""
    from forecast.desk import whatifs as shown

    return shown.gallery()


def law_gallery() -> Any:
    """Questions to the law with their answer on a day, and the line that gives the paragraph."""
    from forecast.desk import whatifs as shown

    return shown.law_gallery()
