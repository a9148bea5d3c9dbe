"""What a run is shown by: figures for paper and screen, and a report of one file that needs no server."""

from cellview.report.errors import NoFigureError, ReportError
from cellview.report.figure import Figure, Source
from cellview.report.figures import FIGURES, figure_of, figure_svg, figures_of
from cellview.report.material import Material
from cellview.report.page.document import report_html
from cellview.report.page.traces import LIMIT_BYTES
from cellview.report.write import write_figures

__all__ = [
    "FIGURES",
    "LIMIT_BYTES",
    "Figure",
    "Material",
    "NoFigureError",
    "ReportError",
    "Source",
    "figure_of",
    "figure_svg",
    "figures_of",
    "report_html",
    "write_figures",
]
