"""The import page's one door: a file that was sent becomes a stream and an experiment over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from dashboard.core.spec import PRESETS, Spec, make_spec
from dashboard.errors import BadInput, Conflict
from dashboard.services.container import Services
from dashboard.services.experiments import slug_of
from dashboard.services.importing.plan import MISSING, Plan, Preview, Wishes
from dashboard.services.importing.uploads import Upload
from dashboard.services.runs import Watch, keep_going
from dashboard.services.typed import number, text, whole
from dashboard.storage.streams import Stream

ROW = "row"  # a sample is a row of fields
COLUMN = "column:"  # a sample is the text in the column that follows
EAGER_BYTES = 20_000_000  # in a file up to this size classes are looked for without being asked


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A file that was looked into.

    Parameters
    ----------
    upload
        The file.
    preview
        What it is found to be.
    classes
        How often each label is in the guessed label column, in class order; None: not looked for.
    name
        What to call the stream, unless somebody knows better.

    """

    upload: Upload
    preview: Preview
    classes: Mapping[str, int] | None
    name: str


class Brought(NamedTuple):
    """What came of an import.

    Parameters
    ----------
    stream
        Its slug; empty where the import was stopped.
    experiment
        The experiment that was made over it; empty after an append.
    sentence
        How it went.
    skipped
        Sentences about rows that were left out.

    """

    stream: str
    experiment: str
    sentence: str
    skipped: Sequence[str]


class Intake:
    """Translates between the page's plain data and the services; believes nothing it is sent.

    Parameters
    ----------
    services
        What does the work.

    """

    def __init__(self, services: Services):
        self.services = services

    def look(self, typed: Mapping[str, Any]) -> Looked:
        """Look into a file that was sent.

        Parameters
        ----------
        typed
            `upload` is its id; `kind`, `encoding`, `delimiter`, `header` and `sheet` say how to
            read it, where not empty.

        """
        upload = self.services.uploads.find(text(typed, "upload"))
        preview = self.services.importer.preview(
            upload.path, file=upload.name, wishes=_wishes(typed)
        )
        looked = Looked(upload=upload, preview=preview, classes=None, name=_name(upload.name))
        if not preview.label or upload.size > EAGER_BYTES:
            return looked
        plan = _plan(looked, {"label": preview.label})
        try:
            return replace(looked, classes=self.services.importer.labels(plan))
        except BadInput:  # the guess was wrong; whoever chooses the column is told
            return replace(looked, preview=replace(preview, label=""))

    def classes(self, typed: Mapping[str, Any]) -> Mapping[str, int]:
        """How often each label is in the column that was chosen, in class order."""
        if not text(typed, "label"):
            return {}
        looked = self._again(typed)
        return self.services.importer.labels(_plan(looked, typed)) or {}

    def bring(self, typed: Mapping[str, Any], *, watch: Watch = keep_going) -> Brought:
        """Import the file, and make an experiment over it.

        Parameters
        ----------
        typed
            What `look` takes, and the form: `sample` (`row`, or `column:` and the text's column),
            `fields`, `id`, `label`, `missing`, `bad`, `classes`, `name`, `preset`, `rate`,
            `warm_start`, and `append`.
        watch
            Hears how many rows are done; may stop it.

        Raises
        ------
        BadInput, Conflict
            Before anything is written, or naming the row that is wrong; nothing is left then.

        """
        looked = self._again(typed)
        plan = _plan(looked, typed)
        if not plan.append:
            self._check(plan, typed)
        made = self.services.importer.run(plan, watch=watch)
        if made.stream is None:
            return Brought("", "", "The import was stopped; nothing of it is left.", ())
        self.services.uploads.delete(looked.upload.id)
        sentence = _told(made.rows, made.missing, made.skipped)
        if plan.append:
            return Brought(made.stream.slug, "", sentence, made.listed)
        experiment = self._experiment(made.stream, typed)
        return Brought(made.stream.slug, experiment, sentence, made.listed)

    def _again(self, typed: Mapping[str, Any]) -> Looked:
        upload = self.services.uploads.find(text(typed, "upload"))
        preview = self.services.importer.preview(
            upload.path, file=upload.name, wishes=_wishes(typed)
        )
        return Looked(upload=upload, preview=preview, classes=None, name=_name(upload.name))

    def _check(self, plan: Plan, typed: Mapping[str, Any]) -> None:
        """Refuse now what would be refused after the import."""
        if not plan.name:
            raise BadInput("The stream needs a name; type one.")
        slug = slug_of(plan.name)
        if any(slug == e.slug for e in self.services.experiments.every()):
            raise Conflict(f"There is an experiment {slug!r} already; choose another name.")
        if not plan.label and len(plan.classes) < 2:
            raise BadInput("Type at least two classes, one per line, or choose the labels' column.")
        whole(typed, "warm_start", "warm start", otherwise=0)
        _spec(typed, is_text=bool(plan.text), classes=len(plan.classes) or 2, columns={})

    def _experiment(self, stream: Stream, typed: Mapping[str, Any]) -> str:
        classes, columns = len(stream.classes), stream.columns
        spec = _spec(typed, is_text=stream.is_text, classes=classes, columns=columns)
        warm = min(whole(typed, "warm_start", "warm start", otherwise=0), stream.samples)
        if stream.truths < stream.samples:
            warm = 0
        made = self.services.experiments.create(
            stream.title, stream=stream, spec=spec, warm_start=warm
        )
        return made.slug


