"""What models predicted on a probe, in the cache of snapshots: disposable, checked when it is read.

All of an experiment's lie under one key, each under a digest of what it was made from: labels,
recipe, stream and versions. What was made from other labels than those in force is not found, so
nothing has to be told of a correction.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dashboard.storage.snapshots import CACHE_ERRORS, SnapshotStore

logger = logging.getLogger(__name__)

_CHECKSUM = 32  # bytes


class StoredLook(NamedTuple):
    """What a model predicts on the probe.

    Parameters
    ----------
    labels, scanned
        Labels it had learned, and samples scanned by then.
    predicted
        Index of the class of each sample of the probe, -1 for none: int16, lowest byte first.

    """

    labels: int
    scanned: int
    predicted: bytes

    @property
    def classes(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The same as an array.

        Examples
        --------
        >>> StoredLook(25, 400, pack_classes([0, -1, 300])).classes
        array([  0,  -1, 300])

        """
        return np.frombuffer(self.predicted, dtype="<i2").astype(np.int64)


def pack_classes(classes: list[int]) -> bytes:
    """Indices of classes as bytes."""
    return np.array(classes, dtype="<i2").tobytes()


def key_of(uid: str) -> str:
    """Where the looks of an experiment lie."""
    return f"{uid}/looks"


def load(store: SnapshotStore, uid: str) -> dict[str, StoredLook]:
    """What is kept of an experiment, by digest; nothing where it is gone or damaged."""
    try:
        blob = store.cache.get(key_of(uid))
    except CACHE_ERRORS as error:
        logger.warning("The looks of %s cannot be read: %s", uid, error)
        return {}
    if not isinstance(blob, bytes) or _checksum(blob[_CHECKSUM:]) != blob[:_CHECKSUM]:
        return {}
    kept = json.loads(blob[_CHECKSUM:])
    return {
        digest: StoredLook(labels, scanned, base64.b64decode(predicted))
        for digest, (labels, scanned, predicted) in kept.items()
    }


def save(store: SnapshotStore, uid: str, looks: Mapping[str, StoredLook]) -> None:
    """Keep these in place of what there was; only a copy, so nothing fails where it cannot be."""
    kept = {
        digest: [look.labels, look.scanned, base64.b64encode(look.predicted).decode()]
        for digest, look in looks.items()
    }
    body = json.dumps(kept).encode()
    try:
        store.cache.set(key_of(uid), _checksum(body) + body)
    except CACHE_ERRORS as error:
        logger.warning("The looks of %s cannot be kept: %s", uid, error)


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
