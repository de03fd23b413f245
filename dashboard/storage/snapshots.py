"""Pickled learners in diskcache: disposable, checked before they are read.

The database knows each snapshot's SHA-256 and the versions it was made with, so a file that was
damaged, swapped or left by another release is never unpickled. The cache itself is opened by one
helper that switches eviction off: diskcache would otherwise drop the oldest entries at 1 GB.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import platform
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import diskcache
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dashboard.core import learner as core_learner
from dashboard.core.learner import Learner
from dashboard.storage import log
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.schema import experiments, snapshots

logger = logging.getLogger(__name__)

CACHE_ERRORS = (OSError, sqlite3.Error, diskcache.Timeout)
KEPT = 8


def open_cache(folder: Path) -> diskcache.Cache:
    """A disk cache that keeps what it is given; one that is damaged is replaced by an empty one.

    Parameters
    ----------
    folder
        Where it is; its settings live there too.

    """
    try:
        return _open(folder)
    except sqlite3.DatabaseError as error:
        logger.warning("The cache %s is damaged (%s); it is made anew.", folder, error)
        shutil.rmtree(folder, ignore_errors=True)
        return _open(folder)


def _open(folder: Path) -> diskcache.Cache:
    return diskcache.Cache(
        str(folder),
        eviction_policy="none",
        cull_limit=0,
        size_limit=2**40,
        disk_pickle_protocol=5,
        timeout=10,
    )


@lru_cache(maxsize=1)
def runtime_version() -> str:
    """What a pickle depends on: another Python, River, NumPy or core may read it differently."""
    core = hashlib.sha256()
    for path in sorted(Path(core_learner.__file__).parent.glob("*.py")):
        core.update(path.read_bytes())
    parts = (platform.python_version(), version("river"), version("numpy"), core.hexdigest()[:12])
    return "-".join(parts)


@dataclass(frozen=True)
class Snapshot:
    """A learner as it was at a head."""

    learner: Learner
    head: int
    position: int


class SnapshotStore:
    """Saves and loads learners.

    Parameters
    ----------
    database
        Holds the checksums.
    open_folder
        Opens the cache; called once, at the first use in this process.

    """

    def __init__(self, database: Database, open_folder: Callable[[], Any]):
        self.database = database
        self._open_folder = open_folder
        self._cache: Any = None

    @property
    def cache(self) -> Any:
        """The cache of this process."""
        if self._cache is None:
            self._cache = self._open_folder()
        return self._cache

    def put(
        self, experiment: Experiment, blob: bytes, *, head: int, position: int, at: int
    ) -> None:
        """Save the pickle of a learner under a key that is never written twice."""
        sha = hashlib.sha256(blob).hexdigest()
        key = f"{experiment.uid}/{runtime_version()}/{head}/{sha[:16]}"
        self.cache.set(key, blob)
        mine = snapshots.c.experiment_id == experiment.id
        with self.database.write() as connection:
            alive = connection.execute(
                sa.select(experiments.c.id).where(experiments.c.uid == experiment.uid)
            ).first()
            known = connection.scalar(
                sa.select(snapshots.c.key).where(mine, snapshots.c.seq == head)
            )
            if alive is None or known is not None:
                if known != key:
                    self.cache.delete(key)
                return
            connection.execute(
                snapshots.insert(),
                {
                    "experiment_id": experiment.id,
                    "seq": head,
                    "position": position,
                    "key": key,
                    "sha256": sha,
                    "version": runtime_version(),
                    "at": at,
                },
            )
            old = connection.execute(
                sa.select(snapshots.c.seq, snapshots.c.key)
                .where(mine)
                .order_by(snapshots.c.seq.desc())
                .offset(KEPT)
            ).all()
            for row in old:
                connection.execute(snapshots.delete().where(mine, snapshots.c.seq == row.seq))
        for row in old:
            self.cache.delete(row.key)

    def load(
        self, connection: Connection, experiment: Experiment, *, before: int | None = None
    ) -> Snapshot | None:
        """The newest snapshot that can be trusted, or None; of `before` an event, if one is named.

        One is passed over that holds a label corrected since, was made by other versions, is
        gone, or does not match its checksum.
        """
        newest = experiment.head if before is None else min(experiment.head, before - 1)
        rows = connection.execute(
            sa.select(snapshots)
            .where(snapshots.c.experiment_id == experiment.id, snapshots.c.seq <= newest)
            .order_by(snapshots.c.seq.desc())
        ).all()
        for row in rows:
            if row.version != runtime_version():
                continue
            if log.corrected_since(connection, experiment.id, row.seq):
                continue
            blob = self._blob(row.key)
            if blob is None or hashlib.sha256(blob).hexdigest() != row.sha256:
                logger.warning(
                    "The snapshot of %s at %d is missing or damaged; the log replaces it.",
                    experiment.slug,
                    row.seq,
                )
                continue
            return Snapshot(pickle.loads(blob), row.seq, row.position)
        return None

    def _blob(self, key: str) -> bytes | None:
        try:
            blob = self.cache.get(key)
        except CACHE_ERRORS as error:  # its own files may be damaged
            logger.warning("The snapshot folder cannot be read: %s", error)
            return None
        return blob if isinstance(blob, bytes) else None

    def forget(self, keys: list[str]) -> None:
        """Delete files whose experiment is gone."""
        for key in keys:
            try:
                self.cache.delete(key)
            except CACHE_ERRORS as error:
                logger.warning("A snapshot could not be deleted: %s", error)

    def keys(self, connection: Connection, experiment_id: int) -> list[str]:
        """The keys of an experiment's snapshots."""
        return list(
            connection.execute(
                sa.select(snapshots.c.key).where(snapshots.c.experiment_id == experiment_id)
            ).scalars()
        )
