"""What the log of an experiment says, in the words of tests."""

from __future__ import annotations

from typing import Any

from dashboard.core.events import Event
from dashboard.services.container import Services
from dashboard.storage import log, rollups


def open_now(services: Services, slug: str) -> list[int]:
    with services.database.read() as connection:
        return log.open_positions(connection, services.experiments.find(slug).id)


def in_force(services: Services, slug: str) -> list[tuple[int, int | None, str]]:
    with services.database.read() as connection:
        found = log.answers_in_force(connection, services.experiments.find(slug).id)
    return [answer[1:] for answer in found]


def events(services: Services, slug: str) -> list[Event]:
    with services.database.read() as connection:
        experiment = services.experiments.find(slug)
        return [log.event_of(row) for row in log.all_events(connection, experiment.id)]


def state(services: Services, slug: str) -> tuple[Any, ...]:
    """All that an undo has to bring back."""
    experiment, learner = services.labeling.learner(slug)
    with services.database.read() as connection:
        counted = rollups.stored(connection, experiment.id)
    return (
        learner.fingerprint(), learner.sampler._rng.getstate(), experiment.position,
        experiment.strategy_state, open_now(services, slug), in_force(services, slug), counted,
    )  # fmt: skip


def clean(services: Services, slug: str) -> bool:
    assert services.verification.verify(slug).difference == ""
    return True
