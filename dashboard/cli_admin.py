"""The commands that look after an installation: backup, restore, and a check-up."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dashboard.services import backup as backups
from dashboard.services import doctor as checkup
from dashboard.settings import read_settings


@click.command(short_help="Write everything to one file, while people label.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE, consistently, while servers go on using it.

    It holds streams, logs and experiments; snapshots are made again from the log. With PostgreSQL
    `pg_dump` does it. FILE must not be there yet, and gets its name when it is whole and checked.
    """
    written = backups.back_up(read_settings(), file)
    noun = "experiment" if written.experiments == 1 else "experiments"
    click.echo(
        f"{file}: {written.experiments:,} {noun}, schema {written.schema}, {written.size:,} bytes"
    )


@click.command(short_help="Put a backup in the place of the database.")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put what `backup` wrote to FILE in the place of the database, which is kept aside.

    Stop the server first. FILE is checked before anything is changed, and brought forward where an
    older release wrote it; snapshots and caches go, and come back from the log.
    """
    restored = backups.restore(read_settings(), file)
    noun = "experiment" if restored.experiments == 1 else "experiments"
    click.echo(f"{restored.experiments:,} {noun} restored")
    if restored.kept is not None:
        click.echo(f"The database of before is {restored.kept}.", err=True)


@click.command(short_help="Say what is wrong with this installation, and how to mend it.")
@click.option("--quick", is_flag=True, help="Do not read the whole database.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def doctor(quick: bool, as_json: bool) -> None:
    """Check programs, settings, data folder, disk, database, jobs, caches, clock and RIVER_DATA.

    It changes nothing and may run beside the server. Exit 1 if something is wrong.
    """
    found = checkup.examine(thoroughly=not quick)
    well = all(finding.state != "bad" for finding in found)
    if as_json:
        click.echo(json.dumps({"ok": well, "findings": [f._asdict() for f in found]}))
    else:
        for finding in found:
            mend = f" {finding.mend}" if finding.mend else ""
            click.echo(f"{finding.state:<5} {finding.check}: {finding.sentence}{mend}")
    if not well:
        raise SystemExit(1)
