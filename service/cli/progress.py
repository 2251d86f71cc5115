"""Progress bars: on stderr, and only when somebody is looking."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextmanager
def progress_over(files: Sequence[str], what: str) -> Iterator[Callable[[str, int], None] | None]:
    """Over the bytes of files: yields what to call with a file and how many of its bytes are done; None when
    nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    sizes = [os.path.getsize(file) if os.path.isfile(file) else 0 for file in files]  # noqa: PTH113, PTH202
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=sum(sizes) or None)
        done = dict.fromkeys(files, 0)

        def advance(file: str, position: int) -> None:
            bar.advance(task, position - done[file])
            done[file] = position

        yield advance


@contextmanager
def progress_of(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Yields what to call with how much is done, of how much; None when nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
