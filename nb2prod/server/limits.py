"""How much the server may spend, set in Jupyter's own configuration.

c.Limits.running = 1   ->   Limits(config=...).running == 1
"""

from __future__ import annotations

from traitlets import Float, Int
from traitlets.config import Configurable


class Limits(Configurable):
    """Bounds on what requests may ask of the machine."""

    running = Int(2, min=1, help="How many jobs run at once; the others wait.").tag(config=True)
    waiting = Int(8, min=0, help="How many jobs may wait; more are refused.").tag(config=True)
    kept = Int(50, min=1, help="How many ended jobs are remembered.").tag(config=True)
    events = Int(5000, min=10, help="How many events of one job are kept; of more, the first ones are forgotten.").tag(config=True)
    job_seconds = Float(4 * 3600.0, help="After this a job is ended.").tag(config=True)
    analysis_seconds = Float(30.0, help="After this an analysis or a preview is given up.").tag(config=True)
    memory = Int(0, min=0, help="Bytes a job may take with all its processes (0: nine tenths of the machine's).").tag(config=True)
    notebook_bytes = Int(20 << 20, min=1024, help="How large the notebook in one request may be.").tag(config=True)
