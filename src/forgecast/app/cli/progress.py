"""Progress bars for anything that takes over two seconds; silent where nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

#: A bar that flashes up for a moment only disturbs, so it waits this long.
PATIENCE_S = 0.7


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float], None]]:
    """Yield a function that takes the done fraction (0 to 1) and draws a bar with the remaining time on stderr."""
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("<"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        # The remaining time is read off the last half minute, so a slow stretch shows at once.
        speed_estimate_period=30,
    )
    task = progress.add_task(title, total=1.0)
    begun = time.monotonic()
    shown = False

    def update(fraction: float) -> None:
        nonlocal shown
        progress.update(task, completed=min(max(fraction, 0.0), 1.0))
        if not shown and console.is_terminal and time.monotonic() - begun > PATIENCE_S:
            progress.start()
            shown = True

    try:
        yield update
    finally:
        if shown:
            progress.stop()
