"""The commands. Results on standard output, one sentence on standard error, exit 0, 1 or 2."""

from __future__ import annotations

import errno
import json
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import click

from dashboard import cli_admin, cli_export, cli_import, cli_users
from dashboard.core import scores
from dashboard.core.catalog import STRATEGIES
from dashboard.core.pipelines import PIPELINES
from dashboard.core.simulation import Example, simulate
from dashboard.core.spec import MAX_SEED, PRESETS, make_spec
from dashboard.errors import BadInput, SluiceError, Unavailable
from dashboard.services.container import Services, open_services
from dashboard.services.users import Users
from dashboard.services.workers import redis_place
from dashboard.settings import Settings, read_settings
from dashboard.storage.database import Database
from dashboard.storage.schema import SCHEMA_VERSION
from dashboard.terminal import Watch as _Watch

ANNOTATOR = "local"


def _services() -> Services:
    return open_services(read_settings())


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Label a stream with a model that learns while you label.

    All commands use the data folder of the server (SLUICE_DATA) and may run beside it.
    """


@commands.command()
@click.option("--host", help="Address to listen on; HOST otherwise.")
@click.option("--port", help="Port to listen on; PORT otherwise.")
def serve(host: str | None, port: str | None) -> None:
    """Serve the pages, with gunicorn."""
    changes = {"HOST": host, "PORT": port}
    environ = {**os.environ, **{k: v for k, v in changes.items() if v}}
    settings = read_settings(environ)
    if settings.users:
        Users(settings.users).require_some()
    open_services(settings).database.close()
    _check_port(settings)
    print(
        f"Sluice is at http://{settings.host}:{settings.port} (data in {settings.data}).",
        flush=True,
    )
    os.execve(sys.executable, _gunicorn(settings), environ)


def _gunicorn(settings: Settings) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "dashboard.app:server",
        "--bind",
        f"{settings.host}:{settings.port}",
        "--workers",
        str(settings.workers),
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--timeout",
        "120",
        "--keep-alive",
        "30",  # a person thinks between two presses
        "--graceful-timeout",
        "5",
        "--preload",  # a worker that died is back in no time; nothing is opened before the fork
        "--no-control-socket",  # it would be made in the home folder
        "--log-level",
        "warning",
        "--config",
        "python:dashboard.gunicorn_hooks",
    ]


@commands.command()
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1, 64),
              help="How many jobs at once.")  # fmt: skip
def worker(concurrency: int) -> None:
    """Do the work in the background for servers with the same REDIS_URL and DATABASE_URL."""
    settings = read_settings()
    if settings.redis_url is None:
        raise BadInput(
            "REDIS_URL is not set, so the server does its background work itself; set it for "
            "server and worker alike, as in redis://127.0.0.1:6379/0."
        )
    services = open_services(settings)
    services.workers.found()  # or a sentence
    services.database.close()
    print(f"Working for {redis_place(settings)} (data in {settings.data}).", flush=True)
    os.execve(sys.executable, _celery(concurrency), dict(os.environ))


def _celery(concurrency: int) -> list[str]:
    return [
        sys.executable, "-m", "celery", "--app", "dashboard.worker:celery", "--quiet", "worker",
        "--pool", "prefork",  # threads cannot be ended
        "--concurrency", str(concurrency),
        "--hostname", f"sluice-{os.getpid()}@%h",  # one of several on this machine
        "--without-gossip", "--without-mingle",
        "--loglevel", "WARNING",
    ]  # fmt: skip


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Unavailable(
                    f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}); "
                    "choose others with HOST and PORT."
                ) from error
            raise Unavailable(
                f"Port {settings.port} is in use; stop what listens there, or choose another "
                "with PORT."
            ) from error


@commands.group()
def experiments() -> None:
    """List, create, reset, delete and bring in experiments."""


@experiments.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_(as_json: bool) -> None:
    """List all experiments, the one used last first."""
    services = _services()
    rows = [_experiment_row(services, e.slug) for e in services.experiments.every()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    columns = ("slug", "state", "predictions", "labels", "accuracy", "name")
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(str(row[c]) if row[c] is not None else "" for c in columns))


def _experiment_row(services: Services, slug: str) -> dict[str, Any]:
    view = services.views.view(slug)
    counters = view["counters"]
    state = "archived" if view["archived"] else view["state"]
    return {
        "slug": slug,
        "name": view["name"],
        "state": state,
        "predictions": counters["predictions"],
        "labels": counters["labels"],
        "accuracy": counters["accuracy"],
    }


_RECIPE = (
    click.option("--preset", default="recommended", type=click.Choice(PRESETS), show_default=True),
    click.option("--seed", default=42, show_default=True, help=f"0 to {MAX_SEED}."),
    click.option("--pipeline", type=click.Choice(list(PIPELINES)), metavar="NAME",
                 help=f"Instead of the preset's; one of {', '.join(PIPELINES)}."),
    click.option("--strategy", type=click.Choice(list(STRATEGIES)), metavar="NAME",
                 help=f"Instead of the preset's; one of {', '.join(STRATEGIES)}."),
    click.option("--discount-factor", type=float, help="Makes the strategy plain entropy."),
    click.option("--margin", type=float, help="Makes the strategy the margin coin."),
    click.option("--budget", type=float, help="Share of samples to ask about."),
    click.option("--floor", type=float, help="Least query probability of any sample."),
)  # fmt: skip


def _recipe(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a recipe: each is an argument of `make_spec`."""
    for option in reversed(_RECIPE):
        command = option(command)
    return command


