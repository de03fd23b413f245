"""The process that reads: told what to do on standard input, it answers line by line in JSON.

It has no secrets, no database and no network to lose, may take so much memory and no more, and is
killed when it falls silent. Lines are `{"progress": rows}`, `{"samples": count, "bytes": [...]}`,
and at the end one of `{"preview": ...}`, `{"labels": ...}`, `{"end": ...}` or `{"refused": ...}`.
After a line with `bytes` come so many bytes each of ids, texts and fields, with a NUL between two,
because JSON would cost more than reading them did. Where the plan is `settled`, the end has the
digest of all samples.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from dashboard.core.printed import printed
from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.columns import as_text
from dashboard.services.importing.looking import look, opened
from dashboard.services.importing.plan import MAX_CLASSES, MAX_ROWS, Plan, Wishes, as_json
from dashboard.services.importing.records import Row
from dashboard.services.importing.shape import Missing, Shaped, Shaper, Wrong, label_of, numbered

MEMORY = 512 << 20
_BATCH = 4_000  # rows
_BATCH_CHARS = 1 << 20
_TELL_SECONDS = 0.2


class Teller:
    """Writes answers, and says now and then how far it is."""

    def __init__(self, out: BinaryIO):
        self._out = out
        self._next = 0.0

    def say(self, *blobs: bytes, **answer: Any) -> None:
        """One line, and what comes after it."""
        line = json.dumps(answer, separators=(",", ":"))
        self._out.write(b"".join((line.encode(), b"\n", *blobs)))
        self._out.flush()

    def progress(self, rows: int) -> None:
        """How many rows have been read, a few times a second."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _TELL_SECONDS
            self.say(progress=rows)


# Labels ----------------------------------------------------------------------------------------


def labels(plan: Plan, teller: Teller) -> None:
    """Count the labels of a column."""
    found: Counter[Any] = Counter()
    rows = 0
    with opened(Path(plan.path), plan.format, (plan.label,)) as table:
        Shaper(replace(plan, text=plan.label, fields={}, id=""), table.columns)  # is it there?
        place = table.columns.index(plan.label)
        for chunk in table.chunks():
            column = () if chunk.columns is None else chunk.columns[place]
            if set(map(type, column)) == {str} and len(found) <= 3 * MAX_CLASSES:
                found.update(column)
            else:
                _count_one_by_one(chunk.rows(), place, plan, found)
            rows = chunk.numbers[-1]
            _far(rows, teller)
    told = _by_label(found, plan)
    if len(told) > MAX_CLASSES:
        _too_many(plan, None, len(told))
    teller.say(labels=dict(told), rows=rows)


def _count_one_by_one(rows: Iterable[Row], place: int, plan: Plan, found: Counter[Any]) -> None:
    """Count the labels of rows of which not all are as they should be, or have many labels."""
    for row in rows:
        if row.bad is None:
            value = row.values[place]
            found[value if type(value) is str else as_text(value)] += 1
            if len(found) > 4 * MAX_CLASSES:
                _too_many(plan, row, len(_by_label(found, plan)))
        elif not plan.skip_bad:
            raise Refused(row.bad)


def _by_label(found: Counter[Any], plan: Plan) -> Counter[str]:
    """Counts by what the labels are compared as; what cannot be one is named by the import."""
    told: Counter[str] = Counter()
    for value, count in found.items():
        try:
            label = label_of(value, plan.label)
        except Wrong:
            continue
        if label:
            told[label] += count
    return told


def _too_many(plan: Plan, row: Row | None, found: int) -> None:
    what = f"it has {found:,} different labels, and there may be {MAX_CLASSES}"
    bad = Bad(what=what, mend="check that this is the label column", column=plan.label)
    raise Refused(bad if row is None else replace(bad, row=row.number, line=row.line))


def _far(rows: int, teller: Teller) -> None:
    if rows > MAX_ROWS:
        what = f"there are more than {MAX_ROWS:,} rows"
        raise Refused(Bad(row=rows, what=what, mend="split the file"))
    teller.progress(rows)


# Rows ------------------------------------------------------------------------------------------


