"""Scanning with log and rollups written, beside the bare River loop over the same samples."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from river import active, feature_extraction, linear_model

from dashboard.core.pipelines import TEXT
from dashboard.core.spec import make_spec
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from tests.streams import sure_samples, sure_texts

DISCOUNT = 100.0


def scan(folder: Path, *, samples: int, rounds: int) -> tuple[float, float, int]:
    """Samples per second of the bare loop and of ours, medians over rounds, and the labels.

    Parameters
    ----------
    folder
        An empty data folder.
    samples
        Length of the stream.
    rounds
        How often each, in turn.

    """
    messages = list(sure_texts(samples))
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    items = sure_samples(samples)
    stream = services.experiments.add_stream(
        slug="bench", title="Bench", kind="text", classes=["ham", "spam"], items=items, source=""
    )
    spec = make_spec("blog", text=True, classes=2, discount_factor=DISCOUNT)
    bare, ours, labels = [], [], 0
    for number in range(rounds):
        began = time.perf_counter()
        expected = _bare(messages)
        bare.append(samples / (time.perf_counter() - began))
        slug = services.experiments.create(f"bench {number}", stream=stream, spec=spec).slug
        began = time.perf_counter()
        labels = services.runs.oracle(slug)
        ours.append(samples / (time.perf_counter() - began))
        assert labels == expected, (labels, expected)
    return statistics.median(bare), statistics.median(ours), labels


def _bare(messages: list[tuple[str, int]]) -> int:
    sampler: Any = active.EntropySampler(
        feature_extraction.BagOfWords(on=TEXT) | linear_model.LogisticRegression(),
        discount_factor=DISCOUNT,
        seed=42,
    )
    labels = 0
    for text, truth in messages:
        x = {TEXT: text}
        _, ask = sampler.predict_one(x)
        if ask:
            sampler.learn_one(x, bool(truth))
            labels += 1
    return labels