@experiments.command()
@click.argument("name")
@click.option("--stream", required=True, help="A built-in or imported stream.")
@click.option("--warm-start", default=0, show_default=True, help="Samples answered from truth.")
@_recipe
def create(name: str, stream: str, warm_start: int, **recipe: Any) -> None:
    """Create an experiment, warm it up and print its slug."""
    services = _services()
    watch = _Watch()
    found = services.experiments.ensure_stream(
        stream, progress=lambda done, total: watch(done, total, "Downloading")
    )
    spec = make_spec(
        text=found.is_text, classes=len(found.classes), columns=found.columns, **recipe
    )
    made = services.experiments.create(name, stream=found, spec=spec, warm_start=warm_start)
    services.runs.warm_start(made.slug, watch=watch)
    services.labeling.settle()
    watch.end()
    click.echo(made.slug)


@experiments.command()
@click.argument("slug")
def reset(slug: str) -> None:
    """Start over; the old log is kept as an archived experiment."""
    services = _services()
    archived = services.experiments.reset(slug)
    services.runs.warm_start(slug)
    services.labeling.settle()
    click.echo(f"{slug} starts over; the old log is {archived.slug}.")


@experiments.command()
@click.argument("slug")
def delete(slug: str) -> None:
    """Delete an experiment with its log, for good."""
    _services().experiments.delete(slug)
    click.echo(f"{slug} is deleted.")


@commands.command()
@click.argument("slug")
@click.option("--oracle", is_flag=True, required=True, help="Answer with the known truth.")
@click.option("--count", type=click.IntRange(min=1), help="How many answers; all unless given.")
def label(slug: str, oracle: bool, count: int | None) -> None:
    """Answer queries with the known truth, through the same service as the page."""
    services = _services()
    watch = _Watch()
    given = services.runs.oracle(slug, count=count, annotator=ANNOTATOR, watch=watch)
    services.labeling.settle()
    watch.end()
    click.echo(f"{given} labels")


@commands.command()
@click.argument("slug")
def verify(slug: str) -> None:
    """Replay the log from nothing and compare it with what is stored."""
    verdict = _services().verification.verify(slug)
    if verdict.difference:
        click.echo(verdict.difference, err=True)
        raise SystemExit(1)
    click.echo(verdict.fingerprint)


@commands.command()
def migrate() -> None:
    """Bring the database to the schema of this release, or create it.

    With SQLite every start does so by itself. With PostgreSQL run this once before a new release
    starts; several at once, or one too many, do no harm.
    """
    database = Database(read_settings(), forward=True)
    database.close()
    was = {0: "was empty", SCHEMA_VERSION: "had it already"}
    click.echo(f"schema {SCHEMA_VERSION} ({was.get(database.found, f'was {database.found}')})")


@commands.command("simulate")
@click.option("--stream", required=True, help="A built-in or imported stream.")
@_recipe
@click.option("--shuffle", type=click.IntRange(min=0), help="Shuffle the stream with this seed.")
@click.option("--holdout", default=0.0, help="Share kept for evaluation, at the end.")
@click.option("--limit", type=click.IntRange(min=1), help="Use the first samples only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def simulate_(
    stream: str,
    shuffle: int | None,
    holdout: float,
    limit: int | None,
    as_json: bool,
    **recipe: Any,
) -> None:
    """Run a whole stream with an oracle, in memory; nothing is stored."""
    examples, kind = _examples(stream)
    classes = kind["classes"]
    if shuffle is not None:
        random.Random(shuffle).shuffle(examples)
    spec = make_spec(**kind, **recipe)
    began = time.perf_counter()
    outcome = simulate(examples[:limit], spec, n_classes=classes, holdout=holdout)
    seconds = time.perf_counter() - began
    result = {
        "samples": outcome.samples,
        "labels": outcome.labels,
        "accuracy": scores.accuracy(outcome.confusion),
        "f1": scores.f1(outcome.confusion, n_classes=classes),
        "seconds": seconds,
        "samples_per_second": outcome.samples / seconds,
    }
    if outcome.holdout:
        result["holdout_accuracy"] = scores.accuracy(outcome.holdout)
        result["holdout_f1"] = scores.f1(outcome.holdout, n_classes=classes)
    if as_json:
        click.echo(json.dumps(result))
    else:
        for name, value in result.items():
            click.echo(f"{name}\t{value}")


def _examples(stream: str) -> tuple[list[Example], dict[str, Any]]:
    """Samples with known labels, in memory, and what `make_spec` has to know of them."""
    from dashboard.services import datasets

    if stream not in datasets.BUILTINS:
        experiments = _services().experiments
        found = experiments.ensure_stream(stream)
        known = experiments.known(found)
        if not known:
            raise BadInput(f"Nobody knows the labels of {stream}; a simulation needs them.")
        kind = {"text": found.is_text, "classes": len(found.classes), "columns": found.columns}
        return known, kind
    source = datasets.builtin(stream)
    items = source.items(lambda _done, _total: None)
    examples = [(s.fields, s.truth) for s in items if s.truth is not None]
    return examples, {"text": source.kind == "text", "classes": len(source.classes)}


commands.add_command(cli_admin.backup)
commands.add_command(cli_users.users)
commands.add_command(cli_admin.restore)
commands.add_command(cli_admin.doctor)
commands.add_command(cli_import.import_)
commands.add_command(cli_export.export)
experiments.add_command(cli_export.import_)


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code.

    Parameters
    ----------
    arguments
        Words of the command line, without the program's name.

    """
    try:
        commands.main(args=list(arguments), prog_name="python -m dashboard", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        click.echo(_one_line(error.format_message()), err=True)
        return 2
    except click.Abort:
        return 130
    except SluiceError as error:
        click.echo(_one_line(str(error)), err=True)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def _one_line(text: str) -> str:
    return " ".join(text.split())
