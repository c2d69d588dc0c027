"""Tables for readers, made from the rows of summary.csv and a few frames, and the one rounding rule: two significant digits."""

from forecast.tables.beside import (
    cited,
    comparison_table,
    crosscheck_table,
    drivers_table,
    first_clause,
    ordered_sources,
    overrides_table,
)
from forecast.tables.law import law_table, part_label, split_at, waterfall_table
from forecast.tables.rows import MOST_COLUMNS, Cell, Rows, Scope, Table, central, short_title
from forecast.tables.stocks import (
    HOST_CAP,
    OWNED,
    RENTED,
    channels_table,
    countries_table,
    effect_table,
    headline_table,
    yardsticks_table,
)
from forecast.tables.words import COUNTRIES, DECISION_SHARE, WHERE, millions, percent, signed, spread, two_digits, year_end

__all__ = [
    "COUNTRIES",
    "DECISION_SHARE",
    "HOST_CAP",
    "MOST_COLUMNS",
    "OWNED",
    "RENTED",
    "WHERE",
    "Cell",
    "Rows",
    "Scope",
    "Table",
    "central",
    "channels_table",
    "cited",
    "comparison_table",
    "countries_table",
    "crosscheck_table",
    "drivers_table",
    "effect_table",
    "first_clause",
    "headline_table",
    "law_table",
    "millions",
    "ordered_sources",
    "overrides_table",
    "part_label",
    "percent",
    "short_title",
    "signed",
    "split_at",
    "spread",
    "two_digits",
    "waterfall_table",
    "yardsticks_table",
    "year_end",
]
