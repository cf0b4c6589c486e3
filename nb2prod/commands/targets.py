"""`nb2prod targets`: what a job can be scheduled with, and what each of them cannot express."""

from __future__ import annotations

import click

from nb2prod.commands.terminal import DONE, loudness
from nb2prod.show import show


@click.command(name="targets")
@loudness
def targets() -> int:
    """What a job can be scheduled with, and what each of them cannot express."""
    from nb2prod.targets import TARGETS

    click.echo("\n".join(show(target) for target in TARGETS.values()))
    return DONE
