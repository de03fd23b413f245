"""A row becomes a sample, or a sentence about what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.columns import as_text, typed
from dashboard.services.importing.lines import ENCODING
from dashboard.services.importing.plan import MAX_CELL, MAX_CLASS, MAX_ID, Plan
from dashboard.services.importing.records import Chunk, Row


class Shaped(NamedTuple):
    """Samples, by column.

    Parameters
    ----------
    numbers
        Of their rows.
    ids
        Their own, or empty ones.
    texts, fields
        One of both; the other is None for all. Fields are JSON.
    truths
        Indices of their classes, or None.
    blobs
        Ids, texts and fields once more, each `joined`.

    """

    numbers: Sequence[int]
    ids: Sequence[str]
    texts: Sequence[str | None]
    fields: Sequence[str | None]
    truths: Sequence[int | None]
    blobs: tuple[bytes, bytes, bytes]


class Missing(Exception):
    """The row's label is empty, and such rows are to be skipped."""


class Wrong(Exception):
    """The row cannot become a sample; `bad` says why."""

    def __init__(self, what: str, mend: str = "", column: str = ""):
        super().__init__(what)
        self.bad = Bad(what=what, mend=mend, column=column)


def clean(text: str, column: str) -> str:
    """A text that can be stored and shown.

    Raises
    ------
    Wrong
        If it has a NUL, half a character, or is far too long.

    """
    if "\0" in text:
        mend = "take it out, or name the encoding if it is UTF-16"
        raise Wrong("there is a NUL character in it", mend, column)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise Wrong(_half(text[error.start]), ENCODING, column) from error
    if len(text) > MAX_CELL:
        what = f"it has {len(text):,} characters, and up to {MAX_CELL:,} can be labeled"
        raise Wrong(what, "shorten it or split it", column)
    return text


