"""The model as a file: a pickle that needs River and nothing else, and how to use it.

A pickle names functions and classes by their import path. Those of River are found wherever River
is; for our own (a tokenizer, say) the modules that define them are packed beside the pickle as a
small package, and the pickle asks for them there.
"""

from __future__ import annotations

import ast
import hashlib
import io
import pickle
import platform
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dashboard.core.pipelines import PIPELINES, TEXT
from dashboard.services.labeling import Labeling, now_ms
from dashboard.services.zips import zipped
from dashboard.storage import rollups, streams
from dashboard.storage.cells import iso
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import Sample, Stream

PACKAGE = "sluice_model"
MODEL = "model.pkl"
_OURS = "dashboard"
_FIELDS_SHOWN = 8

# Packed as it stands, and run here as well, so that the pickle finds what it names.
_DOOR = '''"""What the model needs beside River. Part of Sluice, BSD-3-Clause."""

import importlib
import operator


def part(module, name):
    """A function or a class of this package; the pickled model asks for them by name."""
    return operator.attrgetter(name)(importlib.import_module("." + module, __name__))
'''


class ModelExport:
    """Models of experiments as zip files.

    Parameters
    ----------
    labeling
        Makes the model at the head.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(self, labeling: Labeling, *, clock: Callable[[], int] = now_ms):
        self.labeling = labeling
        self.clock = clock

    def stream(self, slug: str) -> Iterator[bytes]:
        """The model as it is now: `model.pkl`, `README.md` and what the pickle needs.

        Nothing is drawn and nothing learned: a copy is packed.

        Raises
        ------
        NotFound
            If there is no such experiment; at once, before the first chunk.

        """
        experiment, learner = self.labeling.learner(slug)
        with self.labeling.database.read() as connection:
            stream = streams.get(connection, experiment.stream_id)
            labels = rollups.totals(connection, experiment.id)["labels"]
        sample = self.labeling.samples.get(stream.id, 0) if stream.samples else None
        pickled, modules = pickle_apart(learner.sampler.classifier)
        at = self.clock()
        readme = _readme(
            experiment, _example(experiment, stream, sample),
            made=iso(at), labels=labels, sha256=hashlib.sha256(pickled).hexdigest(),
            modules=modules,
        )  # fmt: skip
        members = {"README.md": readme.encode(), MODEL: pickled}
        members["requirements.txt"] = f"river=={version('river')}\n".encode()
        members.update((name, text.encode()) for name, text in modules.items())
        return zipped(((name, [content]) for name, content in members.items()), at=at)


def filename(slug: str) -> str:
    """What a browser should call the file.

    Examples
    --------
    >>> filename("sms-spam")
    'sms-spam-model.zip'

    """
    return f"{slug}-model.zip"


# The pickle ------------------------------------------------------------------------------------


def pickle_apart(model: Any) -> tuple[bytes, dict[str, str]]:
    """A pickle that knows nothing of this application, and the modules it has to lie beside.

    Parameters
    ----------
    model
        A River model, perhaps with functions and classes of ours inside.

    Returns
    -------
    tuple
        The pickle, and the text of each module by its path; empty where River is enough.

    """
    page = io.BytesIO()
    pickler = _Pickler(page)
    pickler.dump(model)
    return page.getvalue(), _package(pickler.needed)


class _Pickler(pickle.Pickler):
    """Has our functions and classes asked for at the package that is packed with the pickle."""

    def __init__(self, page: io.BytesIO):
        super().__init__(page, protocol=5)
        self.needed: set[str] = set()

    def reducer_override(self, thing: Any) -> Any:
        if not isinstance(thing, (type, types.FunctionType)):
            return NotImplemented
        package, _, module = (thing.__module__ or "").partition(".")
        if package != _OURS:
            return NotImplemented
        self.needed.add(thing.__module__)
        return _door().part, (module, thing.__qualname__)


def _door() -> Any:
    """The package's front module, as the reader of the pickle will have it."""
    if PACKAGE not in sys.modules:
        made = types.ModuleType(PACKAGE)
        exec(compile(_DOOR, f"<{PACKAGE}>", "exec"), made.__dict__)
        sys.modules[PACKAGE] = made
    return sys.modules[PACKAGE]


