"""The exported model: loaded as its README says, where nothing but River is installed."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import pickletools
import platform
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import make_spec
from dashboard.errors import NotFound
from dashboard.services.container import Services
from dashboard.services.model_export import PACKAGE, filename, pickle_apart
from dashboard.storage.experiments import LabelClass, change
from dashboard.storage.streams import Sample

# Refuses every import but Python's own, River's and what River needs, and ours, of course.
GUARD = f"""
import importlib.abc, sys

ALLOWED = set(sys.stdlib_module_names) | {{
    "river", "numpy", "scipy", "pandas", "narwhals", "{PACKAGE}"
}}

class Guard(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and not top.startswith("_sysconfig"):
            raise ImportError(f"{{name}} is not installed here")

sys.meta_path.insert(0, Guard())
"""

# Loads one folder after the other and predicts, learns and predicts again.
PREDICT = """
import importlib, json, pathlib, pickle, sys

told = json.loads(pathlib.Path(sys.argv[1]).read_text())
for folder, samples, label in told:
    for name in [n for n in sys.modules if n.partition(".")[0] == "sluice_model"]:
        del sys.modules[name]
    sys.path[0] = folder
    importlib.invalidate_caches()
    model = pickle.loads((pathlib.Path(folder) / "model.pkl").read_bytes())
    before = [{int(c): p for c, p in model.predict_proba_one(x).items()} for x in samples]
    model.learn_one(samples[0], label)
    after = [{int(c): p for c, p in model.predict_proba_one(x).items()} for x in samples]
    print(json.dumps([before, after]))
assert not any(name.partition(".")[0] == "dashboard" for name in sys.modules)
"""


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., str]:
    """`alone(folder, "script.py", …)`: standard output of a script run in a folder by a Python
    that finds River and nothing else."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)

    def run(folder: Path, *words: str) -> str:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(
            [sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=300,
            env={**environ, "PYTHONPATH": str(tmp_path / "guard")}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    return run


def unpacked(services: Services, slug: str, folder: Path) -> Path:
    content = b"".join(services.model_export.stream(slug))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def example_of(folder: Path) -> str:
    found = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    assert len(found) == 1
    return found[0]


def trained(
    services: Services, make_experiment: Callable[..., str], name: str, count: int = 12, **more: Any
) -> str:
    slug = make_experiment(services, name, n=120, **more)
    services.runs.oracle(slug, count=count)
    return slug


def test_the_guard_keeps_everything_else_out(alone: Callable[..., str], tmp_path: Path) -> None:
    for name in ("dash", "dashboard", "sqlalchemy", "pyarrow"):
        (tmp_path / "try.py").write_text(
            f"try:\n    import {name}\nexcept ImportError as error:\n    print(error)\n"
        )
        assert alone(tmp_path, "try.py") == f"{name} is not installed here\n"


@pytest.mark.parametrize(
    ("preset", "choices"),
    [
        ("recommended", {}),
        ("recommended", {"classes": 3}),
        ("blog", {}),
        ("recommended", {"text": False}),
    ],
)
def test_the_example_of_the_readme_runs_as_it_is_written(
    services: Services,
    make_experiment: Callable[..., str],
    alone: Callable[..., str],
    tmp_path: Path,
    preset: str,
    choices: dict[str, Any],
) -> None:
    slug = trained(services, make_experiment, "Mine", preset=preset, **choices)
    folder = unpacked(services, slug, tmp_path / "out")
    example = example_of(folder)
    assert len(example.splitlines()) == 5
    (folder / "example.py").write_text(example)
    said = ast.literal_eval(alone(folder, "example.py"))
    assert said.keys() == {c.name for c in services.experiments.find(slug).classes}
    assert sum(said.values()) == pytest.approx(1, abs=0.01)
    # The very numbers of the model that asks the questions.
    x = ast.literal_eval(re.search(r"predict_proba_one\((.*)\)\n", example)[1])  # type: ignore[index]
    names = [c.name for c in services.experiments.find(slug).classes]
    y_pred = services.labeling.learner(slug)[1].predict(x)
    assert said == {names[int(c)]: round(p, 3) for c, p in y_pred.items()}


@pytest.mark.slow
def test_every_pipeline_predicts_and_learns_elsewhere_as_here(
    services: Services,
    make_experiment: Callable[..., str],
    alone: Callable[..., str],
    tmp_path: Path,
) -> None:
    told, expected = [], []
    for name, pipeline in PIPELINES.items():
        classes = 2 if pipeline.binary else 3
        spec = make_spec(text=pipeline.text, classes=classes, pipeline=name, strategy="random")
        slug = trained(
            services, make_experiment, name, spec=spec, text=pipeline.text, classes=classes
        )
        folder = unpacked(services, slug, tmp_path / name)
        experiment, learner = services.labeling.learner(slug)
        samples = [
            services.labeling.samples.get(experiment.stream_id, p).fields for p in (0, 50, 119)
        ]
        before = [told_by(learner, x) for x in samples]
        learner.learn(samples[0], 1)
        expected.append([before, [told_by(learner, x) for x in samples]])
        told.append((str(folder), samples, bool(1) if pipeline.binary else 1))
    (tmp_path / "told.json").write_text(json.dumps(told))
    (tmp_path / "predict.py").write_text(PREDICT)
    lines = alone(tmp_path, "predict.py", "told.json").splitlines()
    assert [json.loads(line) for line in lines] == expected
    assert len(expected) == len(PIPELINES)


def told_by(learner: Any, x: dict[str, Any]) -> dict[str, float]:
    return {str(int(c)): p for c, p in learner.predict(x).items()}


def modules_named(pickled: bytes) -> set[str]:
    """The modules that a pickle asks for, which stand before each global's name."""
    strings: list[str] = []
    found = set()
    memo: list[Any] = []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name in ("SHORT_BINUNICODE", "BINUNICODE"):
            strings.append(argument)
        elif opcode.name == "MEMOIZE":
            memo.append(strings[-1] if strings else None)
        elif opcode.name in ("BINGET", "LONG_BINGET"):
            strings.append(memo[argument])
        elif opcode.name == "STACK_GLOBAL":
            found.add(strings[-2])
    return {name.partition(".")[0] for name in found if name}


def test_a_plain_river_model_comes_without_anything_of_ours(
    services: Services, make_experiment: Callable[..., str], tmp_path: Path
) -> None:
    plain = unpacked(services, trained(services, make_experiment, "a"), tmp_path / "a")
    files = {p.name for p in plain.rglob("*") if p.is_file()}
    assert files == {"README.md", "model.pkl", "requirements.txt"}
    named = modules_named((plain / "model.pkl").read_bytes())
    assert "river" in named
    assert named <= sys.stdlib_module_names | {"river"}
    ours = unpacked(
        services, trained(services, make_experiment, "b", preset="recommended"), tmp_path / "b"
    )
    named = modules_named((ours / "model.pkl").read_bytes())
    assert PACKAGE in named
    assert "dashboard" not in named
    sources = "".join(p.read_text() for p in (ours / PACKAGE).rglob("*.py"))
    assert not re.search(r"^\s*(from|import) dashboard", sources, re.MULTILINE)


def test_the_readme_says_what_loads_it_and_what_the_classes_are(
    services: Services, make_experiment: Callable[..., str], tmp_path: Path
) -> None:
    slug = trained(services, make_experiment, "Mine", classes=3, preset="recommended")
    experiment = services.experiments.find(slug)
    classes = [LabelClass(n, n) for n in ("it's", 'say "no"|`or`', "日本語")]
    with services.database.write() as connection:
        stored = json.dumps([vars(c) for c in classes])
        change(connection, experiment.id, name="A `name`\nof {two} lines", classes=stored)
    folder = unpacked(services, slug, tmp_path / "out")
    readme = (folder / "README.md").read_text()
    assert readme.startswith("# A 'name' of {two} lines\n")
    assert f"River {version('river')}" in readme
    assert f"Python {platform.python_version()}" in readme
    assert f"it had learned {12} labels" in readme.replace("\n", " ").lower()
    assert hashlib.sha256((folder / "model.pkl").read_bytes()).hexdigest() in readme
    assert "| 0 | `0` | it's |\n" in readme
    assert '| 1 | `1` | say "no"\\|`or`' in readme
    assert "| 2 | `2` | 日本語 |\n" in readme
    assert repr([c.name for c in classes]) in example_of(folder)
    assert (folder / "requirements.txt").read_text() == f"river=={version('river')}\n"


def test_binary_classes_are_what_the_model_says(
    services: Services, make_experiment: Callable[..., str], tmp_path: Path
) -> None:
    folder = unpacked(services, trained(services, make_experiment, "Two"), tmp_path / "out")
    readme = (folder / "README.md").read_text()
    assert "| 0 | `False` | win |\n| 1 | `True` | see |\n" in readme


def test_the_example_of_rows_tells_nothing_of_the_data(services: Services, tmp_path: Path) -> None:
    fields = {"secret": "Ann's diagnosis", "weight": 81.5, "age": 44, "ok": True, "gone": None}
    stream = services.experiments.add_stream(
        slug="rows", title="Rows", kind="rows", classes=["a", "b"], source="",
        items=iter([Sample("r0", fields, 0), Sample("r1", fields, 1)]),
    )  # fmt: skip
    spec = make_spec(text=False, classes=2)
    slug = services.experiments.create("Rows", stream=stream, spec=spec).slug
    folder = unpacked(services, slug, tmp_path / "out")
    assert "{'secret': '', 'weight': 0.0, 'age': 0, 'ok': False}" in example_of(folder)
    assert "diagnosis" not in (folder / "README.md").read_text()


def test_the_experiment_is_as_it_was(
    services: Services, make_experiment: Callable[..., str]
) -> None:
    slug = trained(services, make_experiment, "Mine", preset="recommended")
    before = services.verification.verify(slug), services.experiments.find(slug)
    fingerprint = services.labeling.learner(slug)[1].fingerprint()
    content = b"".join(services.model_export.stream(slug))
    assert content
    assert (services.verification.verify(slug), services.experiments.find(slug)) == before
    assert services.labeling.learner(slug)[1].fingerprint() == fingerprint


def test_one_that_has_learned_nothing_and_one_put_aside(
    services: Services, make_experiment: Callable[..., str], tmp_path: Path
) -> None:
    slug = make_experiment(services, "Fresh", preset="recommended")
    folder = unpacked(services, services.experiments.archive(slug).slug, tmp_path / "out")
    assert "had learned 0 labels" in (folder / "README.md").read_text()


def test_an_unknown_experiment_is_told_before_the_first_chunk(services: Services) -> None:
    with pytest.raises(NotFound, match="no experiment 'nobody'"):
        services.model_export.stream("nobody")
    assert filename("nobody") == "nobody-model.zip"


def test_what_is_packed_beside_follows_imports() -> None:
    """A function of a module that imports others of ours takes those along."""
    from dashboard.services.encodings import csv_of

    pickled, modules = pickle_apart({"function": csv_of})
    assert b"dashboard" not in pickled
    assert f"{PACKAGE}/services/encodings.py" in modules
    assert f"{PACKAGE}/storage/export.py" in modules
    assert f"{PACKAGE}/core/events.py" in modules
    assert modules[f"{PACKAGE}/storage/__init__.py"] == ""
    assert f"from {PACKAGE}.storage.export import" in modules[f"{PACKAGE}/services/encodings.py"]
