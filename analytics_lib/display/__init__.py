"""Floor 5: small tables and estimates in, charts, tiles, tables and sentences out.

What this room shows opens offline, runs no script and loads nothing. Importing
it is cheap: the drawing library starts when the first chart is drawn.
"""

from analytics_lib.display.bars import bar
from analytics_lib.display.cohorts import cohort_heatmap
from analytics_lib.display.figures import Canvas, Figure, figure
from analytics_lib.display.kpis import Tile, Tiles, tiles
from analytics_lib.display.labels import in_words
from analytics_lib.display.lines import line_with_interval
from analytics_lib.display.notes import Answer, Definitions, Note, answer, definitions, note
from analytics_lib.display.numerals import (
    count,
    date_words,
    interval,
    number,
    percent,
    percentage_points,
    plural,
    quantity,
)
from analytics_lib.display.protection import ProtectedSums, protected_sums
from analytics_lib.display.rulings import rulings
from analytics_lib.display.shown import MIME, Shown
from analytics_lib.display.styling import stylesheet, use_in_notebook
from analytics_lib.display.tables import Column, Table, table
from analytics_lib.display.tile_changes import change_words
from analytics_lib.display.wording import (
    describe_change,
    describe_largest,
    describe_range,
    describe_share,
    describe_trend,
    describe_value,
    list_in_words,
    sentence,
    share_in_words,
)

__all__ = [
    "MIME",
    "Answer",
    "Canvas",
    "Column",
    "Definitions",
    "Figure",
    "Note",
    "ProtectedSums",
    "Shown",
    "Table",
    "Tile",
    "Tiles",
    "answer",
    "bar",
    "change_words",
    "cohort_heatmap",
    "count",
    "date_words",
    "definitions",
    "describe_change",
    "describe_largest",
    "describe_range",
    "describe_share",
    "describe_trend",
    "describe_value",
    "figure",
    "in_words",
    "interval",
    "line_with_interval",
    "list_in_words",
    "note",
    "number",
    "percent",
    "percentage_points",
    "plural",
    "protected_sums",
    "quantity",
    "rulings",
    "sentence",
    "share_in_words",
    "stylesheet",
    "table",
    "tiles",
    "use_in_notebook",
]
