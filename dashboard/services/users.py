"""The file of those who may sign in: `name:role:argon2 hash`, one a line."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import stat
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboard.errors import BadInput, Conflict, NotFound, Unavailable
from dashboard.services.people import LOCAL, ROLES, Person, Role, role_of
from dashboard.storage.files import flush

SHORTEST, LONGEST = 8, 256  # of a password, in characters
_AT_ONCE = 2  # hashes in one process: each takes 64 MB, and time that labeling wants
_PATIENCE = 5.0
_NAME = re.compile(r"\w[\w.@+-]{0,63}")
_ADD = "`python -m dashboard users add NAME --role lead`"


@dataclass(frozen=True)
class User:
    """One line of the file."""

    name: str
    role: Role
    hash: str

    @property
    def person(self) -> Person:
        """Who they are when they are signed in."""
        return Person(self.name, self.role)

    @property
    def session(self) -> str:
        """What a session knows them by: another password or role ends it."""
        seal = hashlib.sha256(f"{self.name}:{self.role}:{self.hash}".encode()).hexdigest()[:24]
        return f"{self.name}:{seal}"


class Users:
    """Reads, checks and changes the file; a change counts from the next request on.

    Parameters
    ----------
    path
        The file.
    hasher
        Makes and verifies hashes; argon2id with the parameters of RFC 9106 unless given.

    """

    def __init__(self, path: Path, hasher: PasswordHasher | None = None):
        self.path = path
        self.hasher = hasher or PasswordHasher()
        self._gate = threading.BoundedSemaphore(_AT_ONCE)
        self._seen: tuple[int, ...] = ()
        self._users: Mapping[str, User] = {}

    def every(self) -> Mapping[str, User]:
        """All users by name.

        Raises
        ------
        BadInput
            If a line cannot be read.
        Unavailable
            If the file cannot.

        """
        try:
            found = os.stat(self.path)
            seen = (found.st_mtime_ns, found.st_size, found.st_ino)
            if seen != self._seen:
                self._users, self._seen = self._read(), seen
        except FileNotFoundError as error:
            raise Unavailable(
                f"SLUICE_USERS names {self.path}, which is not there; make it with {_ADD}."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise Unavailable(f"The file {self.path} cannot be read ({reason}).") from error
        return self._users

    def require_some(self) -> None:
        """Refuse to serve where nobody could sign in, or nobody lead."""
        if not any(user.role is Role.LEAD for user in self.every().values()):
            raise Unavailable(f"Nobody in {self.path} is a lead; add one with {_ADD}.")

    def _read(self) -> dict[str, User]:
        users: dict[str, User] = {}
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            where = f"{self.path}, line {number}"
            name, _, rest = line.partition(":")
            role, _, hashed = rest.partition(":")
            if role not in ROLES or not hashed.startswith("$argon2"):
                raise BadInput(
                    f"{where}: it has to be name:role:argon2-hash, with one of {', '.join(ROLES)}."
                )
            try:
                name = checked_name(name)
            except BadInput as error:
                raise BadInput(f"{where}: {error}") from None
            if name.casefold() in map(str.casefold, users):
                raise BadInput(f"{where}: the name {name!r} is there twice.")
            users[name] = User(name, role_of(role), hashed.strip())
        return users

    def by_session(self, known: str) -> User | None:
        """The user of a session that still holds."""
        user = self.every().get(known.rpartition(":")[0])
        return user if user is not None and user.session == known else None

    def verify(self, name: str, password: str) -> User | None:
        """The user with this password; it takes as long where there is none of that name."""
        user = self.every().get(unicodedata.normalize("NFC", name.strip()))
        hashed = user.hash if user else self._nobody
        if not self._gate.acquire(timeout=_PATIENCE):
            raise Unavailable("Many people sign in at this moment; try again in a few seconds.")
        try:
            self.hasher.verify(hashed, _plain(password))
        except (VerificationError, InvalidHashError):
            return None
        finally:
            self._gate.release()
        return user

    @cached_property
    def _nobody(self) -> str:
        return self.hasher.hash(os.urandom(16).hex())

    def add(self, name: str, role: Role, password: str) -> None:
        """Add a user; the first one makes the file.

        Raises
        ------
        BadInput
            If name or password cannot be used.
        Conflict
            If there is one of that name.

        """
        name, hashed = checked_name(name), self.hasher.hash(checked_password(password))
        with self._changing() as users:
            if name.casefold() in map(str.casefold, users):
                raise Conflict(f"There is a user {name!r} already.")
            users[name] = User(name, role, hashed)

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password, which ends their sessions."""
        hashed = self.hasher.hash(checked_password(password))
        with self._changing() as users:
            user = _find(users, name)
            users[name] = User(name, user.role, hashed)

    def remove(self, name: str) -> None:
        """Remove a user, which ends their sessions; their labels stay."""
        with self._changing() as users:
            del users[_find(users, name).name]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, User]]:
        """The users, to be changed by one process at a time and written all at once."""
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            with _locked(self.path.with_name(f".{self.path.name}.lock")):
                users = dict(self.every()) if self.path.exists() else {}
                yield users
                lines = [f"{u.name}:{u.role.word}:{u.hash}\n" for u in users.values()]
                handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write("".join(lines))
                flush(part)
                part.replace(self.path)
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be written ({error.strerror}).") from error
        finally:
            part.unlink(missing_ok=True)

    @property
    def open_to_others(self) -> bool:
        """Whether others on this machine can read the hashes."""
        return bool(stat.S_IMODE(self.path.stat().st_mode) & 0o077)


def checked_name(name: str) -> str:
    """A name as it is stored.

    Raises
    ------
    BadInput
        If it cannot be one.

    Examples
    --------
    >>> checked_name("ann@example.org")
    'ann@example.org'

    """
    name = unicodedata.normalize("NFC", name)
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"A user's name has up to 64 letters, digits, dots, hyphens, _, + or @, and begins "
            f"with a letter or digit; {name[:80]!r} does not."
        )
    if name.casefold() == LOCAL.name:
        raise BadInput(f"{name!r} stands for whoever labels without signing in; choose another.")
    return name


def checked_password(password: str) -> str:
    """A password as it is hashed.

    Raises
    ------
    BadInput
        If it is too short or too long.

    """
    password = _plain(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters.")
    return password


def _plain(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _find(users: Mapping[str, User], name: str) -> User:
    if name not in users:
        raise NotFound(f"There is no user {name!r}.")
    return users[name]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
