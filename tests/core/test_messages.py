"""The built-in stream of messages: the same everywhere, varied, made up, and hard in places."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.core import _phrases
from dashboard.core.messages import sample_messages

ROOT = Path(__file__).parents[2]
MESSAGES = list(sample_messages())
TEXTS = [text for text, _ in MESSAGES]
HAM = [text for text, is_spam in MESSAGES if not is_spam]
SPAM = [text for text, is_spam in MESSAGES if is_spam]

DIGEST = "bb907eb3956591e1"
FICTIONAL = re.compile(
    r"07700 900\d{3}|0808 157 0\d{3}|0909 879 0\d{3}|020 7946 0\d{3}|01632 960\d{3}"
    r"|(?:\d{3} )?555-01\d\d"
)
PHONE = re.compile(r"\d(?:[ ().-]?\d){6,}")
HOST = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?=[/ ,.!?]|$)", re.IGNORECASE)
RESERVED = re.compile(r"(?:.+\.)?(?:example(?:\.com|\.net|\.org)?|test)", re.IGNORECASE)


def _digest(messages: list[tuple[str, bool]]) -> str:
    return hashlib.sha256(ascii(messages).encode()).hexdigest()[:16]


def test_same_messages_on_every_machine() -> None:
    """A change of the digest is a change of everybody's built-in data set."""
    assert _digest(MESSAGES) == DIGEST


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_same_messages_for_every_hash_seed(hash_seed: str) -> None:
    code = "from dashboard.core.messages import sample_messages as s; print(ascii(list(s(300))))"
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    assert run.stdout.strip() == ascii(MESSAGES[:300])


@pytest.mark.parametrize("n", [0, 1, 6, 7, 250])
def test_first_messages_do_not_depend_on_the_number(n: int) -> None:
    assert list(sample_messages(n)) == MESSAGES[:n]


def test_seeds_differ() -> None:
    assert list(sample_messages(50, seed=1)) != MESSAGES[:50]


def test_one_in_seven_is_spam_and_never_in_blocks() -> None:
    assert 0.13 <= len(SPAM) / len(MESSAGES) <= 0.16
    spots = [i for i, (_, is_spam) in enumerate(MESSAGES) if is_spam]
    assert max(b - a for a, b in pairwise(spots)) < 14


def test_varied() -> None:
    assert len(MESSAGES) == 6000
    assert len(set(TEXTS)) >= 5000
    assert not set(HAM) & set(SPAM)
    assert all(2 <= len(text) <= 300 for text in TEXTS)
    assert any(len(text) <= 5 for text in TEXTS)
    assert any(len(text) >= 200 for text in TEXTS)


def test_clean() -> None:
    assert not [text for text in TEXTS if text != " ".join(text.split())]
    assert not [text for text in TEXTS if re.search(r"[\[\]{}|#^~]", text)]  # unfilled slots


def test_phones_and_links_are_fictional() -> None:
    assert not [text for text in TEXTS if PHONE.search(FICTIONAL.sub("", text))]
    hosts = {host for text in TEXTS for host in HOST.findall(text)}
    assert len(hosts) > 10
    assert not [host for host in hosts if not RESERVED.fullmatch(host)]


def test_hard_cases() -> None:
    assert any(HOST.search(text) for text in HAM)
    assert any(re.search(r"\b(free|won|prize|claim)\b", text, re.IGNORECASE) for text in HAM)
    assert any("parcel" in text for text in HAM)
    assert any("parcel" in text for text in SPAM)
    assert any(re.search(r"code is \d{6}", text) for text in HAM)
    assert sum(not re.search(r"\d|://|\.\w|!|\bfree\b", text) for text in SPAM) >= 40


def test_every_rule_is_used_and_every_slot_has_its_rule() -> None:
    groups = ("WORDS", "BRANDS", "BRIEF", "SHOUT", "CHAT", "TRICKY", "NOTICES", "SPAM", "SOFT")
    phrases = [p for group in groups for rule in getattr(_phrases, group).values() for p in rule]
    used = {slot for phrase in phrases for slot in re.findall(r"\{(.*?)\}", phrase)}
    assert used | {"hi", "also", "bye"} == {*_phrases.WORDS, *_phrases.BRANDS}
    assert not [p for p in phrases if p.count("[") != p.count("]") or not p.strip()]