class _Batch:
    """Samples and bad rows on their way out."""

    def __init__(self, plan: Plan, teller: Teller):
        self.plan, self.teller = plan, teller
        self.seen = 0
        self._rows = 0
        self._sha = hashlib.sha256() if plan.settled else None
        self._clear()

    @property
    def digest(self) -> str:
        """Of all samples said, if nobody will leave one out."""
        return "" if self._sha is None else self._sha.hexdigest()

    def _clear(self) -> None:
        self.columns: tuple[list[Any], ...] = ([], [], [], [], [])
        self.blobs: tuple[list[bytes], ...] = ([], [], [])
        self.bad: list[dict[str, Any]] = []
        self.missing = 0
        self.chars = 0

    def add(self, shaped: Shaped) -> None:
        """Take some samples."""
        for column, more in zip(self.columns, shaped[:5], strict=True):
            column += more
        for blobs, blob in zip(self.blobs, shaped.blobs, strict=True):
            blobs.append(blob)
        contents = shaped.texts if self.plan.text else shaped.fields
        self.chars += sum(map(len, contents))  # type: ignore[arg-type]
        if len(self.columns[0]) >= _BATCH or self.chars >= _BATCH_CHARS:
            self.flush()

    def refuse(self, bad: Bad) -> None:
        """List a bad row, or give up."""
        if not self.plan.skip_bad:
            raise Refused(bad)
        self.bad.append(as_json(bad))
        if len(self.bad) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Say what there is."""
        numbers, ids, texts, fields, truths = self.columns
        if numbers or self.bad or self.missing:
            text = bool(self.plan.text)
            told = zip(self.blobs, (True, text, not text), strict=True)
            blobs = [b"\0".join(parts) if there else b"" for parts, there in told]
            if self._sha is not None:
                own = ids if self.plan.id else numbered(self._rows, len(ids))
                self._sha.update(printed(zip(own, texts, fields, truths, strict=True)))
                self._rows += len(ids)
            self.teller.say(
                *blobs,
                samples=len(numbers),
                bytes=[len(blob) for blob in blobs],
                numbers=numbers,
                truths=truths,
                bad=self.bad,
                missing=self.missing,
                seen=self.seen,
            )
        self._clear()


def rows(plan: Plan, teller: Teller) -> None:
    """Say all samples of a file, in order."""
    batch = _Batch(plan, teller)
    with opened(Path(plan.path), plan.format, plan.used) as table:
        shaper = Shaper(plan, table.columns)
        try:
            for chunk in table.chunks():
                shaped = shaper.all_good(chunk)
                if shaped is not None:
                    batch.seen = chunk.numbers[-1]
                    batch.add(shaped)
                else:
                    _one_by_one(chunk.rows(), shaper, batch)
                _far(batch.seen, teller)
        finally:
            batch.flush()  # a row before the one that is refused may be there twice
    teller.say(end=batch.seen, digest=batch.digest)


def _one_by_one(rows: Iterable[Row], shaper: Shaper, batch: _Batch) -> None:
    """Rows of which not all are as they should be."""
    for row in rows:
        batch.seen = row.number
        try:
            if row.bad is None:
                batch.add(shaper.one(row))
            else:
                batch.refuse(row.bad)
        except Wrong as wrong:
            batch.refuse(wrong.bad)
        except Missing:
            batch.missing += 1


# The process -----------------------------------------------------------------------------------


def limit_memory(size: int) -> None:
    """Let this process have so many bytes and no more, where the system can do that."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the others reserve more than they use
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return


def main(told: dict[str, Any], teller: Teller) -> None:
    """Do what was asked for.

    Parameters
    ----------
    told
        `do` is `preview`, `labels` or `rows`; the rest is what that needs.
    teller
        Hears the answers.

    """
    try:
        if told["do"] == "preview":
            wishes = Wishes(**told["wishes"])
            teller.say(preview=look(Path(told["path"]), told["file"], wishes))
        else:
            plan = Plan.of(told["plan"])
            (labels if told["do"] == "labels" else rows)(plan, teller)
    except Refused as refused:
        teller.say(refused=as_json(refused.bad))
    except MemoryError:
        teller.say(memory=True)


if __name__ == "__main__":
    limit_memory(MEMORY)
    main(json.load(sys.stdin), Teller(sys.stdout.buffer))
