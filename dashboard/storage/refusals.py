"""What a database refuses, as a sentence for a person; None for everything that is a bug."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

_LOST = (
    "The connection to the database {where} was lost; the last step may or may not be stored. "
    "Repeat it: nothing is learned twice."
)

# Words of SQLite's messages: its codes do not tell a full disk from a broken one.
_SQLITE = {
    "disk is full": "The disk that holds {where} is full; nothing was changed. Make room and try "
    "again.",
    "disk I/O error": "The disk that holds {where} reports an error; the last step may or may not "
    "be stored. Check the disk, then repeat it: nothing is learned twice.",
    "readonly database": "The database {where} cannot be written; check its owner and its "
    "permissions.",
    "unable to open": "The database {where} cannot be opened; check that the folder exists and "
    "can be written.",
    "not a database": "The file {where} is not a Sluice database, or it is damaged; move it away, "
    "or put a backup in its place.",
    "malformed": "The database {where} is damaged; put a backup in its place.",
    "database is locked": "The database {where} has been locked by another process for a minute; "
    "try again.",
}

# SQLSTATE codes of PostgreSQL, or the two characters of their class.
_POSTGRESQL = {
    "08": _LOST,
    "25006": "The database {where} takes no changes at the moment (it is read-only); try again, "
    "or point DATABASE_URL at the primary server.",
    "42501": "The database {where} does not let this user in ({reason}); grant it the rights, or "
    "name its owner in DATABASE_URL.",
    "53100": "The disk of the database {where} is full; nothing was changed. Make room and try "
    "again.",
    "53200": "The database {where} is out of memory; nothing was changed. Try again.",
    "53300": "The database {where} has no connection left; stop other programs that use it, "
    "lower WEB_CONCURRENCY, or raise its max_connections.",
    "55P03": "The database {where} has been locked by another process for a minute; try again.",
    "57P": "The database {where} is being shut down or started; the last step may or may not be "
    "stored. Repeat it in a moment: nothing is learned twice.",
    "58030": "The disk of the database {where} reports an error; the last step may or may not be "
    "stored. Check the disk, then repeat it: nothing is learned twice.",
}


def sentence(error: sa.exc.DBAPIError, url: str) -> str | None:
    """What to tell a person, or None where the database is not to blame.

    Parameters
    ----------
    error
        What SQLAlchemy raised.
    url
        Of the database.

    Examples
    --------
    >>> error = sa.exc.OperationalError("", {}, Exception("database or disk is full"))
    >>> sentence(error, "sqlite:////var/sluice.db")
    'The disk that holds /var/sluice.db is full; nothing was changed. Make room and try again.'

    """
    where = place(url)
    if url.startswith("sqlite"):
        text = str(error.orig)
        found = next((said for sign, said in _SQLITE.items() if sign in text), None)
    else:
        found = _of_postgresql(error)
    return found and found.format(where=where, reason=reason(error))


def _of_postgresql(error: sa.exc.DBAPIError) -> str | None:
    code: Any = getattr(error.orig, "sqlstate", None)
    if code is None:
        if error.connection_invalidated:
            return _LOST
        if isinstance(error, sa.exc.OperationalError):  # before there is a connection: no code
            return (
                "The database {where} cannot be reached ({reason}); check DATABASE_URL, and "
                "whether PostgreSQL runs there."
            )
        return None
    return next((said for sign, said in _POSTGRESQL.items() if code.startswith(sign)), None)


def place(url: str) -> str:
    """Where a database is, without its password.

    Examples
    --------
    >>> place("postgresql+psycopg://me:secret@example.org:5432/sluice")
    'sluice at example.org:5432'
    >>> place("sqlite:///data/sluice.db")
    'data/sluice.db'

    """
    made = sa.engine.make_url(url)
    if url.startswith("sqlite"):
        return made.database or ":memory:"
    host = f"{made.host or 'this machine'}{f':{made.port}' if made.port else ''}"
    return f"{made.database or made.username} at {host}"


def reason(error: sa.exc.DBAPIError) -> str:
    """The driver's own words, on one line, as they can stand in brackets."""
    text = " ".join(str(error.orig).split())
    return text if len(text) <= 200 else f"{text[:199]}…"
