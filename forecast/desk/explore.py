"""The door to the explorer: the controls are loaded only where they are shown."""

from typing import Any


def explore(scenario: str) -> Any:
    """Controls and chart for a scenario (its first regime) or a regime, as a widget."""
    from forecast.desk.controls import Desk
    from forecast.explorer import Explorer

    return Desk(Explorer(scenario)).widget


def controls_table(scenario: str) -> Any:
    """What each control of the explorer means: unit, range, where it stands now."""
    from forecast.desk.controls import levers_table
    from forecast.explorer import Explorer

    return levers_table(Explorer(scenario))
