"""The command that makes a stream of a file, or appends one to a stream."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import click

from dashboard.errors import BadInput
from dashboard.services.container import open_services
from dashboard.services.importing.plan import (
    CATEGORY,
    KINDS,
    MISSING,
    TYPES,
    Plan,
    Preview,
    Wishes,
)
from dashboard.settings import read_settings
from dashboard.terminal import Watch


@dataclass(frozen=True, kw_only=True)
class _Typed:
    """The options of the command that say what the columns are."""

    name: str | None
    text_column: str | None
    label_column: str | None
    id_column: str | None
    field: tuple[str, ...]
    classes: str | None
    missing: str
    skip_bad_rows: bool
    append: str | None


@click.command("import", short_help="Make a stream of a file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Of the stream; its slug follows from it.")
@click.option("--text-column", help="The column with the text; found where its name says so.")
@click.option("--label-column", help="The column with known labels; without it none are known.")
@click.option("--id-column", help="The column with the samples' ids; else they are numbered.")
@click.option(
    "--field",
    multiple=True,
    metavar="NAME[=TYPE]",
    help=f"A column of a row, in place of a text; may be given again. Types: {', '.join(TYPES)}.",
)
@click.option("--classes", help="Their names in order, between commas; else those found.")
@click.option(
    "--missing",
    default=MISSING[0],
    type=click.Choice(MISSING),
    show_default=True,
    help="What to do with rows whose label is empty.",
)
@click.option("--skip-bad-rows", is_flag=True, help="Leave them out and list them.")
@click.option("--append", metavar="SLUG", help="Append the rows to this stream.")
@click.option("--format", "kind", type=click.Choice(list(KINDS)), help="If not as it looks.")
@click.option("--sheet", help="Of an XLSX file; the first one unless given.")
@click.option("--encoding", help="As Python names it, for instance cp1252.")
@click.option("--delimiter", help=r"One character; \t is a tab.")
@click.option("--quotes/--no-quotes", default=None, help="Whether cells may be in quotes.")
@click.option("--header/--no-header", default=None, help="Whether the first row names columns.")
def import_(
    file: Path,
    kind: str | None,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    quotes: bool | None,
    header: bool | None,
    **typed: object,
) -> None:
    """Make a stream of a file, or append its rows to one, and print the stream's slug.

    FILE is CSV, TSV, JSONL (all three also as .gz), Parquet, XLSX or plain text with one sample
    per line. Encoding, delimiter and header are found out where they are not given.
    """
    given = _Typed(**typed)  # type: ignore[arg-type]
    if bool(given.name) == bool(given.append):
        raise BadInput("Name the new stream with --name, or the one to append to with --append.")
    services = open_services(read_settings())
    watch = Watch()
    wishes = Wishes(
        kind=kind or "",
        encoding=encoding or "",
        delimiter="\t" if delimiter == "\\t" else delimiter or "",
        quoted=quotes,
        header=header,
        sheet=sheet or "",
    )
    preview = services.importer.preview(file, wishes=wishes)
    try:
        imported = services.importer.run(_plan(preview, file, given), watch=watch)
    finally:
        watch.end()
    if imported.stream is None:
        raise BadInput(f"The import of {file.name} was stopped; nothing of it is left.")
    for sentence in imported.listed:
        click.echo(f"Skipped: {sentence}", err=True)
    if imported.skipped > len(imported.listed):
        click.echo(f"Skipped: {imported.skipped - len(imported.listed):,} more.", err=True)
    if imported.missing:
        click.echo(f"Skipped: {imported.missing:,} rows without a label.", err=True)
    click.echo(imported.stream.slug)


def _plan(preview: Preview, path: Path, given: _Typed) -> Plan:
    """What was typed, with what was found where nothing was typed."""
    if given.text_column and given.field:
        raise BadInput("A sample is one text or some fields: give --text-column or --field.")
    text = given.text_column or ("" if given.field else preview.text)
    if not text and not given.field:
        raise BadInput(
            f"{path.name}: no column looks like a text; name one with --text-column, or some with "
            f"--field; there are {', '.join(preview.names)}."
        )
    return Plan(
        path=str(path.absolute()),
        file=path.name,
        format=preview.format,
        name=given.name or "",
        text=text,
        fields=dict(_field(preview, typed) for typed in given.field),
        id=given.id_column or "",
        label=given.label_column or "",
        classes=_names(given.classes) if given.classes else (),
        missing=given.missing,
        skip_bad=given.skip_bad_rows,
        append=given.append or "",
        estimate=preview.estimate,
    )


def _field(preview: Preview, typed: str) -> tuple[str, str]:
    types = {column.name: column.type for column in preview.columns}
    name, mark, kind = typed.rpartition("=")
    if typed not in types and mark:
        return name, kind
    return typed, types.get(typed, CATEGORY)


def _names(typed: str) -> tuple[str, ...]:
    return tuple(next(csv.reader([typed], skipinitialspace=True)))