def _half(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that the encoding could not read
        return f"the byte 0x{code - 0xDC00:02X} is not in this encoding"
    return f"there is half a character in it (a lone surrogate, U+{code:04X})"


def label_of(value: Any, column: str) -> str:
    """A label as it is compared with the classes; empty where there is none."""
    label = clean(as_text(value).strip(), column)
    if len(label) > MAX_CLASS:
        what = f"the label has {len(label):,} characters, and a class name up to {MAX_CLASS}"
        raise Wrong(what, "check that this is the label column", column)
    if not label.isprintable():
        what = "the label has a line break or another control character in it"
        raise Wrong(what, "check that this is the label column", column)
    return label


def numbered(first: int, count: int) -> list[str]:
    """Ids of samples that have none of their own.

    Examples
    --------
    >>> numbered(7, 2)
    ['sample-000007', 'sample-000008']

    """
    return [f"sample-{i:06d}" for i in range(first, first + count)]


def joined(texts: Sequence[str | None]) -> bytes:
    """Texts with a NUL between two, which none of them has; nothing where there are none."""
    return b"" if not texts or texts[0] is None else "\0".join(texts).encode()  # type: ignore[arg-type]


def _plain(texts: Sequence[Any], longest: int) -> bytes:
    """Texts, joined, if none of them is empty, too long, or has a line break or NUL in it."""
    try:
        whole = "\0".join(texts)
        found = whole.encode()
    except (TypeError, UnicodeEncodeError):
        return b""
    good = (
        all(texts)
        and whole.count("\0") == len(texts) - 1
        and "\n" not in whole
        and "\r" not in whole
        and max(map(len, texts)) <= longest
    )
    return found if good else b""


class Shaper:
    """Makes samples of rows.

    Parameters
    ----------
    plan
        What to make of which column.
    columns
        The columns of the table; those the plan names are looked up here.

    Raises
    ------
    Refused
        If a column is not there.

    """

    def __init__(self, plan: Plan, columns: Sequence[str]):
        for name in plan.used:
            if name not in columns:
                there = ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
                raise Refused(Bad(what=f"there is no column {name!r}", mend=f"there are {there}"))
        self.plan = plan
        self._place = {name: columns.index(name) for name in plan.used}
        self._label = self._place[plan.label] if plan.label else -1
        self._id = self._place[plan.id] if plan.id else -1
        self._classes = {name: index for index, name in enumerate(plan.classes)}
        self._content: Callable[[Sequence[Any]], tuple[str | None, str | None]]
        self._content = self._text if plan.text else self._fields

    def all_good(self, chunk: Chunk) -> Shaped | None:
        """The samples of texts that have nothing special about them; None where one has.

        Nearly all are like that, and checking many at once costs a third of one by one.
        """
        numbers, columns, _ = chunk
        if not self.plan.text or columns is None:
            return None
        texts = columns[self._place[self.plan.text]]
        text_blob = _plain(texts, MAX_CELL)
        if not text_blob or any(map(str.isspace, texts)):
            return None
        nothing: list[None] = [None] * len(numbers)
        ids: Sequence[str] = [""] * len(numbers)
        id_blob = b"\0" * (len(numbers) - 1)
        if self._id >= 0:
            ids = columns[self._id]
            id_blob = _plain(ids, MAX_ID)
            if not id_blob or tuple(map(str.strip, ids)) != ids:
                return None
        truths: Sequence[int | None] = nothing
        if self._label >= 0:
            labels = columns[self._label]
            if set(map(type, labels)) != {str}:
                return None
            truths = list(map(self._classes.get, labels))
            if None in truths:
                return None
        return Shaped(numbers, ids, texts, nothing, truths, (id_blob, text_blob, b""))

    def one(self, row: Row) -> Shaped:
        """The sample of a row.

        Raises
        ------
        Wrong
            If it cannot be one.
        Missing
            If it should be left out because nobody knows its label.

        """
        values = row.values
        try:
            truth = self._truth(values[self._label]) if self._label >= 0 else None
            text, fields = self._content(values)
            own = self._own(values[self._id]) if self._id >= 0 else ""
        except Wrong as wrong:
            wrong.bad = replace(wrong.bad, row=row.number, line=row.line)
            raise
        blobs = joined([own]), joined([text]), joined([fields])
        return Shaped([row.number], [own], [text], [fields], [truth], blobs)

    def _text(self, values: Sequence[Any]) -> tuple[str, None]:
        column = self.plan.text
        value = values[self._place[column]]
        text = (value if type(value) is str else as_text(value)).strip("\r\n")
        if not text or text.isspace():
            raise Wrong("the text is empty", "fill it in, or skip bad rows", column)
        return clean(text, column), None

    def _fields(self, values: Sequence[Any]) -> tuple[None, str]:
        made = {}
        for name, kind in self.plan.fields.items():
            value = typed(values[self._place[name]], kind)
            made[name] = clean(value, name) if isinstance(value, str) else value
        if all(value is None or value == "" for value in made.values()):
            raise Wrong("all its fields are empty", "fill one in, or skip bad rows")
        return None, json.dumps(made, ensure_ascii=False)

    def _own(self, value: Any) -> str:
        column = self.plan.id
        own = clean(as_text(value).strip(), column)
        if not own:
            raise Wrong("the id is empty", "fill it in, or choose no id column", column)
        if len(own) > MAX_ID:
            what = f"the id has {len(own):,} characters, and may have {MAX_ID}"
            raise Wrong(what, "check that this is the id column", column)
        return own

    def _truth(self, value: Any) -> int | None:
        column = self.plan.label
        label = label_of(value, column)
        if not label:
            if self.plan.missing == "skip":
                raise Missing
            if self.plan.missing == "refuse":
                raise Wrong("the label is empty", "fill it in, or keep such rows", column)
            return None
        if label not in self._classes:
            known = ", ".join(self.plan.classes[:10]) + (", …" if len(self._classes) > 10 else "")
            mend = f"the classes are {known}; correct it, or skip bad rows"
            raise Wrong(f"the label {label!r} is no class", mend, column)
        return self._classes[label]
