"""What all tests share: settings of their own, services over them, and streams with known truth."""

from __future__ import annotations

import itertools
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from river import datasets

from dashboard.core.spec import Spec, make_spec
from dashboard.services import labeling
from dashboard.services.container import Services, open_services
from dashboard.settings import Settings, read_settings
from dashboard.storage import log, streams
from dashboard.storage.database import Database
from dashboard.storage.streams import Sample, Stream
from tests import postgres
from tests.servers import needed

ROOT = Path(__file__).resolve().parent.parent
STEMS = ("win", "see", "pay", "fly", "dig")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest go first, so that no worker is left with one at the end."""
    marks = ("slow", "browser")
    long = {item.path for item in items if any(map(item.get_closest_marker, marks))}
    items.sort(key=lambda item: item.path not in long)


def _texts(n: int, *, classes: int = 2, seed: int = 0) -> list[tuple[str, int]]:
    rng = random.Random(seed)
    return [_text(rng, classes) for _ in range(n)]


def _text(rng: random.Random, classes: int) -> tuple[str, int]:
    """A few words, a third of them telling: hard enough that a sampler asks and skips."""
    label = rng.randrange(classes) if rng.random() < 0.5 else 0
    words = []
    for _ in range(rng.randint(4, 9)):
        u = rng.random()
        stem = STEMS[label] if u < 0.3 else STEMS[rng.randrange(classes)] if u < 0.4 else "word"
        words.append(stem + chr(97 + rng.randrange(26 if stem == "word" else 12)))
    if rng.random() < 0.3:
        words.append(str(rng.randrange(10 ** rng.randint(1, 5))))
    return " ".join(words) + rng.choice((".", "!", "?", "")), label


def _rows(n: int, *, classes: int = 2, seed: int = 0) -> list[tuple[dict[str, Any], int]]:
    rng = random.Random(seed)
    rows = []
    for _ in range(n):
        label = rng.randrange(classes)
        color = rng.choice("rgb") if rng.random() < 0.5 else "rgb"[label % 3]
        x = {"size": rng.gauss(label, 1.0), "count": rng.randrange(9), "color": color}
        rows.append((x, label))
    return rows


@pytest.fixture(scope="session")
def make_texts() -> Callable[..., list[tuple[str, int]]]:
    """`make_texts(n, classes=2, seed=0)`: made-up texts with the index of their class."""
    return _texts


@pytest.fixture(scope="session")
def make_rows() -> Callable[..., list[tuple[dict[str, Any], int]]]:
    """`make_rows(n, classes=2, seed=0)`: made-up rows of fields with the index of their class."""
    return _rows


@pytest.fixture(scope="session")
def make_examples() -> Callable[..., list[tuple[dict[str, Any], int]]]:
    """`make_examples(n, text=True, classes=2, seed=0)`: what a pipeline of that kind sees."""

    def make(
        n: int, *, text: bool = True, classes: int = 2, seed: int = 0
    ) -> list[tuple[dict[str, Any], int]]:
        if text:
            return [({"text": t}, y) for t, y in _texts(n, classes=classes, seed=seed)]
        return _rows(n, classes=classes, seed=seed)

    return make


SQLITE, POSTGRESQL = "sqlite", "postgresql"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `both` on PostgreSQL, too; with SLUICE_TEST_DATABASE, on that alone."""
    marked = metafunc.definition.get_closest_marker("both")
    if marked and "settings" in metafunc.fixturenames and not os.environ.get(_CHOICE):
        metafunc.parametrize("engine", (SQLITE, POSTGRESQL), indirect=True)


