"""Lines that cannot be used: listed for a person, or written to a file for a program."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer

from service.errors import UserError
from service.replay import Refusal

LISTED = 1_000


@contextmanager
def written_to(path: Path | None) -> Iterator[Callable[[Refusal], None]]:
    """Yields what to call with each refusal; one JSON object a line in the file, if there is one."""
    if path is None:
        yield lambda refusal: None
        return
    try:
        out = path.open("w", encoding="utf-8")
    except OSError as error:
        raise UserError(f"--rejects {path} cannot be written: {error.strerror}") from None
    with out:
        yield lambda refusal: print(json.dumps(refusal._asdict(), ensure_ascii=False), file=out)


class Listing:
    """Prints refusals to stderr as they come, up to a thousand."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, refusal: Refusal) -> None:
        """Print one refusal."""
        self._count += 1
        if self._count <= LISTED:
            typer.echo(f"{refusal.file}:{refusal.line}: {refusal.reason}: {refusal.detail}", err=True)
        elif self._count == LISTED + 1:
            typer.echo("… and more; --rejects FILE has them all", err=True)


def told(counts: Mapping[str, int]) -> str:
    """How many lines were refused, in words."""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()))
    return f"{Counter(counts).total():,} lines cannot be used: {reasons}"