def _wishes(typed: Mapping[str, Any]) -> Wishes:
    delimiter = text(typed, "delimiter")
    header = text(typed, "header")
    return Wishes(
        kind=text(typed, "kind"),
        encoding=text(typed, "encoding").strip(),
        delimiter="\t" if delimiter == "tab" else delimiter,
        header=None if header not in ("yes", "no") else header == "yes",
        sheet=text(typed, "sheet"),
    )


def _name(file: str) -> str:
    """A name for people from that of a file.

    Examples
    --------
    >>> _name("Youtube01-Psy.csv.gz"), _name("support_tickets.jsonl"), _name(".csv")
    ('Youtube01 Psy', 'Support tickets', 'My data')

    """
    stem = file.removesuffix(".gz").rsplit(".", 1)[0]
    words = " ".join(stem.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:] or "My data"


def _plan(looked: Looked, typed: Mapping[str, Any]) -> Plan:
    preview = looked.preview
    sample = text(typed, "sample") or COLUMN + preview.text
    chosen = typed.get("fields")
    wanted = [str(name) for name in chosen] if isinstance(chosen, list) else []
    types = {column.name: column.type for column in preview.columns}
    missing = text(typed, "missing") or MISSING[0]
    if missing not in MISSING:
        raise BadInput("The page asked for something this server does not know; reload it.")
    if sample == ROW and not wanted:
        raise BadInput("Choose the fields that make a row.")
    lines = (line.strip() for line in text(typed, "classes").splitlines())
    return Plan(
        path=str(looked.upload.path.absolute()),
        file=looked.upload.name,
        format=preview.format,
        name=text(typed, "name").strip(),
        text="" if sample == ROW else sample.removeprefix(COLUMN),
        fields={name: types.get(name, "") for name in wanted} if sample == ROW else {},
        id=text(typed, "id"),
        label=text(typed, "label"),
        classes=tuple(line for line in lines if line),
        missing=missing,
        skip_bad=text(typed, "bad") == "skip",
        append=text(typed, "append"),
        estimate=preview.estimate,
    )


def _spec(
    typed: Mapping[str, Any], *, is_text: bool, classes: int, columns: Mapping[str, str]
) -> Spec:
    preset = text(typed, "preset") or PRESETS[0]
    rate = number(typed, "rate", "question rate")
    if rate is None:
        return make_spec(preset, text=is_text, classes=classes, columns=columns)
    if not 1 <= rate <= 1_000_000:
        raise BadInput(f"It can ask about 1 in 1 to 1 in 1,000,000, not 1 in {rate:g}.")
    usual = make_spec(preset, text=is_text, classes=classes, columns=columns)
    budget = 1 / rate
    return make_spec(
        preset,
        text=is_text,
        classes=classes,
        columns=columns,
        strategy="budget-entropy",
        budget=budget,
        floor=min(usual.floor, budget / 2),
    )


def _told(rows: int, missing: int, skipped: int) -> str:
    """How an import went.

    Examples
    --------
    >>> _told(1200, 3, 1)
    '1,200 rows are here. 3 without a label and 1 that is wrong were left out.'

    """
    left = [f"{missing:,} without a label"] if missing else []
    left += [f"{skipped:,} that {'is' if skipped == 1 else 'are'} wrong"] if skipped else []
    out = f" {' and '.join(left)} were left out." if left else ""
    return f"{rows:,} rows are here.{out}"
