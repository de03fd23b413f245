"""Streams and their samples, which never change once written; a stream may grow at its end.

A stream that is being imported is not there yet (`ready` is 0), and of one that is being appended
to only the first `samples` rows count: everything here that finds or reads keeps to that.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from dashboard.core.pipelines import TEXT
from dashboard.core.printed import printed as printed
from dashboard.storage.database import Database
from dashboard.storage.schema import samples, streams

_CHUNK = 512
_CHUNKS_KEPT = 64


class Sample(NamedTuple):
    """One item of a stream.

    Parameters
    ----------
    sample_id
        Its stable name.
    fields
        What the pipeline sees; a text is `{"text": ...}`.
    truth
        Index of its known class, or None.

    """

    sample_id: str
    fields: dict[str, Any]
    truth: int | None

    @property
    def text(self) -> str:
        """The text, or the fields one per line."""
        if TEXT in self.fields and len(self.fields) == 1:
            return str(self.fields[TEXT])
        return "\n".join(f"{name}: {value}" for name, value in self.fields.items())


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stored stream, without its samples."""

    id: int
    slug: str
    title: str
    kind: str
    classes: tuple[str, ...]
    samples: int
    truths: int
    source: str
    fingerprint: str
    # Of rows that were imported: `number`, `category`, `date` or `text`, by field.
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_text(self) -> bool:
        """Whether its samples are texts."""
        return self.kind == "text"


def stream_of(row: RowMapping | Mapping[str, Any]) -> Stream:
    """A stream from its row."""
    values = {name: row[name] for name in Stream.__dataclass_fields__}
    classes, columns = tuple(json.loads(row["classes"])), json.loads(row["columns"])
    return Stream(**{**values, "classes": classes, "columns": columns})


def find(connection: Connection, slug: str) -> Stream | None:
    """The stream of a slug, or None."""
    query = sa.select(streams).where(streams.c.slug == slug, streams.c.ready == 1)
    row = connection.execute(query).mappings().first()
    return None if row is None else stream_of(row)


def every(connection: Connection) -> list[Stream]:
    """All streams that are stored, by title."""
    query = sa.select(streams).where(streams.c.ready == 1).order_by(streams.c.title, streams.c.id)
    return [stream_of(row) for row in connection.execute(query).mappings()]


def named(row: RowMapping) -> Stream:
    """A stream from a row that has its columns beside others, as `of_stream_<name>`."""
    return stream_of({c.name: row[f"of_stream_{c.name}"] for c in streams.c})


COLUMNS = tuple(c.label(f"of_stream_{c.name}") for c in streams.c)


def get(connection: Connection, stream_id: int) -> Stream:
    """The stream of an id."""
    return stream_of(connection.execute(_BY_ID, {"b_id": stream_id}).mappings().one())


_BY_ID = sa.select(streams).where(streams.c.id == sa.bindparam("b_id"))


def add(
    connection: Connection,
    *,
    slug: str,
    title: str,
    kind: str,
    classes: Sequence[str],
    items: Iterable[Sample],
    source: str,
    at: int,
) -> Stream:
    """Store a stream with all its samples, in the transaction at hand."""
    inserted = connection.execute(
        streams.insert(),
        {
            "slug": slug,
            "title": title,
            "kind": kind,
            "classes": json.dumps(list(classes)),
            "samples": 0,
            "truths": 0,
            "source": source,
            "fingerprint": "",
            "created_at": at,
        },
    )
    stream_id: int = (inserted.inserted_primary_key or (0,))[0]
    sha, count, truths = hashlib.sha256(), 0, 0
    batch: list[dict[str, Any]] = []
    for count, item in enumerate(items, start=1):
        row = _row(stream_id, count - 1, item)
        sha.update(printed([(row["sample_id"], row["text"], row["fields"], row["truth"])]))
        truths += item.truth is not None
        batch.append(row)
        if len(batch) == 2000:
            connection.execute(samples.insert(), batch)
            batch.clear()
    if batch:
        connection.execute(samples.insert(), batch)
    connection.execute(
        streams.update().where(streams.c.id == stream_id),
        {"samples": count, "truths": truths, "fingerprint": sha.hexdigest()},
    )
    return get(connection, stream_id)