def _package(needed: set[str]) -> dict[str, str]:
    """The modules with all of ours that they import, under the package's name."""
    if not needed:
        return {}
    files = {f"{PACKAGE}/__init__.py": _DOOR}
    waiting, known = sorted(needed), set(needed)
    while waiting:
        module = sys.modules[waiting.pop()]
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        files[_path(module)] = _renamed(text)
        parents = module.__name__.split(".")[1:-1]
        for depth in range(1, len(parents) + 1):
            files.setdefault("/".join((PACKAGE, *parents[:depth], "__init__.py")), "")
        found = set(_imports(text)) - known
        known |= found
        waiting += sorted(found)
    return dict(sorted(files.items()))


def _path(module: types.ModuleType) -> str:
    below = "/".join((PACKAGE, *module.__name__.split(".")[1:]))
    return f"{below}/__init__.py" if hasattr(module, "__path__") else f"{below}.py"


def _imports(text: str) -> Iterator[str]:
    """Our own modules among those that a source imports."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.startswith(f"{_OURS}.") and name in sys.modules:
                yield name


_IMPORT = re.compile(rf"^([ \t]*(?:>>> )?(?:from|import) ){_OURS}(?=[. ])", re.MULTILINE)


def _renamed(text: str) -> str:
    """A source that imports from the package instead of from the application.

    Examples
    --------
    >>> _renamed("from dashboard.core import tokens")
    'from sluice_model.core import tokens'

    """
    return _IMPORT.sub(rf"\g<1>{PACKAGE}", text)


# The README ------------------------------------------------------------------------------------


def _example(experiment: Experiment, stream: Stream, sample: Sample | None) -> str:
    """Five lines that predict a sample of the right shape."""
    names = [c.name for c in experiment.classes]
    if stream.is_text or sample is None:
        x: dict[str, Any] = {TEXT: "Shall we meet for lunch today?"}
    else:
        x = _neutral(sample.fields)
    return "\n".join(
        (
            "import pathlib, pickle",
            f'model = pickle.loads(pathlib.Path("{MODEL}").read_bytes())',
            f"classes = {names!r}",
            f"probabilities = model.predict_proba_one({x!r})",
            "print({classes[int(c)]: round(p, 3) for c, p in probabilities.items()})",
        )
    )


def _neutral(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the same shape that tells nothing of the data."""
    plain = {name: value for name, value in fields.items() if isinstance(value, (str, int, float))}
    return {name: type(plain[name])() for name in list(plain)[:_FIELDS_SHOWN]}


def _readme(
    experiment: Experiment,
    example: str,
    *,
    made: str,
    labels: int,
    sha256: str,
    modules: Mapping[str, str],
) -> str:
    pipeline = PIPELINES[experiment.spec.pipeline]
    beside = (
        f"Keep the folder `{PACKAGE}` beside it (or anywhere on Python's path): the pickle finds "
        "its tokenizer and its like there."
        if modules
        else "It needs nothing beside River."
    )
    return _README.format(
        name=" ".join(experiment.name.split()).replace("`", "'"), made=made, model=MODEL,
        river=version("river"), numpy=version("numpy"), python=platform.python_version(),
        head=experiment.head, scanned=experiment.position, labels=labels,
        pipeline=pipeline.title, sha256=sha256, beside=beside, example=example,
        classes=_class_table(experiment, binary=pipeline.binary),
        learns="True" if pipeline.binary else "1",
    )  # fmt: skip


def _class_table(experiment: Experiment, *, binary: bool) -> str:
    rows = ["| number | the model says | class |", "|---|---|---|"]
    for number, each in enumerate(experiment.classes):
        says = bool(number) if binary else number
        name = " ".join(each.name.split()).replace("|", "\\|")
        rows.append(f"| {number} | `{says}` | {name} |")
    return "\n".join(rows)


_README = """\
# {name}

`{model}` is a River pipeline: {pipeline}. It had learned {labels:,} labels when it was packed at
{made}, after {scanned:,} scanned samples and {head:,} events of the experiment's log.

## Load it

It was written by **River {river}** under Python {python} with NumPy {numpy}. Load it with that
River (`pip install -r requirements.txt`); another one may read it differently or not at all.
{beside}

A pickle runs code while it is read: load one only from somebody you trust. The SHA-256 of this
one is `{sha256}`.

In this folder:

```python
{example}
```

`predict_proba_one` may name fewer classes than there are while the model has not met them all,
and none at first. `model.learn_one(x, {learns})` teaches it one more sample.

## Classes, in order

{classes}

A model remembers words and values of the samples it has learned from; treat the file like them.
"""
