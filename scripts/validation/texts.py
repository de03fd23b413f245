"""The text sets at hand, as examples a pipeline can read; made-up messages are always there."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dashboard.core.messages import sample_messages
from dashboard.core.pipelines import TEXT
from dashboard.core.simulation import Example
from dashboard.errors import Unavailable
from dashboard.services.datasets import SMS_SPAM, builtin

Load = Callable[[Path], list[Example]]


class TextSet(NamedTuple):
    """A set of labeled texts.

    Parameters
    ----------
    name
        As in the tables.
    n_classes
        How many classes it has.
    load
        Reads it from the folder of text sets; raises `Unavailable` where it is not there.

    """

    name: str
    n_classes: int
    load: Load


def _examples(pairs: list[tuple[str, str]], classes: list[str]) -> list[Example]:
    index = {name: i for i, name in enumerate(classes)}
    return [({TEXT: text}, index[name]) for text, name in pairs if name in index]


def _sms(_: Path) -> list[Example]:
    items = builtin(SMS_SPAM).items(lambda _done, _total: None)
    return [(item.fields, item.truth) for item in items if item.truth is not None]


def _messages(_: Path) -> list[Example]:
    return [({TEXT: text}, int(spam)) for text, spam in sample_messages()]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        raise Unavailable(f"There is no {path}; name the folder of the text sets with --texts.")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _youtube(folder: Path) -> list[Example]:
    names = ("01-Psy", "02-KatyPerry", "03-LMFAO", "04-Eminem", "05-Shakira")
    rows = [row for n in names for row in _rows(folder / "youtube" / f"Youtube{n}.csv")]
    return _examples(
        [(row["CONTENT"], row.get("CLASS") or row.get("label") or "") for row in rows], ["0", "1"]
    )


def _banking(folder: Path) -> list[Example]:
    rows = [
        row for part in ("train", "test") for row in _rows(folder / "banking77" / f"{part}.csv")
    ]
    pairs = [(row["text"], row["category"]) for row in rows]
    largest = [name for name, _ in Counter(name for _, name in pairs).most_common(8)]
    return _examples(pairs, sorted(largest))


def _clinc(domains: int) -> Load:
    def load(folder: Path) -> list[Example]:
        path = folder / "clinc150" / "data_full.json"
        if not path.exists():
            raise Unavailable(f"There is no {path}; name the folder of the text sets with --texts.")
        parts = json.loads(path.read_text(encoding="utf-8"))
        named = json.loads((path.parent / "domains.json").read_text(encoding="utf-8"))
        domain_of = {intent: name for name, intents in named.items() for intent in intents}
        pairs = [(t, domain_of[i]) for p in ("train", "val", "test") for t, i in parts[p]]
        # A set order of its own: where a run cuts the stream short, it is a fair sample.
        random.Random(0).shuffle(pairs)
        return _examples(pairs, list(named)[:domains])

    return load


TEXT_SETS = (
    TextSet("sms-spam", 2, _sms),
    TextSet("youtube", 2, _youtube),
    TextSet("sample-messages", 2, _messages),
    TextSet("banking77 (8 intents)", 8, _banking),
    TextSet("clinc150 (4 domains)", 4, _clinc(4)),
    TextSet("clinc150 (10 domains)", 10, _clinc(10)),
)
