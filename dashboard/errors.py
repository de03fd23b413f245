"""The errors that Sluice raises itself, each with a sentence that says what to do next.

::

    SluiceError                 the sentence is meant for a person, whatever the door
    ├── BadInput                a value out of range, an unknown name, a file that cannot be read
    │   └── NotFound            no such experiment, stream or sample
    ├── Forbidden               the person, or the page it comes from, may not do that
    ├── Conflict                someone else was first, or the thing is busy
    └── Unavailable             a download, disk or database that cannot be had right now

The command line turns them into one line on standard error, the pages into a toast, the routes
into a status code (400, 403, 404, 409, 503). Every other exception is a bug and stays loud.
"""

from __future__ import annotations


class SluiceError(Exception):
    """Base of all errors that carry a sentence for a person."""

    status = 500


class BadInput(SluiceError):
    """Something that was typed, sent or chosen cannot be used."""

    status = 400


class NotFound(BadInput):
    """There is nothing of that name."""

    status = 404


class Forbidden(SluiceError):
    """Who asks for it may not."""

    status = 403


class Conflict(SluiceError):
    """The request was fine, but something else came first."""

    status = 409


class Unavailable(SluiceError):
    """Disk, database, port or network refuse at the moment."""

    status = 503
