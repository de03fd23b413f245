"""Changes in the middle of an experiment: another question rate, another class, another name.

A change is an event. Queries, predictions and labels stay as they were; the model is the one that
the labels in force make with the new recipe.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Any

from dashboard.core.events import Event, Kind
from dashboard.core.learner import Learner
from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import Spec, make_spec
from dashboard.core.uncertainty import QuantileSampler
from dashboard.errors import BadInput, Conflict
from dashboard.services.labeling import Labeling, Outcome, find_experiment, refuse_archived
from dashboard.storage import log
from dashboard.storage.experiments import Experiment, LabelClass
from dashboard.storage.log import Append

Recipe = dict[str, Any]

MAX_CLASSES = 500
MAX_NAME = 200

# Fields of a spec that say which strategy it is; the others only tune it. The quantile filter
# counts its questions against its budget, and begins to count anew with another one.
_STRATEGY = ("strategy",)
_COUNTING = ("strategy", "budget")


def recipe_of(experiment: Experiment) -> Recipe:
    """Recipe and classes of an experiment as plain data, as change events hold them."""
    return _recipe(experiment.spec, experiment.classes)


def _recipe(spec: Spec, classes: Sequence[LabelClass]) -> Recipe:
    return {"spec": spec.to_dict(), "classes": [dataclasses.asdict(c) for c in classes]}


def keeps_state(before: Recipe, after: Recipe) -> bool:
    """Whether what a strategy has learned still holds: as long as it is the same strategy."""
    fields = _COUNTING if before["spec"]["strategy"] == QuantileSampler.name else _STRATEGY
    return all(before["spec"][name] == after["spec"][name] for name in fields)


class Changes:
    """Changes of experiments.

    Parameters
    ----------
    labeling
        Whose storage and warm copies are used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling

    def strategy(
        self, slug: str, *, key: str | None = None, annotator: str = "", **values: Any
    ) -> Outcome:
        """Go on with other values of the strategy.

        Parameters
        ----------
        slug
            The experiment.
        key
            Idempotency key.
        annotator
            Who asks.
        values
            What `make_spec` takes of `strategy`, `discount_factor`, `budget`, `floor`, `margin`.

        Raises
        ------
        BadInput
            For a value out of range.

        """

        def changed(old: Experiment) -> tuple[Spec, Sequence[LabelClass]]:
            return _with_strategy(old, values), old.classes

        return self._change(slug, changed, key=key, annotator=annotator)

    def add_class(
        self, slug: str, name: str, *, key: str | None = None, annotator: str = ""
    ) -> Outcome:
        """Add a class behind the others; every label stays.

        Raises
        ------
        BadInput
            For an empty or overlong name, or one that is there already.

        """

        def changed(old: Experiment) -> tuple[Spec, Sequence[LabelClass]]:
            if len(old.classes) >= MAX_CLASSES:
                raise BadInput(f"An experiment has at most {MAX_CLASSES} classes.")
            fresh = _check_name(old.classes, name)
            return _for_more(old.spec, len(old.classes) + 1), (
                *old.classes,
                LabelClass(fresh, fresh),
            )

        return self._change(slug, changed, key=key, annotator=annotator)

    def edit_class(
        self,
        slug: str,
        index: int,
        *,
        name: str | None = None,
        guideline: str | None = None,
        key: str | None = None,
        annotator: str = "",
    ) -> Outcome:
        """Rename a class, or say what belongs to it; no label and no model changes.

        Raises
        ------
        BadInput
            For a class that is not there, an empty or overlong name, or one in use.

        """

        def changed(old: Experiment) -> tuple[Spec, Sequence[LabelClass]]:
            if not 0 <= index < len(old.classes):
                raise BadInput(f"There is no class number {index}.")
            classes = list(old.classes)
            if name is not None and name.strip() not in (classes[index].name, classes[index].title):
                fresh = _check_name([c for c in classes if c is not classes[index]], name)
                classes[index] = dataclasses.replace(classes[index], name=fresh, title=fresh)
            if guideline is not None:
                classes[index] = dataclasses.replace(classes[index], guideline=guideline.strip())
            return old.spec, classes

        return self._change(slug, changed, key=key, annotator=annotator)

    def _change(
        self,
        slug: str,
        changed: Callable[[Experiment], tuple[Spec, Sequence[LabelClass]]],
        *,
        key: str | None,
        annotator: str,
    ) -> Outcome:
        return self.labeling.retrying(lambda: self._try(slug, changed, key, annotator))

    def _try(
        self,
        slug: str,
        changed: Callable[[Experiment], tuple[Spec, Sequence[LabelClass]]],
        key: str | None,
        annotator: str,
    ) -> Outcome:
        labeling = self.labeling
        with labeling.held(slug) as held:
            with labeling.database.read() as connection:
                experiment = find_experiment(connection, slug)
                refuse_archived(experiment)
                if key and log.find_key(connection, experiment.id, key):
                    return Outcome(False, "That change was made before.")
            spec, classes = changed(experiment)
            before, after = recipe_of(experiment), _recipe(spec, classes)
            if before == after:
                return Outcome(False, "Nothing was changed.")
            state = experiment.strategy_state
            # None: nothing was scanned so far, and the strategy begins as the new recipe says.
            if state is None or not keeps_state(before, after):
                state = Learner(spec, n_classes=len(classes)).sampler.state
            held.drop()
            event = Event(
                seq=experiment.head + 1,
                kind=Kind.CHANGE,
                first=experiment.position,
                stop=experiment.position,
                at=labeling.clock(),
                # Whoever has a model of any head before this one has to make it anew.
                target=0,
                strategy_state=state,
                annotator=annotator,
                key=key,
                payload=json.dumps({"before": before, "after": after}, ensure_ascii=False),
            )
            with labeling.database.write() as connection:
                log.append(connection, experiment.id, Append(event))
        return Outcome(True)


def _with_strategy(experiment: Experiment, values: dict[str, Any]) -> Spec:
    old = experiment.spec
    pipeline = PIPELINES[old.pipeline]
    kept = {name: getattr(old, name) for name in ("strategy", "budget", "floor")}
    if "discount_factor" in values:
        kept.pop("strategy")
    made = make_spec(
        old.preset,
        text=pipeline.text,
        classes=len(experiment.classes),
        seed=old.seed,
        **{**kept, **values},
    )
    return dataclasses.replace(made, pipeline=old.pipeline, columns=old.columns)


def _for_more(spec: Spec, classes: int) -> Spec:
    """The same recipe with a pipeline that knows more than two classes."""
    pipeline = PIPELINES[spec.pipeline]
    if not pipeline.binary:
        return spec
    many = make_spec(spec.preset, text=pipeline.text, classes=classes).pipeline
    return dataclasses.replace(spec, pipeline=many)


def _check_name(classes: Sequence[LabelClass], name: str) -> str:
    fresh = " ".join(name.split())
    if not fresh:
        raise BadInput("A class needs a name.")
    if len(fresh) > MAX_NAME:
        raise BadInput(f"The name of a class has at most {MAX_NAME} characters, not {len(fresh)}.")
    if fresh.casefold() in {n.casefold() for c in classes for n in (c.name, c.title)}:
        raise Conflict(f"There is a class {fresh!r} already; choose another name.")
    return fresh
