"""Spot-checks: some of the samples that were skipped, drawn to be asked about blind.

All that were skipped so far, or those predicted to be of one class, have the same chance. The draw
has a generator of its own, seeded from the experiment and the number of the event, so that the
sampler's is left alone and a replay draws the same. Samples are asked about in the order in which
they were drawn: at any moment, those with an answer are themselves drawn at random.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

MOST = 500  # at once
ALL = "all"  # of whatever class predicted


@dataclass(frozen=True)
class Check:
    """What one event drew, and what from.

    Parameters
    ----------
    seq
        The event.
    among
        Class predicted, as `core.weights.class_name` has it, or `all`.
    population
        Samples it could have drawn.
    stop
        They all lie before this position.
    positions
        Those drawn, in the order of the draw.

    """

    seq: int
    among: str
    population: int
    stop: int
    positions: tuple[int, ...]

    def payload(self) -> dict[str, Any]:
        """The same as an event keeps it."""
        return {
            "among": self.among, "population": self.population, "first": 0, "stop": self.stop,
            "positions": list(self.positions),
        }  # fmt: skip


@dataclass(frozen=True)
class Status:
    """How spot-checks stand.

    Parameters
    ----------
    waiting
        Samples queued that have no answer yet.
    answered
        Those that have one; passes and labels taken back are answers, too.
    left
        Skipped samples that no spot-check has drawn.

    """

    waiting: int
    answered: int
    left: int


def from_payload(seq: int, payload: Mapping[str, Any]) -> Check | None:
    """The check of an event; None where the event took some back."""
    if "positions" not in payload:
        return None
    return Check(
        seq, payload["among"], payload["population"], payload["stop"], tuple(payload["positions"])
    )


def draw(population: int, n: int, *, seed: int, seq: int) -> list[int]:
    """Indices drawn without replacement, each with the same chance, in random order.

    A shuffle (Fisher and Yates 1938) that is broken off after so many. Only `random()` itself is
    used, which Python keeps the same from release to release.

    Parameters
    ----------
    population
        How many there are.
    n
        How many to draw; all, where there are no more.
    seed
        Of the experiment.
    seq
        Number of the event.

    Examples
    --------
    >>> draw(1000, 5, seed=42, seq=7)
    [649, 996, 616, 26, 182]
    >>> sorted(draw(4, 20, seed=42, seq=7))
    [0, 1, 2, 3]

    """
    chance = random.Random(f"spot-check {seed} {seq}").random
    moved: dict[int, int] = {}
    drawn = []
    for i in range(min(n, population)):
        j = i + int(chance() * (population - i))
        drawn.append(moved.get(j, j))
        moved[j] = moved.get(i, i)
    return drawn


def make(
    skipped: Sequence[int], n: int, *, seed: int, seq: int, stop: int, among: str = ALL
) -> Check:
    """Draw from the positions of skipped samples.

    Parameters
    ----------
    skipped
        Positions that may be drawn, in order.
    n
        How many to draw.
    seed
        Of the experiment.
    seq
        Number of the event.
    stop
        Where the log stands.
    among
        What the positions have in common.

    """
    indices = draw(len(skipped), n, seed=seed, seq=seq)
    return Check(seq, among, len(skipped), stop, tuple(skipped[i] for i in indices))


def since_undone(checks: Iterable[Check], undone: Iterable[tuple[int, int]]) -> list[Check]:
    """What is left of checks whose samples an undo took back: all before where it went back to.

    Parameters
    ----------
    checks
        As they were drawn.
    undone
        Number of each undo, and where it went back to.

    Examples
    --------
    >>> since_undone([Check(5, "all", 90, 100, (3, 95))], [(4, 10), (9, 60)])
    [Check(seq=5, among='all', population=90, stop=60, positions=(3,))]

    """
    steps = list(undone)
    found = []
    for check in checks:
        stop = min([check.stop, *(at for seq, at in steps if seq > check.seq)])
        kept = tuple(p for p in check.positions if p < stop)
        found.append(replace(check, stop=stop, positions=kept))
    return found


@dataclass(frozen=True)
class Cell:
    """Skipped samples that the same checks drew from, so that each had the same chance.

    Parameters
    ----------
    first, stop
        Positions from the first to before the last.
    among
        Class predicted; `all` for every class that has no cell of its own there.
    apart
        The classes that have.

    """

    first: int
    stop: int
    among: str
    apart: tuple[str, ...] = ()


def cells(checks: Iterable[Check], *, at: Iterable[int] = ()) -> list[Cell]:
    """Parts of the stream in which every skipped sample was drawn with the same chance.

    Checks drew from the beginning to where the log stood: between two such heads the same ones
    did. Where some drew from one class alone, that class is a part of its own.

    Parameters
    ----------
    checks
        In force.
    at
        Positions at which to divide as well.

    Examples
    --------
    >>> once, spam = Check(5, "all", 90, 100, ()), Check(9, "1", 20, 300, ())
    >>> for cell in cells([once, spam]):
    ...     print(cell)
    Cell(first=0, stop=100, among='1', apart=())
    Cell(first=0, stop=100, among='all', apart=('1',))
    Cell(first=100, stop=300, among='1', apart=())

    """
    every = [check for check in checks if check.stop > 0]
    last = max((check.stop for check in every), default=0)
    bounds = sorted({0, *(check.stop for check in every), *(p for p in at if p < last)})
    found = []
    for first, stop in pairwise(bounds):
        here = {check.among for check in every if check.stop >= stop}
        apart = tuple(sorted(here - {ALL}))
        found += [Cell(first, stop, name) for name in apart]
        if ALL in here:
            found.append(Cell(first, stop, ALL, apart))
    return found