_CHOICE = "SLUICE_TEST_DATABASE"


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`: where `settings` has its database."""
    chosen: str = getattr(request, "param", None) or os.environ.get(_CHOICE) or SQLITE
    assert chosen in (SQLITE, POSTGRESQL), f"{_CHOICE} is {chosen}; there are sqlite and postgresql"
    if chosen == POSTGRESQL and request.node.get_closest_marker("sqlite"):
        pytest.skip("looks into the file of SQLite")
    return chosen


@pytest.fixture(scope="session")
def postgres_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[postgres.PostgresServer]:
    """A server with a database `made`, which has the tables of this release and nothing in them."""
    needed(postgres.programs(), postgres.WITHOUT)
    server = postgres.PostgresServer()
    try:
        server.start()
        folder = tmp_path_factory.mktemp("made")
        told = {"SLUICE_DATA": str(folder), "DATABASE_URL": server.new_database("made")}
        Database(read_settings(told), forward=True).close()
        yield server
    finally:
        server.remove()


_numbers = itertools.count(1)


@pytest.fixture
def settings(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Settings:
    """Settings of a data folder that is not there yet; the process's environment plays no part."""
    told = {"SLUICE_DATA": str(tmp_path / "data")}
    if engine == POSTGRESQL:
        server = request.getfixturevalue("postgres_server")
        told["DATABASE_URL"] = server.new_database(f"sluice{next(_numbers)}", template="made")
    return read_settings(told)


@pytest.fixture
def open_more(settings: Settings) -> Iterator[Callable[..., Services]]:
    """`open_more()`: services as another process, or the next one, would open them."""
    opened: list[Services] = []

    def more(other: Settings = settings) -> Services:
        opened.append(open_services(other))
        return opened[-1]

    yield more
    for services in opened:
        services.lines.settle()
        services.labeling.settle()
        services.database.close()


@pytest.fixture
def services(open_more: Callable[..., Services]) -> Services:
    """All services over a data folder of this test's own."""
    return open_more()


@pytest.fixture(scope="session")
def make_stream() -> Callable[..., Stream]:
    """`make_stream(services, n=120, text=True, classes=2, seed=0, truth=True)`: stores a stream."""

    def store(
        services: Services,
        *,
        slug: str = "made-up",
        n: int = 120,
        text: bool = True,
        classes: int = 2,
        seed: int = 0,
        truth: bool = True,
    ) -> Stream:
        if text:
            made = [({"text": t}, y) for t, y in _texts(n, classes=classes, seed=seed)]
        else:
            made = _rows(n, classes=classes, seed=seed)
        return services.experiments.add_stream(
            slug=slug,
            title=slug.title(),
            kind="text" if text else "rows",
            classes=list(STEMS[:classes]),
            items=(Sample(f"s{i}", x, y if truth else None) for i, (x, y) in enumerate(made)),
            source="made up by the tests",
        )

    return store


@pytest.fixture(scope="session")
def make_experiment(make_stream: Callable[..., Stream]) -> Callable[..., str]:
    """`make_experiment(services, "name", preset="blog", n=..., **spec)`: its slug.

    Experiments with equal `n`, `classes`, `text` and `stream_seed` share a stream.
    """

    def create(
        services: Services,
        name: str = "made",
        *,
        preset: str = "blog",
        n: int = 120,
        text: bool = True,
        classes: int = 2,
        stream_seed: int = 0,
        warm_start: int = 0,
        spec: Spec | None = None,
        **choices: Any,
    ) -> str:
        slug = f"made-{n}-{classes}-{'text' if text else 'rows'}-{stream_seed}"
        made = {"n": n, "text": text, "classes": classes, "seed": stream_seed}
        with services.database.read() as connection:
            stream = streams.find(connection, slug)
        stream = stream or make_stream(services, slug=slug, **made)
        if spec is None:
            spec = make_spec(preset, text=text, classes=classes, **choices)
        return services.experiments.create(
            name, stream=stream, spec=spec, warm_start=warm_start
        ).slug

    return create


@pytest.fixture(scope="session")
def next_query() -> Callable[[Services, str], int | None]:
    """`next_query(services, slug)`: scans on where needed; the open position, None at the end."""

    def find(services: Services, slug: str) -> int | None:
        services.runs.scan(slug)
        with services.database.read() as connection:
            experiment = services.experiments.find(slug)
            row = log.open_query(connection, experiment.id)
        return None if row is None else row["position"]

    return find


@pytest.fixture(scope="session")
def kept_data(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`kept_data(name, build)`: the data folder that `build(services)` left, made once."""
    made: dict[str, Path] = {}

    def keep(name: str, build: Callable[[Services], object]) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            known = {key: os.environ[key] for key in ("RIVER_DATA",) if key in os.environ}
            services = open_services(read_settings({**known, "SLUICE_DATA": str(made[name])}))
            build(services)
            services.labeling.settle()
            services.labeling.snapshots.cache.close()
            services.database.close()  # the last to close it folds the WAL into the file
        return made[name]

    return keep


@pytest.fixture(scope="session")
def kept_postgres() -> dict[str, Path]:
    """The data folders that belong to the databases that are kept, by their name."""
    return {}


@pytest.fixture
def start_from(
    engine: str, settings: Settings, request: pytest.FixtureRequest, kept_data: Callable[..., Path]
) -> Callable[..., None]:
    """`start_from(name, build)`: `settings` lead to a copy of what `build(services)` left once."""

    def start(name: str, build: Callable[[Services], object]) -> None:
        if engine == SQLITE:
            shutil.copytree(kept_data(name, build), settings.data)
            return
        server, kept = (request.getfixturevalue(f) for f in ("postgres_server", "kept_postgres"))
        if name not in kept:
            folder = request.getfixturevalue("tmp_path_factory").mktemp(name)
            url = server.new_database(name, template="made")
            services = open_services(
                read_settings({"SLUICE_DATA": str(folder), "DATABASE_URL": url})
            )
            build(services)
            services.labeling.settle()
            services.labeling.snapshots.cache.close()
            services.database.close()
            kept[name] = folder
        shutil.copytree(kept[name], settings.data)
        server.new_database(settings.database_url.rpartition("/")[2], template=name, anew=True)

    return start


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer scan on until the next query, however slow the machine is."""
    monkeypatch.setattr(labeling, "SCAN_SECONDS", 3600.0)


@pytest.fixture(scope="session")
def river_data() -> Path:
    """The folder in which River finds SMSSpam; skips where nobody has it."""
    named = os.environ.get("RIVER_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "river_data"
    file = folder / "SMSSpam" / "SMSSpamCollection"
    if not file.is_file() or file.stat().st_size != 477_907:
        pytest.skip(f"SMSSpam is not in {folder}: set RIVER_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def sms(river_data: Path) -> list[tuple[dict[str, str], bool]]:
    """River's SMS Spam Collection as River yields it: `{"body": ...}` and whether it is spam."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVER_DATA", str(river_data))
        return list(datasets.SMSSpam())


@pytest.fixture(scope="session")
def sms_examples(sms: list[tuple[dict[str, str], bool]]) -> list[tuple[dict[str, str], int]]:
    """The same as Sluice's own stream has it."""
    return [({"text": x["body"].strip("\r\n")}, int(y)) for x, y in sms]
