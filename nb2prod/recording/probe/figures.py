"""The matplotlib backend of a plain interpreter: it draws like Agg, and its `plt.show()` tells the tracer, as the inline backend would.

Only matplotlib itself imports this file, when it first needs a backend.
"""

from __future__ import annotations

import builtins
from typing import Any

from matplotlib.backend_bases import FigureManagerBase as FigureManager
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

__all__ = ["FigureCanvas", "FigureManager", "show"]


def show(*args: Any, **options: Any) -> None:
    """Shows every open figure and closes it."""
    builtins.get_ipython().flush_figures()  # type: ignore[attr-defined]
