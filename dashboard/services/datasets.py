"""The built-in streams: where their samples come from, and what to do when they cannot be had."""

from __future__ import annotations

import logging
import os
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from river import datasets
from river.datasets import base as river_base

from dashboard.core.messages import sample_messages
from dashboard.core.pipelines import TEXT
from dashboard.errors import NotFound, Unavailable
from dashboard.storage.streams import Sample

logger = logging.getLogger(__name__)

SMS_SPAM = "sms-spam"
SAMPLE_MESSAGES = "sample-messages"
CONNECT_SECONDS = 3
DOWNLOAD_SECONDS = 60

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Builtin:
    """A stream that needs no file.

    Parameters
    ----------
    slug, title
        Its name for commands, and for people.
    kind
        `text` or `rows`.
    classes
        Names in class order.
    source
        Where it is from, in a sentence.
    items
        Yields its samples; may download them first.

    """

    slug: str
    title: str
    kind: str
    classes: tuple[str, ...]
    source: str
    items: Callable[[Progress], Iterator[Sample]]


def _messages(_progress: Progress) -> Iterator[Sample]:
    for position, (text, spam) in enumerate(sample_messages()):
        yield Sample(f"message-{position:05d}", {TEXT: text}, int(spam))


def _sms_spam(progress: Progress) -> Iterator[Sample]:
    data = datasets.SMSSpam()
    if not data.is_downloaded:
        download(data, progress)
    for position, (x, spam) in enumerate(data):
        # River leaves the line break of the file at the end of each body.
        yield Sample(f"sms-{position:05d}", {TEXT: x["body"].strip("\r\n")}, int(spam))


def _rows(data: Any, prefix: str, classes: Mapping[Any, int]) -> Iterator[Sample]:
    for position, (x, y) in enumerate(data):
        yield Sample(f"{prefix}-{position:05d}", dict(x), classes[y])


_SEGMENTS = ("brickface", "sky", "foliage", "cement", "window", "path", "grass")


def _phishing(_progress: Progress) -> Iterator[Sample]:
    return _rows(datasets.Phishing(), "site", {False: 0, True: 1})


def _segments(_progress: Progress) -> Iterator[Sample]:
    names = {name: index for index, name in enumerate(_SEGMENTS)}
    return _rows(datasets.ImageSegments(), "segment", names)


BUILTINS: dict[str, Builtin] = {
    b.slug: b
    for b in (
        Builtin(
            SMS_SPAM,
            "SMS spam",
            "text",
            ("ham", "spam"),
            "SMS Spam Collection, Almeida et al. 2011, CC BY 4.0, as in River's SMSSpam",
            _sms_spam,
        ),
        Builtin(
            SAMPLE_MESSAGES,
            "Sample messages",
            "text",
            ("ham", "spam"),
            "made by Sluice's own generator; no real messages",
            _messages,
        ),
        Builtin(
            "phishing",
            "Phishing websites",
            "rows",
            ("legitimate", "phishing"),
            "River's bundled Phishing data set, Mohammad et al. 2012",
            _phishing,
        ),
        Builtin(
            "image-segments",
            "Image segments",
            "rows",
            _SEGMENTS,
            "River's bundled ImageSegments data set, UCI 1990",
            _segments,
        ),
    )
}


def builtin(slug: str, stored: Sequence[str] = ()) -> Builtin:
    """The built-in stream of a name.

    Parameters
    ----------
    slug
        Its name.
    stored
        Names of streams that are not built in; only for the message.

    Raises
    ------
    NotFound
        With the names there are.

    """
    if slug not in BUILTINS:
        own = [name for name in stored if name not in BUILTINS]
        imported = f"; imported are {', '.join(own[:20])}" if own else ""
        names = ", ".join(BUILTINS)
        raise NotFound(f"There is no stream {slug!r}; built in are {names}{imported}.")
    return BUILTINS[slug]


def download(data: river_base.RemoteDataset, progress: Progress) -> None:
    """Fetch a River data set within limits of time, leaving nothing half done behind.

    River's own `download` waits for ever and keeps a broken archive.

    Parameters
    ----------
    data
        The data set; its path and address are River's.
    progress
        Called with bytes done and in all.

    Raises
    ------
    Unavailable
        Says why, and where to put the file by hand.

    """
    folder = data.path.parent
    part = folder / f".download-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(data.url, part, progress)
        _unpack(part, data)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        reason = getattr(error, "reason", None) or error
        raise Unavailable(
            f"{data.url} could not be downloaded ({reason}). To use it, download it elsewhere, "
            f"unpack it, and put {data.filename} into {folder}."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _fetch(url: str, part: Path, progress: Progress) -> None:
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer, part.open("wb") as file:
        total = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while block := answer.read(1 << 16):
            file.write(block)
            done += len(block)
            progress(done, total)
            if time.monotonic() > deadline:
                raise urllib.error.URLError(TimeoutError(f"not done in {DOWNLOAD_SECONDS} s"))


def _unpack(part: Path, data: river_base.RemoteDataset) -> None:
    ready = part.with_suffix(".ready")
    try:
        with zipfile.ZipFile(part) as archive, archive.open(data.filename) as packed:
            content = packed.read(data.size + 1)
        if len(content) != data.size:
            raise OSError(f"the file has {len(content)} bytes instead of {data.size}")
        ready.write_bytes(content)
        ready.replace(data.path)
    finally:
        with suppress(OSError):
            ready.unlink()
