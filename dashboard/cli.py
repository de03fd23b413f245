"""The commands. Results on standard output, one sentence on standard error, exit 0, 1 or 2."""

from __future__ import annotations

import errno
import json
import os
import random
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click

from dashboard.core import scores
from dashboard.core.simulation import Example, simulate
from dashboard.core.spec import MAX_SEED, PRESETS, STRATEGIES, make_spec
from dashboard.errors import SluiceError, Unavailable
from dashboard.services.container import Services, open_services
from dashboard.settings import Settings, read_settings

ANNOTATOR = "local"


class _Watch:
    """Progress on standard error, where a person is looking."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int, sentence: str) -> bool:
        if self.shown:
            of = f" of {total:,}" if total else ""
            print(f"\r{sentence}: {done:,}{of}    ", end="", file=sys.stderr, flush=True)
        return True

    def end(self) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr)


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
    """List, create, reset and delete experiments."""


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


@experiments.command()
@click.argument("name")
@click.option("--stream", required=True, help="A built-in or imported stream.")
@click.option("--preset", default="recommended", type=click.Choice(PRESETS), show_default=True)
@click.option("--seed", default=42, show_default=True, help=f"0 to {MAX_SEED}.")
@click.option("--warm-start", default=0, show_default=True, help="Samples answered from truth.")
@click.option("--strategy", type=click.Choice(STRATEGIES))
@click.option("--discount-factor", type=float, help="Makes the strategy plain entropy.")
@click.option("--budget", type=float, help="Share of samples to ask about.")
@click.option("--floor", type=float, help="Least query probability of any sample.")
def create(
    name: str,
    stream: str,
    preset: str,
    seed: int,
    warm_start: int,
    strategy: str | None,
    discount_factor: float | None,
    budget: float | None,
    floor: float | None,
) -> None:
    """Create an experiment, warm it up and print its slug."""
    services = _services()
    watch = _Watch()
    found = services.experiments.ensure_stream(
        stream, progress=lambda done, total: watch(done, total, "Downloading")
    )
    spec = make_spec(
        preset,
        text=found.is_text,
        classes=len(found.classes),
        seed=seed,
        strategy=strategy,
        discount_factor=discount_factor,
        budget=budget,
        floor=floor,
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
@click.argument("what", type=click.Choice(["labels", "predictions"]))
@click.option("--format", "fmt", default="csv", type=click.Choice(["csv", "jsonl", "parquet"]))
@click.option("--raw", is_flag=True, help="Do not defuse spreadsheet formulas in CSV.")
@click.option("--history", is_flag=True, help="Labels: also what was undone or changed.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
def export(slug: str, what: str, fmt: str, raw: bool, history: bool, output: Path | None) -> None:
    """Write a log to standard output or to a file."""
    chunks = _services().downloads.stream(slug, what, fmt, raw=raw, history=history)
    if output is None:
        _write(chunks, sys.stdout.buffer)
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
        part.unlink(missing_ok=True)


def _write(chunks: Iterator[bytes], file: BinaryIO) -> None:
    for chunk in chunks:
        file.write(chunk)
    file.flush()


@commands.command()
@click.argument("slug")
def verify(slug: str) -> None:
    """Replay the log from nothing and compare it with what is stored."""
    verdict = _services().verification.verify(slug)
    if verdict.difference:
        click.echo(verdict.difference, err=True)
        raise SystemExit(1)
    click.echo(verdict.fingerprint)


@commands.command("simulate")
@click.option("--stream", required=True, help="A built-in or imported stream.")
@click.option("--preset", default="recommended", type=click.Choice(PRESETS), show_default=True)
@click.option("--seed", default=42, show_default=True)
@click.option("--strategy", type=click.Choice(STRATEGIES))
@click.option("--discount-factor", type=float, help="Makes the strategy plain entropy.")
@click.option("--budget", type=float)
@click.option("--floor", type=float)
@click.option("--shuffle", type=click.IntRange(min=0), help="Shuffle the stream with this seed.")
@click.option("--holdout", default=0.0, help="Share kept for evaluation, at the end.")
@click.option("--limit", type=click.IntRange(min=1), help="Use the first samples only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def simulate_(
    stream: str,
    preset: str,
    seed: int,
    strategy: str | None,
    discount_factor: float | None,
    budget: float | None,
    floor: float | None,
    shuffle: int | None,
    holdout: float,
    limit: int | None,
    as_json: bool,
) -> None:
    """Run a whole stream with an oracle, in memory; nothing is stored."""
    examples, classes, is_text = _examples(stream)
    if shuffle is not None:
        random.Random(shuffle).shuffle(examples)
    spec = make_spec(
        preset,
        text=is_text,
        classes=classes,
        seed=seed,
        strategy=strategy,
        discount_factor=discount_factor,
        budget=budget,
        floor=floor,
    )
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


def _examples(stream: str) -> tuple[list[Example], int, bool]:
    """Samples with known labels, in memory: nothing of a simulation is stored."""
    from dashboard.services import datasets

    source = datasets.builtin(stream)
    items = source.items(lambda _done, _total: None)
    examples = [(s.fields, s.truth) for s in items if s.truth is not None]
    return examples, len(source.classes), source.kind == "text"


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
