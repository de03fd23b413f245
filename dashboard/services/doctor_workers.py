"""The part of a check-up that looks at Redis, and at the workers behind it."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.errors import SluiceError
from dashboard.services.doctor_machine import Finding, bad, note, ok
from dashboard.services.workers import COMMAND, Workers, code_version, redis_place
from dashboard.settings import Settings
from dashboard.storage import refusals

_CHECK = "workers"


def workers(settings: Settings) -> Iterator[Finding]:
    """Whether work in the background finds somebody who does it; nothing where no Redis is used."""
    if settings.redis_url is None:
        return
    if settings.secret_key is None:
        yield note(
            _CHECK, "SECRET_KEY is not set, so each machine makes its own, and a page of one web "
            "server is refused by the others: set the same for all, if there are several."
        )  # fmt: skip
    try:
        found = Workers(settings).found()
    except SluiceError as error:
        yield bad(_CHECK, str(error), "Labeling goes on; scans and warm starts do not begin.")
        return
    mine = [worker for worker in found if worker.code == code_version()]
    for worker in found:
        if worker not in mine:
            yield bad(
                _CHECK, f"The worker on {worker.host} (process {worker.pid}) runs other code than "
                "this, and takes none of its jobs.",
                f"Bring both to the same release, and restart it: `{COMMAND}`.",
            )  # fmt: skip
    if not mine:
        yield bad(
            _CHECK, f"No worker of this release answers at {redis_place(settings)}: scans and warm "
            "starts wait.", f"Start one: `{COMMAND}`.",
        )  # fmt: skip
        return
    yield ok(
        _CHECK, f"Redis at {redis_place(settings)} answers, and {len(mine)} of this release work: "
        f"{', '.join(sorted(worker.host for worker in mine))}.",
    )  # fmt: skip
    here = refusals.place(settings.database_url)
    for worker in mine:
        if worker.database != here:
            yield note(
                _CHECK, f"The worker on {worker.host} works on the database {worker.database}, and "
                f"this is {here}: the same by another name, or a worker of another installation."
            )  # fmt: skip
