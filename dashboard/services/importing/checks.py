"""What can be said about a plan before anything is read or written."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from dashboard.errors import BadInput, Unavailable
from dashboard.services.importing.bad import Bad
from dashboard.services.importing.plan import MAX_CLASS, MAX_CLASSES, MISSING, TEXT, TYPES, Plan
from dashboard.storage.streams import Stream

_WHOLE = re.compile(r"-?\d{1,18}")


def refuse(file: str, what: str, mend: str, column: str = "") -> BadInput:
    """The error that says what is wrong with a file as a whole."""
    return BadInput(Bad(what=what, mend=mend, column=column).sentence(file))


def check_file(path: Path, file: str) -> None:
    """Refuse what is no file with something in it.

    Raises
    ------
    BadInput
        If it is not there, a folder, a device, or empty.
    Unavailable
        If it may not be read.

    """
    try:
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode):
            path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise refuse(file, "there is no such file", "check its name") from error
    except OSError as error:
        said = f"{file}: it cannot be read ({error.strerror}); check who may."
        raise Unavailable(said) from error
    if stat.S_ISDIR(found.st_mode):
        raise refuse(file, "it is a folder", "choose a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise refuse(file, "it is no regular file", "save what comes from it, and import that")
    if not found.st_size:
        raise refuse(file, "the file is empty", "choose one with rows in it")


def checked(plan: Plan) -> Plan:
    """The plan, if it makes sense in itself.

    Raises
    ------
    BadInput
        Says what is missing or contradicts itself.

    """
    if plan.fields and not plan.text and dict(plan.fields) == {TEXT: TEXT}:
        plan = replace(plan, text=TEXT, fields={})  # how such a row is stored anyway
    if bool(plan.text) == bool(plan.fields):
        raise refuse(plan.file, "a sample is either one text or some fields", "choose one of both")
    for name, kind in plan.fields.items():
        if kind not in TYPES:
            mend = f"there are {', '.join(TYPES)}"
            raise refuse(plan.file, f"there is no type {kind!r}", mend, name)
    if plan.label and plan.label in (plan.text, plan.id, *plan.fields):
        mend = "a label that the model sees teaches nothing: choose another column"
        raise refuse(plan.file, "it cannot be the label and something else", mend, plan.label)
    if plan.missing not in MISSING:
        what = f"there is no way {plan.missing!r} to treat a missing label"
        raise refuse(plan.file, what, f"there are {', '.join(MISSING)}")
    if plan.append:
        return plan
    if plan.classes:
        return replace(plan, classes=check_classes(plan.classes))
    if not plan.label:
        raise BadInput("Nobody can guess the classes without a label column; name two or more.")
    return plan


def fitted(plan: Plan, stream: Stream) -> Plan:
    """The plan of an append, with classes and types of the stream that is there.

    Parameters
    ----------
    plan
        What to make of the file.
    stream
        The stream that grows.

    Raises
    ------
    BadInput
        If what would be appended is of another kind.

    """
    slug = stream.slug
    if stream.is_text != bool(plan.text):
        what = "texts" if stream.is_text else f"rows of the fields {', '.join(stream.columns)}"
        raise refuse(plan.file, f"{slug} has {what}", "choose what is the same here")
    if not stream.is_text and set(plan.fields) != set(stream.columns):
        what = f"{slug} has the fields {', '.join(stream.columns)}"
        raise refuse(plan.file, what, "choose the same ones")
    if plan.classes and plan.classes != stream.classes:
        what = f"{slug} has the classes {', '.join(stream.classes)}"
        raise refuse(plan.file, what, "leave the classes to the stream")
    return replace(plan, fields=dict(stream.columns), classes=stream.classes)


def check_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """Names of classes, trimmed.

    Examples
    --------
    >>> check_classes([" ham", "spam"])
    ('ham', 'spam')

    Raises
    ------
    BadInput
        If there are too few or too many, or one of them cannot be a name.

    """
    names = tuple(name.strip() for name in classes)
    for name in names:
        if not name or len(name) > MAX_CLASS or not name.isprintable():
            raise BadInput(
                f"{name[:40]!r} cannot be the name of a class; use 1 to {MAX_CLASS} characters on "
                "one line."
            )
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"The class {twice[0]!r} is named twice; name each once.")
    if not 2 <= len(names) <= MAX_CLASSES:
        raise BadInput(
            f"There have to be 2 to {MAX_CLASSES} classes, and {len(names)} "
            f"{'is' if len(names) == 1 else 'are'} named."
        )
    return names


def found_classes(plan: Plan, found: Iterable[str]) -> tuple[str, ...]:
    """The labels of a column as classes.

    Raises
    ------
    BadInput
        If there are not at least two.

    """
    names = tuple(in_order(found))
    if len(names) < 2:
        what = f"the only label is {names[0]!r}" if names else "no row has a label"
        mend = "choose another label column, or name the classes"
        raise refuse(plan.file, what, mend, plan.label)
    return names


def in_order(labels: Iterable[str]) -> list[str]:
    """Labels in the order proposed for classes: whole numbers by size, else by the alphabet.

    Examples
    --------
    >>> in_order(["10", "9", "-1"]), in_order(["spam", "Ham", "eggs"])
    (['-1', '9', '10'], ['eggs', 'Ham', 'spam'])

    """
    labels = list(labels)
    if all(_WHOLE.fullmatch(label) for label in labels):
        return sorted(labels, key=lambda label: (int(label), label))
    return sorted(labels, key=lambda label: (label.casefold(), label))
