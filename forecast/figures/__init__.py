"""One function per figure: the long table and its scope in, a Drawing out."""

from forecast.figures.drivers import input_chart, tornado_chart
from forecast.figures.flow import flow_chart
from forecast.figures.frame import CREDIT, Drawing, font_files, save, template_folder
from forecast.figures.law import status_chart
from forecast.figures.limits import fabrication_chart, memory_chart, purchase_path_chart, purchases_chart
from forecast.figures.paths import effect_chart, fan_chart
from forecast.figures.plane import plane_chart
from forecast.figures.runs import runs_chart
from forecast.figures.shares import channel_chart, vendor_chart
from forecast.figures.split import waterfall_chart
from forecast.figures.supply import supply_chart
from forecast.figures.trends import trend_chart
from forecast.figures.units import units_chart
from forecast.figures.yields import yield_chart

__all__ = [
    "CREDIT",
    "Drawing",
    "channel_chart",
    "effect_chart",
    "fabrication_chart",
    "fan_chart",
    "flow_chart",
    "font_files",
    "input_chart",
    "memory_chart",
    "plane_chart",
    "purchase_path_chart",
    "purchases_chart",
    "runs_chart",
    "save",
    "status_chart",
    "supply_chart",
    "template_folder",
    "tornado_chart",
    "trend_chart",
    "units_chart",
    "vendor_chart",
    "waterfall_chart",
    "yield_chart",
]
