"""Who may do what: three roles, each of which may what those before it may."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboard.errors import BadInput


class Role(enum.IntEnum):
    """What a person may do.

    Examples
    --------
    >>> Role.LEAD > Role.ANNOTATOR > Role.VIEWER
    True
    >>> Role.LEAD.word
    'lead'

    """

    VIEWER = 1
    ANNOTATOR = 2
    LEAD = 3

    @property
    def word(self) -> str:
        """As it is typed and shown."""
        return self.name.lower()


ROLES = tuple(role.word for role in Role)

# What the pages need; whichever is not named here is for leads.
PAGES: Mapping[str, Role] = MappingProxyType(
    {
        "pages.label": Role.ANNOTATOR,
        "pages.accuracy": Role.VIEWER,
        "pages.queries": Role.VIEWER,
        "pages.entropy": Role.VIEWER,
        "pages.log": Role.ANNOTATOR,
        "pages.skipped": Role.ANNOTATOR,
        "pages.experiments": Role.VIEWER,
        "pages.not_found_404": Role.VIEWER,
    }
)


@dataclass(frozen=True)
class Person:
    """Who sends a request.

    Parameters
    ----------
    name
        As labels and the audit log name them.
    role
        What they may do.

    """

    name: str
    role: Role

    def may(self, need: Role) -> bool:
        """Whether a role suffices."""
        return self.role >= need

    def may_open(self, module: str) -> bool:
        """Whether they may open a page, by the name of its module."""
        return self.may(PAGES.get(module, Role.LEAD))


LOCAL = Person("local", Role.LEAD)  # whoever sits at this machine, where nobody has to sign in


def signed_in(annotator: str) -> bool:
    """Whether a name is that of one person among several; otherwise everyone is the same one.

    Examples
    --------
    >>> signed_in("lea"), signed_in(LOCAL.name), signed_in("")
    (True, False, False)

    """
    return annotator not in ("", LOCAL.name)


def role_of(word: str) -> Role:
    """The role of a word.

    Raises
    ------
    BadInput
        With the roles there are.

    Examples
    --------
    >>> role_of("annotator")
    <Role.ANNOTATOR: 2>

    """
    if word not in ROLES:
        raise BadInput(f"There is no role {word!r}; there are {', '.join(ROLES)}.")
    return Role[word.upper()]
