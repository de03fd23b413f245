"""The file that holds a whole experiment: a zip of JSON, read with distrust.

========================  ==========================================================
`experiment.json`         its name, recipe, classes and where it stands
`stream.json`             its stream, without the samples
`samples.jsonl`           the samples, one per line, in order
`events.jsonl`            the log, undone branches too, one event per line, in order
`predictions.jsonl`       what each event scanned, one prediction per line, by position
`manifest.json`           format, versions, and of each part bytes, records and SHA-256
========================  ==========================================================

Numbers read back equal; probabilities are little-endian float64 in Base64. Nothing is ever
unpacked to a path, and there is no pickle in it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Self

from dashboard.errors import BadInput, Unavailable

FORMAT = "sluice-experiment"
VERSION = 1
EXPERIMENT, STREAM, MANIFEST = "experiment.json", "stream.json", "manifest.json"
SAMPLES, EVENTS, PREDICTIONS = "samples.jsonl", "events.jsonl", "predictions.jsonl"
DOCUMENTS, TABLES = (EXPERIMENT, STREAM), (SAMPLES, EVENTS, PREDICTIONS)
MEMBERS = {*DOCUMENTS, *TABLES, MANIFEST}

MAX_UNPACKED = 16 << 30
MAX_DOCUMENT = 16 << 20
MAX_LINE = 64 << 20
# Deflate makes a thousandth of one repeated byte, but no less than a fiftieth of any log.
MAX_RATIO = 200
UNSUSPICIOUS = 64 << 20

_CHOOSE = "choose the experiment.zip of an experiment"
_PAGE = 1 << 16
_DIRECTORY_END, _ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


# Written ---------------------------------------------------------------------------------------


@dataclass
class Part:
    """What the manifest says of a part, counted while it is written."""

    size: int = 0
    records: int = 0
    sha: Any = field(default_factory=hashlib.sha256)

    def told(self) -> dict[str, Any]:
        """The entry in the manifest."""
        return {"bytes": self.size, "records": self.records, "sha256": self.sha.hexdigest()}

    def count(self, records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        """Records as JSON lines, in pieces of some size."""
        page = bytearray()
        for record in records:
            self.records += 1
            # What UTF-8 cannot hold becomes \udc80, which is how JSON spells it, too.
            page += _ENCODE(record).encode("utf-8", "backslashreplace") + b"\n"
            if len(page) >= _PAGE:
                yield self._piece(page)
        if page:
            yield self._piece(page)

    def _piece(self, page: bytearray) -> bytes:
        piece = bytes(page)
        page.clear()
        self.sha.update(piece)
        self.size += len(piece)
        return piece


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def manifest(parts: Mapping[str, Part], **facts: Any) -> bytes:
    """The manifest of the parts that have been written."""
    told = {name: part.told() for name, part in parts.items()}
    document = {"format": FORMAT, "version": VERSION, **facts, "parts": told}
    return json.dumps(document, indent=1).encode()


# Read ------------------------------------------------------------------------------------------


class Parcel:
    """An experiment's file, opened for reading and checked against its manifest as it is read.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    BadInput
        For whatever is wrong with it, here and while it is read, with file, part and line.

    """

    def __init__(self, path: Path):
        self.name = path.name
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
        try:
            self._open()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def _open(self) -> None:
        self._check_directory()
        try:
            self._zip = zipfile.ZipFile(self._file)
        except _BROKEN as error:
            self.refuse(f"is damaged ({error})")
        self._check_members(self._zip.infolist())
        self.manifest = self._read_manifest()
        self._check_manifest()

    def _check_directory(self) -> None:
        """Before `zipfile` reads it all: the directory of a dozen members is small."""
        size = self._file.seek(0, io.SEEK_END)
        self._file.seek(max(0, size - (1 << 16) - 22))
        tail = self._file.read()
        end = tail.rfind(_DIRECTORY_END)
        if end < 0 or len(tail) - end < 22:
            self.refuse("is no whole zip file", _CHOOSE)
        if tail.find(_ZIP64_LOCATOR, max(0, end - 20), end) >= 0:
            self.refuse("is larger than 4 GiB")
        if int.from_bytes(tail[end + 12 : end + 16], "little") > _PAGE:
            self.refuse("holds too many files")

    def _check_members(self, infos: list[zipfile.ZipInfo]) -> None:
        names = [info.filename for info in infos]
        if MANIFEST not in names:
            self.refuse("is no experiment that Sluice exported: it has no manifest.json", _CHOOSE)
        if len(set(names)) != len(names) or set(names) != MEMBERS:
            odd = sorted(set(names) ^ MEMBERS) or [n for n in names if names.count(n) > 1]
            self.refuse(f"should hold {', '.join(sorted(MEMBERS))}, but differs in {odd[0]!r:.80}")
        for info in infos:
            if info.flag_bits & 1:
                self.refuse("is encrypted")
            if info.filename not in TABLES and info.file_size > MAX_DOCUMENT:
                self.refuse(f"has more than {MAX_DOCUMENT >> 20} MiB", part=info.filename)
        unpacked = sum(info.file_size for info in infos)
        packed = max(1, sum(info.compress_size for info in infos))
        if unpacked > MAX_UNPACKED:
            self.refuse(f"would unpack to {unpacked >> 30:,} GiB; {MAX_UNPACKED >> 30} are allowed")
        if unpacked > UNSUSPICIOUS and unpacked > MAX_RATIO * packed:
            self.refuse(f"would unpack to {unpacked // packed:,} times its size, as no log does")
        self.unpacked = unpacked

    def _check_manifest(self) -> None:
        if self.manifest.get("format") != FORMAT:
            self.refuse("is no experiment that Sluice exported", _CHOOSE)
        version = self.manifest.get("version")
        if type(version) is not int or version > VERSION:
            self.refuse(
                f"was written by a newer Sluice (format {version!r:.20}, this one reads "
                f"{VERSION})", "update Sluice",
            )  # fmt: skip
        parts = self.manifest.get("parts")
        if not isinstance(parts, dict) or set(parts) != MEMBERS - {MANIFEST}:
            self.refuse("has a manifest that does not name its parts")
        for name, told in parts.items():
            if not isinstance(told, dict) or type(told.get("records")) is not int:
                self.refuse(f"has a manifest that says nothing of {name}")

    def expected(self, name: str) -> int:
        """How many records a part says it has."""
        records: int = self.manifest["parts"][name]["records"]
        return records

    def document(self, name: str) -> dict[str, Any]:
        """A part that is one JSON object."""
        found = [record for _, record in self.records(name)]
        if len(found) != 1:
            self.refuse(f"should be one JSON object, not {len(found)}", part=name)
        return found[0]

    def records(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The records of a part, each with its line; at the end, whether all is as told."""
        part = Part()
        for line in self._lines(name):
            part.sha.update(line)
            part.size += len(line)
            part.records += 1
            yield part.records, self._parsed(line, name, part.records)
        if part.told() != {key: self.manifest["parts"][name].get(key) for key in part.told()}:
            self.refuse("is not what the manifest says (bytes, records or SHA-256)", part=name)

    def _lines(self, name: str) -> Iterator[bytes]:
        with self._reading(name), self._zip.open(name) as member:
            lines = io.BufferedReader(member, 1 << 20)  # type: ignore[type-var]
            while line := lines.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    self.refuse(f"has a line of more than {MAX_LINE >> 20} MiB", part=name)
                yield line

    def _read_manifest(self) -> dict[str, Any]:
        with self._reading(MANIFEST):
            content = self._zip.read(MANIFEST)
        return self._parsed(content, MANIFEST, 1)

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(f"{self.name} cannot be read ({error.strerror}).") from error
        except _BROKEN as error:
            self.refuse(f"is damaged ({error})", part=name)

    def _parsed(self, line: bytes, name: str, number: int) -> dict[str, Any]:
        try:
            record = _DECODE(line.decode())
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            self.refuse("is no JSON object", part=name, line=number)
        return record

    def refuse(
        self, wrong: str, mend: str = "export it again", *, part: str = "", line: int = 0
    ) -> NoReturn:
        """Say what is wrong with the file.

        Parameters
        ----------
        wrong
            What is wrong, as a predicate.
        mend
            What to do.
        part, line
            Where.

        """
        where = self.name + (f", {part}" if part else "") + (f", line {line:,}" if line else "")
        raise BadInput(f"{where} {wrong}; {mend}.")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


_DECODE = json.JSONDecoder(parse_constant=_no_number).decode
