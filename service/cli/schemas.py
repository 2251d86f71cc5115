"""`subpulse schemas`: the event contract as documents, written out or compared with what was written."""

from pathlib import Path
from typing import Annotated

import typer

from schemas.documents import EXPORTED, documents
from service.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""The event contract as JSON Schema (2020-12), one file per topic, and as an AsyncAPI 3 document.

    Give them to whoever produces events. The models in `schemas/` are the source; the documents follow.
    """,
)

Directory = Annotated[
    Path,
    typer.Option(
        "--directory",
        "-d",
        metavar="DIR",
        file_okay=False,
        show_default="schemas/exported of this installation",
        help="Where the documents are.",
    ),
]


@app.command()
def export(directory: Directory = EXPORTED) -> None:
    """Write the documents, replacing those that are there."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        path = directory / name
        path.write_text(content, encoding="utf-8")
        typer.echo(f"wrote {path}")


@app.command()
def check(directory: Directory = EXPORTED) -> None:
    """Compare the documents with the models; exit code 1 if one differs, is missing or is too many."""
    expected = documents()
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.json"))}
    differing = sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )
    if differing:
        raise UserError(
            f"{directory}: {', '.join(differing)}: not what the models say; "
            "write the documents anew with `subpulse schemas export`"
        )
    typer.echo(f"{directory}: {len(expected)} documents agree with the models")
