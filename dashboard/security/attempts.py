"""How often somebody may try to sign in, counted for all processes of this machine.

An attempt counts before the password is looked at, so that many at once count as many.
"""

from __future__ import annotations

import hashlib
import ipaddress
from functools import cached_property
from pathlib import Path
from typing import Any

from dashboard.errors import SluiceError
from dashboard.storage.snapshots import open_cache

WITHIN = 15 * 60  # seconds
# From one address for one name, from one address, and for one name from anywhere.
LIMITS = {"both": 5, "address": 40, "name": 100}


class TooMany(SluiceError):
    """Somebody has tried too often."""

    status = 429


class Attempts:
    """Counts attempts; a folder that is deleted counts anew.

    Parameters
    ----------
    folder
        Where the counts are.

    """

    def __init__(self, folder: Path):
        self.folder = folder

    @cached_property
    def _cache(self) -> Any:
        return open_cache(self.folder)

    def count(self, name: str, address: str) -> None:
        """Count an attempt.

        Raises
        ------
        TooMany
            If there have been too many.

        """
        self._cache.expire()
        for what, key in _keys(name, address).items():
            with self._cache.transact():
                before = self._cache.get(key, 0)
                if before:
                    self._cache.incr(key)
                else:
                    self._cache.set(key, 1, expire=WITHIN)
            if before >= LIMITS[what]:
                raise TooMany(f"There were too many attempts; try again in {WITHIN // 60} minutes.")

    def forget(self, name: str, address: str) -> None:
        """Forget those of somebody who has signed in, and the last of their address."""
        keys = _keys(name, address)
        with self._cache.transact():
            for what in ("both", "name"):
                self._cache.delete(keys[what])
            if self._cache.get(keys["address"], 0) > 0:
                self._cache.decr(keys["address"])


def _keys(name: str, address: str) -> dict[str, str]:
    """Names of the counters; what somebody typed is not stored."""
    who = hashlib.sha256(name.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()
    network = network_of(address)
    return {"both": f"{network}/{who}", "address": network, "name": who}


def network_of(address: str) -> str:
    """What one sender can take its addresses from.

    Examples
    --------
    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3:4:5:6")
    ('192.0.2.7/32', '2001:db8:1:2::/64')

    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    width = 32 if found.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{width}", strict=False))
