"""Create, reset, archive, reopen and delete experiments; bring in their streams."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection
from ulid import ULID

from dashboard.core.spec import Spec
from dashboard.errors import BadInput, Conflict, NotFound
from dashboard.services import datasets
from dashboard.services.labeling import find_experiment, now_ms, refuse_archived, stands_at
from dashboard.storage import experiments, looks, streams
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment, LabelClass
from dashboard.storage.prepared import Shelf
from dashboard.storage.snapshots import SnapshotStore
from dashboard.storage.streams import Sample, Stream

logger = logging.getLogger(__name__)

MAX_NAME = 80
MAX_GUIDELINES = 20_000


def slug_of(name: str) -> str:
    """The name in lower-case ASCII, with hyphens between words.

    Examples
    --------
    >>> slug_of("Crème brûlée: Round 2")
    'creme-brulee-round-2'

    Raises
    ------
    BadInput
        If no letter or digit is left.

    """
    if len(name) > MAX_NAME:
        raise BadInput(f"A name may have {MAX_NAME} characters; this one has {len(name)}.")
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    if not slug:
        raise BadInput(f"The name {name!r} needs a letter from a to z or a digit in it.")
    return slug


def _ignore(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


class Experiments:
    """The experiments and their streams.

    Parameters
    ----------
    database, snapshots
        The storage.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(
        self,
        database: Database,
        snapshots: SnapshotStore,
        *,
        clock: Callable[[], int] = now_ms,
    ):
        self.database = database
        self.snapshots = snapshots
        self.clock = clock

    def every(self) -> list[Experiment]:
        """All experiments, the one used last first."""
        with self.database.read() as connection:
            return experiments.every(connection)

    def to_choose(self, slug: str) -> list[tuple[str, str]]:
        """Slug and name of those a page offers: the live ones, and the one it shows."""
        live = (e for e in self.every() if e.archived_at is None or e.slug == slug)
        return [(e.slug, e.name) for e in live]

    def find(self, slug: str) -> Experiment:
        """The experiment of a slug; `NotFound` where there is none."""
        with self.database.read() as connection:
            return find_experiment(connection, slug)

    def last_used(self) -> str | None:
        """The slug of the live experiment used last, or None when there is none."""
        with self.database.read() as connection:
            return experiments.last_used(connection)

    def touch(self, slug: str) -> None:
        """Make this the experiment that `/` opens."""
        with self.database.read() as connection:
            if experiments.last_used(connection) == slug:
                return
        with self.database.write() as connection:
            found = find_experiment(connection, slug)
            experiments.change(connection, found.id, used_at=self.clock())

    def ensure_stream(self, slug: str, *, progress: datasets.Progress = _ignore) -> Stream:
        """The stored stream of a name, brought in first where it is a built-in one."""
        with self.database.read() as connection:
            found = streams.find(connection, slug)
            stored = [] if found else [stream.slug for stream in streams.every(connection)]
        if found is not None:
            return found
        source = datasets.builtin(slug, stored)
        # Samples are made before the write lock is taken: a download may take a minute.
        items = list(source.items(progress))
        with self.database.write() as connection:
            return streams.find(connection, slug) or self._store(connection, source, items)

    def streams(self) -> list[Stream]:
        """All streams to choose from that are stored, by title; built-in ones come when used."""
        with self.database.read() as connection:
            return streams.every(connection)

    def known(self, stream: Stream) -> list[tuple[dict[str, Any], int]]:
        """Fields and class of all samples of a stream whose label is known, in order."""
        with self.database.read() as connection:
            return list(streams.examples(connection, stream.id))

    def _store(
        self, connection: Connection, source: datasets.Builtin, items: list[Sample]
    ) -> Stream:
        return streams.add(
            connection,
            slug=source.slug,
            title=source.title,
            kind=source.kind,
            classes=source.classes,
            items=items,
            source=source.source,
            at=self.clock(),
        )

    def add_stream(
        self,
        *,
        slug: str,
        title: str,
        kind: str,
        classes: list[str],
        items: Iterator[Sample],
        source: str,
    ) -> Stream:
        """Store a stream of one's own."""
        with self.database.write() as connection:
            if streams.find(connection, slug) is not None:
                raise Conflict(f"There is a stream {slug!r} already; choose another name.")
            return streams.add(
                connection,
                slug=slug,
                title=title,
                kind=kind,
                classes=classes,
                items=items,
                source=source,
                at=self.clock(),
            )

    def create(
        self, name: str, *, stream: Stream, spec: Spec, warm_start: int = 0, note: str = ""
    ) -> Experiment:
        """Create an experiment that has seen nothing yet.

        Raises
        ------
        BadInput
            If the warm start is longer than the stream, or needs labels that nobody knows.
        Conflict
            If an experiment of that name exists.

        """
        slug = slug_of(name)
        if not 0 <= warm_start <= stream.samples:
            raise BadInput(
                f"The warm start has to be a whole number from 0 to {stream.samples}, the number "
                f"of samples in {stream.slug}, not {warm_start}."
            )
        if warm_start and stream.truths < stream.samples:
            raise BadInput(
                f"A warm start answers from known labels, and {stream.slug} does not know them "
                "all; use a warm start of 0."
            )
        classes = [LabelClass(c, c[:1].upper() + c[1:]) for c in stream.classes]
        with self.database.write() as connection:
            if experiments.find(connection, slug) is not None:
                raise Conflict(f"There is an experiment {slug!r} already; choose another name.")
            experiments.add(
                connection,
                uid=str(ULID()),
                slug=slug,
                name=name.strip(),
                stream_id=stream.id,
                spec=spec,
                classes=classes,
                warm_start=warm_start,
                at=self.clock(),
                note=note,
            )
            return find_experiment(connection, slug)

    def reset(self, slug: str) -> Experiment:
        """Start over under the same slug; the old log becomes an archived experiment.

        Returns
        -------
        Experiment
            The archived one.

        """
        with self.database.write() as connection:
            old = find_experiment(connection, slug)
            if old.archived_at is not None:
                raise BadInput(f"{slug} is archived; reopen it before you reset it.")
            archived = self._archive(connection, old)
            experiments.add(
                connection,
                uid=str(ULID()),
                slug=slug,
                name=old.name,
                stream_id=old.stream_id,
                spec=old.spec,
                classes=old.classes,
                warm_start=old.warm_start,
                at=self.clock(),
                note=old.note,
                guidelines=old.guidelines,
                target=old.target,
            )
            return archived

    def archive(self, slug: str) -> Experiment:
        """Put an experiment aside, under another slug; nothing of it is lost."""
        with self.database.write() as connection:
            return self._archive(connection, find_experiment(connection, slug))

    def _archive(self, connection: Connection, old: Experiment) -> Experiment:
        if old.archived_at is not None:
            return old
        now = self.clock()
        stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%d-%H%M%S")
        archived = _free_slug(connection, f"{old.slug}-archived-{stamp}")
        experiments.change(
            connection, old.id, slug=archived, archived_at=now, archived_from=old.slug
        )
        return find_experiment(connection, archived)

    def reopen(self, slug: str) -> Experiment:
        """Make an archived experiment live again, under its old slug where that is free."""
        with self.database.write() as connection:
            old = find_experiment(connection, slug)
            if old.archived_at is None:
                return old
            wanted = old.archived_from or old.slug
            free = wanted if experiments.find(connection, wanted) is None else slug
            experiments.change(
                connection,
                old.id,
                slug=free,
                archived_at=None,
                archived_from=None,
                used_at=self.clock(),
            )
            return find_experiment(connection, free)

    def rename(self, slug: str, name: str) -> Experiment:
        """Change the name that is shown; the slug, and with it every link, stays."""
        slug_of(name)
        with self.database.write() as connection:
            found = find_experiment(connection, slug)
            experiments.change(connection, found.id, name=name.strip())
            return find_experiment(connection, slug)

    def set_guidelines(self, slug: str, text: str) -> None:
        """Write down what this experiment is about, and what decides its hard cases.

        Raises
        ------
        BadInput
            If the text is too long, or the experiment is archived.

        """
        if len(text) > MAX_GUIDELINES:
            raise BadInput(
                f"The guidelines have at most {MAX_GUIDELINES:,} characters, not {len(text):,}."
            )
        with self.database.write() as connection:
            found = find_experiment(connection, slug)
            refuse_archived(found)
            experiments.change(connection, found.id, guidelines=text.strip())

    def delete(self, slug: str) -> None:
        """Delete an experiment with its log. There is no way back."""
        with self.database.write() as connection:
            found = find_experiment(connection, slug)
            keys = self.snapshots.keys(connection, found.id)
            experiments.remove(connection, found.id)
        self.snapshots.forget([*keys, looks.key_of(found.uid)])
        Shelf(self.database.settings.exports).forget(found.uid)

    def stream_of(self, experiment: Experiment) -> Stream:
        """The stream of an experiment."""
        with self.database.read() as connection:
            return streams.get(connection, experiment.stream_id)

    def cut_warm_start(self, slug: str) -> None:
        """Let a person take over where a warm start was stopped."""
        with self.database.write() as connection:
            found = find_experiment(connection, slug)
            # The open query, scanned already, is the first one for the person.
            here = stands_at(connection, found)
            if here < found.warm_until:
                experiments.change(connection, found.id, warm_until=here)


def _free_slug(connection: Connection, wanted: str) -> str:
    slug, number = wanted, 2
    while experiments.find(connection, slug) is not None:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


__all__ = ["Experiments", "NotFound", "slug_of"]