def fingerprint(connection: Connection, stream_id: int) -> str:
    """Digest of a stream's samples as they are stored now."""
    sha = hashlib.sha256()
    for rows in stored(connection, stream_id):
        sha.update(printed(rows))
    return sha.hexdigest()


def stored(connection: Connection, stream_id: int) -> Iterator[list[tuple[Any, ...]]]:
    """Id, text, fields and truth of all samples of a stream, in order, some at a time."""
    rows = connection.execute(
        sa.select(samples.c.sample_id, samples.c.text, samples.c.fields, samples.c.truth)
        .where(
            samples.c.stream_id == stream_id,
            samples.c.position < _length(stream_id),
        )
        .order_by(samples.c.position),
        execution_options={"yield_per": 5000},
    )
    for part in rows.partitions():
        yield [tuple(row) for row in part]


def examples(connection: Connection, stream_id: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Fields and class of all samples of a stream whose label is known, in order."""
    for rows in stored(connection, stream_id):
        for _, text, fields, truth in rows:
            if truth is not None:
                yield ({TEXT: text} if fields is None else json.loads(fields)), truth


def _length(stream_id: Any) -> sa.ScalarSelect[int]:
    return sa.select(streams.c.samples).where(streams.c.id == stream_id).scalar_subquery()


def _row(stream_id: int, position: int, item: Sample) -> dict[str, Any]:
    is_text = set(item.fields) == {TEXT}
    return {
        "stream_id": stream_id,
        "position": position,
        "sample_id": item.sample_id,
        "text": item.fields[TEXT] if is_text else None,
        "fields": None if is_text else json.dumps(item.fields, ensure_ascii=False),
        "truth": item.truth,
    }


def _sample(row: Iterable[Any]) -> Sample:
    sample_id, text, fields, truth = row
    told = {TEXT: text} if fields is None else json.loads(fields)
    return tuple.__new__(Sample, (sample_id, told, truth))  # a third of the time of calling it


class SampleReader:
    """Samples by position, read in chunks and kept for a while. Safe among threads.

    Parameters
    ----------
    database
        Where the samples are.

    """

    def __init__(self, database: Database):
        self.database = database
        self._chunks: OrderedDict[tuple[int, int], list[Sample]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, stream_id: int, position: int) -> Sample:
        """The sample at a position."""
        chunk, offset = divmod(position, _CHUNK)
        return self._chunk(stream_id, chunk, offset)[offset]

    def walk(self, stream_id: int, first: int, stop: int) -> Iterator[Sample]:
        """The samples from a position to before another, in order."""
        while first < stop:
            chunk, offset = divmod(first, _CHUNK)
            found = self._chunk(stream_id, chunk, offset)[offset : offset + stop - first]
            if not found:
                return
            yield from found
            first += len(found)

    def _chunk(self, stream_id: int, chunk: int, offset: int) -> list[Sample]:
        key = (stream_id, chunk)
        with self._lock:
            # A stream may still grow: its last chunk is read again for what it does not hold yet.
            if offset < len(self._chunks.get(key, ())):
                self._chunks.move_to_end(key)
                return self._chunks[key]
        loaded = self._load(stream_id, chunk)
        with self._lock:
            self._chunks[key] = loaded
            while len(self._chunks) > _CHUNKS_KEPT:
                self._chunks.popitem(last=False)
        return loaded

    def _load(self, stream_id: int, chunk: int) -> list[Sample]:
        first = chunk * _CHUNK
        with self.database.read() as connection:
            rows = connection.execute(
                _RANGE, {"b_id": stream_id, "b_first": first, "b_stop": first + _CHUNK}
            ).all()
        return [_sample(row) for row in rows]


_STREAM: sa.BindParameter[int] = sa.bindparam("b_id")
_RANGE = (
    sa.select(samples.c.sample_id, samples.c.text, samples.c.fields, samples.c.truth)
    .where(
        samples.c.stream_id == _STREAM,
        samples.c.position >= sa.bindparam("b_first"),
        samples.c.position < sa.bindparam("b_stop"),
        # Rows of an append that is not done yet may still go.
        samples.c.position < _length(_STREAM),
    )
    .order_by(samples.c.position)
)
