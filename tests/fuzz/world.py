"""An app over a small data folder that holds something of everything, made anew again and again."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from dash import Dash
from dash._utils import AttributeDict
from flask.testing import FlaskClient
from plotly.utils import PlotlyJSONEncoder

from dashboard.app import create_app
from dashboard.core.spec import make_spec
from dashboard.security import signin
from dashboard.services.container import Services, open_services
from dashboard.services.people import Role
from dashboard.services.users import Users
from dashboard.settings import Settings, read_settings
from dashboard.storage import log, schema
from dashboard.storage.streams import Sample

PEOPLE = {"vera": Role.VIEWER, "ann": Role.ANNOTATOR, "lea": Role.LEAD}
NOBODY = "nobody"
LOCAL = "local"
PASSWORD = "correct horse"
WITNESS = "witness"  # no request is made for it
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_NO_PROCESS = f"{2**22 + 1}:0.0"  # no process has this id

_ODD = (
    "<b>bold</b> *stars* &amp;",
    "\u202eright to left",
    "=1+1",
    "😀 emoji \U0001f469\u200d\U0001f467",
    "tab\tand  spaces",
    "日本語のテキスト",
    "x" * 3_000,
    "-",
    'a,"b",c',
    "\ufeffmark",
    "null",
    "%s {0} ${x}",
)


def _texts(n: int, classes: int, *, seed: int) -> list[Sample]:
    rng = random.Random(seed)
    made = []
    for i in range(n):
        label = rng.randrange(classes)
        words = [f"w{rng.randrange(40)}" for _ in range(4)] + [
            f"{'abcde'[label]}{rng.randrange(6)}"
        ]
        made.append(Sample(f"s{i}", {"text": " ".join(words)}, label))
    return made


def _odd_texts() -> list[Sample]:
    return [Sample(f"odd {i}", {"text": f"{i} {text}"}, i % 2)
            for i, text in enumerate(_ODD * 5)]  # fmt: skip


def _rows(n: int) -> list[Sample]:
    rng = random.Random(7)
    made = []
    for i in range(n):
        label = rng.randrange(2)
        fields: dict[str, Any] = {"size": rng.gauss(label, 1), "count": rng.randrange(9),
                                  "größe <x>": "rgb"[label], "leer": None}  # fmt: skip
        made.append(Sample(f"r{i}", fields, None if i > 80 else label))
    return made


def build(services: Services) -> None:
    """Texts, rows, odd names; one that is done, archived, new; and a witness."""
    experiments = services.experiments
    texts = experiments.add_stream(
        slug="texts", title="Texts", kind="text", classes=["ant", "bee", "cat"],
        items=iter(_texts(160, 3, seed=1)), source="made up",
    )  # fmt: skip
    odd = experiments.add_stream(
        slug="odd", title="Größe <b>", kind="text", classes=["größe \"1\"", "是/否, a'b"],
        items=iter(_odd_texts()), source="made up",
    )  # fmt: skip
    rows = experiments.add_stream(
        slug="rows", title="Rows", kind="rows", classes=["no", "yes"], items=iter(_rows(120)),
        source="made up",
    )  # fmt: skip
    three = make_spec(text=True, classes=3)
    for name in ("Texts", "Witness", "Old", "New"):
        experiments.create(name, stream=texts, spec=three)
    blog = make_spec("blog", text=True, classes=2)
    experiments.create("Odd ünïcode <i> 日本", stream=odd, spec=blog)
    experiments.create("Rows", stream=rows, spec=make_spec(text=False, classes=2))
    short = experiments.add_stream(
        slug="short", title="Short", kind="text", classes=["ant", "bee"],
        items=iter(_texts(9, 2, seed=2)), source="made up",
    )  # fmt: skip
    experiments.create("Done", stream=short, spec=blog)
    for slug, count in (("texts", 14), (WITNESS, 12), ("old", 5), ("odd-unicode-i", 9),
                        ("rows", 10), ("done", 99)):  # fmt: skip
        services.runs.scan(slug)
        services.runs.oracle(slug, count=count)
        services.runs.scan(slug)
    _handle(services)
    experiments.archive("old")
    experiments.touch("texts")


def _handle(services: Services) -> None:
    """A pass, an undo, a relabel, a mark: what a log has seen after a while."""
    for slug in ("texts", "rows", WITNESS):
        for label in (1, None, 0):
            position = open_at(services, slug)
            services.labeling.answer(slug, position=position, label=label, milliseconds=900)
            services.runs.scan(slug)
        services.labeling.undo(slug)
        with services.database.read() as connection:
            answers = log.answers_in_force(connection, services.experiments.find(slug).id)
        services.labeling.correct(slug, position=answers[2][1], label=1)
        services.labeling.correct(slug, position=answers[3][1], label=None)
        services.marks.mark(slug, position=answers[0][1], flag=True, note="look <again>")


def open_at(services: Services, slug: str) -> int:
    """The first open position of an experiment; -1 where there is none."""
    with services.database.read() as connection:
        row = log.open_query(connection, services.experiments.find(slug).id)
    return -1 if row is None else int(row["position"])


class Job(NamedTuple):
    """A background callback that was dispatched, and not started."""

    name: str
    key: str
    args: Any
    context: dict[str, Any]


class World:
    """An app with its data folder.

    Parameters
    ----------
    folder
        Where everything of it is.
    guarded
        Whether people have to sign in.

    """

    def __init__(self, folder: Path, *, guarded: bool):
        self.folder, self.guarded = folder, guarded
        folder.mkdir(parents=True, exist_ok=True)
        self.kept = folder / "kept"
        self._make()
        self.settings = self._settings()
        self.app: Dash = create_app(self.settings)
        self.jobs: list[Job] = []
        self.uploads: list[str] = []
        self.handles: list[tuple[str, str]] = []
        self.trouble: list[BaseException] = []
        self._count_jobs()
        self.app.server.config["SLUICE_ALL_IDS"] = True
        self.app.server.test_client().get("/_dash-layout")
        self.app.server.config["SLUICE_ALL_IDS"] = False
        self.renew()

    def _make(self) -> None:
        services = open_services(read_settings({"SLUICE_DATA": str(self.kept)}))
        build(services)
        services.labeling.settle()
        services.labeling.snapshots.cache.close()
        services.database.close()

    def _settings(self) -> Settings:
        told = {"SLUICE_DATA": str(self.folder / "data"), "RIVER_DATA": str(self.folder / "river")}
        if not self.guarded:
            return read_settings(told)
        signin.Users.__init__.__defaults__ = (_QUICK,)  # type: ignore[misc]  # for names nobody has
        users = Users(self.folder / "users", _QUICK)
        for name, role in PEOPLE.items():
            users.add(name, role, PASSWORD)
        return read_settings({**told, "SLUICE_USERS": str(users.path)})

    @property
    def services(self) -> Services:
        """Those of the app."""
        found: Services = self.app.server.config["SLUICE"]()
        return found

    def renew(self) -> None:
        """Begin again with the data folder as it was made; receipts and keys stay."""
        lazy = self.app.server.config["SLUICE"]
        if lazy._services is not None:
            self.close()
        for path in self.settings.data.iterdir():
            if path.name not in ("jobs", "secret_key"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in self.kept.iterdir():
            if path.name not in ("jobs", "secret_key"):
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, self.settings.data / path.name)
        self.uploads, self.jobs = [], []
        self.clients = {name: self.client(name) for name in self.names}
        self.pages: dict[tuple[str, str], list[Any]] = {}

    def close(self) -> None:
        """Give back what is open."""
        lazy = self.app.server.config["SLUICE"]
        services = lazy()
        services.labeling.settle()
        services.labeling._saver.shutdown()
        services.labeling.snapshots.cache.close()
        lazy.forget()

    @property
    def names(self) -> tuple[str, ...]:
        """Who asks."""
        return (NOBODY, *PEOPLE) if self.guarded else (LOCAL,)

    def role(self, who: str) -> Role | None:
        """What somebody may; None for nobody."""
        return Role.LEAD if who == LOCAL else PEOPLE.get(who)

    def client(self, name: str) -> FlaskClient:
        """The browser of somebody who has signed in, where they have to."""
        client: FlaskClient = self.app.server.test_client()
        if name in PEOPLE:
            # From elsewhere: too many wrong attempts for a name keep only their own address out.
            answer = client.post(
                "/sign-in", data={"name": name, "password": PASSWORD},
                environ_overrides={"REMOTE_ADDR": "127.0.0.9"},
            )  # fmt: skip
            assert answer.status_code == 303
        return client

    def _count_jobs(self) -> None:
        """Take down what would be started; the handle is that of no process."""
        manager = self.app._background_manager

        def dispatch(key: str, job_fn: Any, args: Any, context: Any) -> str:
            name = next(k for k, fn in manager.func_registry.items() if fn is job_fn)
            made = json.loads(json.dumps([args, dict(context)], cls=PlotlyJSONEncoder))
            self.jobs.append(Job(name, key, *made))
            return _NO_PROCESS

        manager.call_job_fn = dispatch

    def run(self, job: Job) -> Any:
        """Do here what the job's process would do; what it left as its receipt."""
        manager = self.app._background_manager
        with self.app.server.app_context():
            progress = manager._make_progress_key(job.key)
            manager.func_registry[job.name](job.key, progress, job.args, AttributeDict(job.context))
        return manager.handle.get(job.key)

    def state(self) -> dict[str, tuple[Any, ...]]:
        """All that a request might change of an experiment, by what outlives every reset."""
        columns = schema.experiments.c
        names = ("slug", "name", "head", "position", "archived_at", "spec", "classes",
                 "guidelines", "warm_until", "note", "stream_id")  # fmt: skip
        with self.services.database.read() as connection:
            rows = connection.execute(sa.select(columns.uid, *(columns[n] for n in names))).all()
        return {row[0]: tuple(row[1:]) for row in rows}

    def streams(self) -> set[tuple[Any, ...]]:
        """Streams with their digests."""
        columns = schema.streams.c
        with self.services.database.read() as connection:
            query = sa.select(columns.slug, columns.samples, columns.fingerprint)
            return {tuple(row) for row in connection.execute(query)}

    def events(self, uid: str, after: int) -> list[dict[str, Any]]:
        """Events of an experiment behind a head."""
        with self.services.database.read() as connection:
            rows = connection.execute(
                sa.select(schema.events)
                .join(schema.experiments, schema.experiments.c.id == schema.events.c.experiment_id)
                .where(schema.experiments.c.uid == uid, schema.events.c.seq > after)
                .order_by(schema.events.c.seq)
            )
            return [dict(row) for row in rows.mappings()]
