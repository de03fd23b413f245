"""The commands that take something along: logs, data set, model, a whole experiment; and back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from dashboard.errors import BadInput, Unavailable
from dashboard.services.container import Services, open_services
from dashboard.services.downloads import FORMATS, WHATS
from dashboard.settings import read_settings
from dashboard.terminal import Watch

DATASET, MODEL, EXPERIMENT = "dataset", "model", "experiment"


@click.command(short_help="Write a log, the labeled data set, the model or all of it.")
@click.argument("slug")
@click.argument("what", type=click.Choice([*WHATS, DATASET, MODEL, EXPERIMENT]))
@click.option("--format", "fmt", type=click.Choice(FORMATS), help="Of a table; csv unless given.")
@click.option("--raw", is_flag=True, help="Do not defuse spreadsheet formulas in CSV.")
@click.option("--history", is_flag=True, help="Labels: also what was undone or changed.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
def export(
    slug: str, what: str, fmt: str | None, raw: bool, history: bool, output: Path | None
) -> None:
    """Write something of an experiment to standard output or to a file.

    `labels` and `predictions` are the logs. `dataset` is the whole stream with its labels, those
    of the model where nobody gave one. `model` is a zip file with the pickled River pipeline;
    `experiment` is one with everything, for `experiments import`.
    """
    watch = Watch()
    services = open_services(read_settings())
    chunks = _chunks(services, slug, what, fmt, raw=raw, history=history, watch=watch)
    if output is None:
        if what in (MODEL, EXPERIMENT) and sys.stdout.isatty():
            raise BadInput("A zip file is nothing to read; say with -o where to write it.")
        _write(chunks, sys.stdout.buffer)
        watch.end()
        return
    # Beside the target and renamed at the end: a file is whole, or it is not there.
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("wb") as file:
            _write(chunks, file)
        part.replace(output)
    except OSError as error:
        raise Unavailable(f"{output} cannot be written ({error.strerror}).") from error
    finally:
        watch.end()
        part.unlink(missing_ok=True)


def _chunks(
    services: Services,
    slug: str,
    what: str,
    fmt: str | None,
    *,
    raw: bool,
    history: bool,
    watch: Watch,
) -> Iterator[bytes]:
    if what in WHATS:
        return services.downloads.stream(slug, what, fmt or "csv", raw=raw, history=history)
    if history:
        raise BadInput("Only labels have a history; ask for it without.")
    if what == DATASET:
        return services.completion.stream(slug, fmt or "csv", raw=raw, watch=watch)
    if fmt is not None or raw:
        raise BadInput(f"The {what} comes as a zip file; leave --format and --raw out.")
    if what == MODEL:
        return services.model_export.stream(slug)
    return services.transfer.stream(slug)


def _write(chunks: Iterator[bytes], file: BinaryIO) -> None:
    for chunk in chunks:
        file.write(chunk)
    file.flush()


@click.command("import", short_help="Bring an experiment in from a file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="What to call it; its own name unless given.")
def import_(file: Path, name: str | None) -> None:
    """Bring in an experiment that `export SLUG experiment` wrote, here or elsewhere.

    Prints its slug. The log is taken as it is; `verify` says whether it replays here, too.
    """
    watch = Watch()
    try:
        brought = open_services(read_settings()).transfer.bring_in(file, name=name, watch=watch)
    finally:
        watch.end()
    if brought is not None:
        click.echo(brought.experiment.slug)
        if brought.notice:
            click.echo(brought.notice, err=True)
