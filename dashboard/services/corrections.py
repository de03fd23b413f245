"""The log page's door to a sample: tells its story, after correcting its label where wished."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.services.stories import Story

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Told(NamedTuple):
    """A sample's story, and what came of the correction before it.

    Parameters
    ----------
    story
        The story as it is now.
    notice
        A sentence about the correction, or nothing.
    changed
        Whether the log was changed.

    """

    story: Story
    notice: str
    changed: bool


class Corrections:
    """Translates between the page's plain data and the services; believes nothing it is sent.

    Parameters
    ----------
    services
        What does the work.
    annotator
        Who corrects.

    """

    def __init__(self, services: Services, *, annotator: str):
        self.services = services
        self.annotator = annotator

    def handle(self, wish: Mapping[str, Any]) -> Told:
        """Do what the page asks for.

        Parameters
        ----------
        wish
            `do` is `look` or `correct`; `experiment` and `position` say which sample, and a
            correction has `label`, the index of a class or None to take it back, and `key`.

        """
        slug, position = str(wish.get("experiment")), _whole(wish.get("position"), "position")
        notice, changed = "", False
        if wish.get("do") == "correct":
            label = wish.get("label")
            outcome = self.services.labeling.correct(
                slug,
                position=position,
                label=None if label is None else _whole(label, "label"),
                key=_key(wish.get("key")),
                annotator=self.annotator,
            )
            notice, changed = outcome.notice or "Saved.", outcome.done
        return Told(self.services.records.story(slug, position), notice, changed)


def _whole(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise BadInput(f"The page sent no usable {what}; reload it.")
    return value


def _key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise BadInput("The page sent no usable idempotency key; reload it.")
    return value
