"""Whether the log holds what was acknowledged, once, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dashboard.core.events import ANSWERS
from dashboard.core.learner import Learner
from dashboard.core.spec import make_spec
from dashboard.services import datasets
from dashboard.services.container import Services
from dashboard.storage import log
from tests.torture.annotators import Answer, Crowd


def verify_all(services: Services) -> int:
    """Replay every experiment there is, archived ones too; how many."""
    every = services.experiments.every()
    for experiment in every:
        verdict = services.verification.verify(experiment.slug)
        assert not verdict.difference, f"{experiment.slug}: {verdict.difference}"
    return len(every)


def stored_answers(services: Services, slug: str) -> list[Answer]:
    """The answers in the log, in its order."""
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        return [
            Answer(row["annotator"], row["position"], row["label"], row["key"])
            for row in log.all_events(connection, experiment.id)
            if row["kind"] in ANSWERS and not row["voided"]
        ]


def compare(stored: list[Answer], crowd: Crowd) -> dict[str, Any]:
    """Count what was lost and what is there twice.

    Raises
    ------
    AssertionError
        Where something is in the log that nobody gave, or in another order than it was given.

    """
    acknowledged = [answer for one in crowd.everyone for answer in one.acknowledged]
    assert len(set(acknowledged)) == len(acknowledged), "acknowledged twice"
    there = set(stored)
    nobodys = there - set(acknowledged)
    assert not nobodys, f"answers that nobody gave: {nobodys}"
    for one in crowd.everyone:
        mine = [answer for answer in stored if answer.annotator == one.name]
        known = [answer for answer in one.acknowledged if answer in there]
        assert list(dict.fromkeys(mine)) == known, f"another order of the answers of {one.name}"
    per_position = Counter(answer.position for answer in stored)
    return {
        "acknowledged": len(acknowledged),
        "lost": len(set(acknowledged) - there),
        "doubled": sum(n - 1 for n in per_position.values()),
        "shown to two": sum(one.beaten for one in crowd.everyone),
        "repeated": sum(one.retries for one in crowd.everyone),
    }


def same_path(stored: list[Answer]) -> None:
    """The positions asked equal those of a bare loop that was given the same answers."""
    learner = Learner(make_spec("blog", text=True, classes=2), n_classes=2)
    given = iter(stored)
    wanted = next(given, None)
    for position, sample in enumerate(
        datasets.builtin(datasets.SAMPLE_MESSAGES).items(lambda _done, _total: None)
    ):
        if wanted is None:
            return
        if learner.scan(position, sample.fields).decision.asked:
            asked = wanted.position
            assert position == asked, f"asked {asked}, River alone asks {position}"
            if wanted.label is not None:
                learner.learn(sample.fields, wanted.label)
            wanted = next(given, None)
    assert wanted is None, "more answers than River alone asks for"
