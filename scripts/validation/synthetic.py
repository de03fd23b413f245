"""Streams that no learner made: errors and query probabilities as unfriendly as one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scripts.validation.lockstep import COLD, FLOOR, SKIPPED, STRATEGY
from scripts.validation.runs import LONGEST, Runs

Floats = NDArray[np.float64]
Make = Callable[[np.random.Generator, tuple[int, int]], tuple[Floats, Floats]]


class Synthetic(NamedTuple):
    """A kind of stream.

    Parameters
    ----------
    name
        As in the tables.
    about
        What is unfriendly about it.
    make
        Probability of an error, and the strategy's query probability, of every sample.

    """

    name: str
    about: str
    make: Make


def _even(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    return np.full(shape, 0.05), np.where(rng.random(shape) < 0.05, rng.random(shape), 0.0)


def _sure(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    unsure = rng.random(shape) < 0.1
    return np.where(unsure, 0.0, 0.08), np.where(unsure, 0.5, 0.0)


def _rare(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    return np.full(shape, 0.004), np.where(rng.random(shape) < 0.05, 0.7, 0.0)


def _uneven(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    p = np.exp(rng.uniform(np.log(1e-4), 0.0, shape))
    return 0.5 * np.sqrt(p), p


def _drift(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    late = np.arange(shape[1]) >= shape[1] // 2
    wrong = np.where(late, 0.25, 0.01)
    return np.broadcast_to(wrong, shape), np.where(rng.random(shape) < 0.03, 0.8, 0.0)


def _hopeless(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    return np.full(shape, 0.45), rng.beta(0.1, 2.0, shape)


SYNTHETIC = (
    Synthetic("even", "5 % wrong wherever one looks", _even),
    Synthetic("sure and wrong", "all errors where the model is sure", _sure),
    Synthetic("rare", "0.4 % wrong", _rare),
    Synthetic("uneven", "query probabilities over four decades", _uneven),
    Synthetic("drift", "from 1 % to 25 % wrong halfway", _drift),
    Synthetic("hopeless", "45 % wrong", _hopeless),
)


def synthetic_runs(kind: Synthetic, floor: float, *, runs: int, seed: int = 0) -> Runs:
    """Runs over such a stream; one sample in seven is of the second class.

    Parameters
    ----------
    kind
        The kind of stream.
    floor
        Least query probability.
    runs
        How many.
    seed
        Of the random numbers.

    """
    rng = np.random.default_rng([seed, int(floor * 1000)])
    shape = (runs, LONGEST)
    wrong, strategy = kind.make(rng, shape)
    truth = (rng.random(shape) < 1 / 7).astype(np.int16)
    predicted = np.where(rng.random(shape) < wrong, 1 - truth, truth).astype(np.int16)
    pi = np.minimum(1.0, np.maximum(strategy, floor))
    pi[:, :5] = 1.0
    draw = rng.random(shape)
    reason = np.where(draw >= pi, SKIPPED, np.where(draw < strategy, STRATEGY, FLOOR))
    reason[:, :5] = COLD
    probability = np.clip(1 - wrong + rng.normal(0, 0.05, shape), 0.5, 1.0).astype(np.float32)
    return Runs(2, floor, predicted, truth, probability, pi, reason.astype(np.int8))
