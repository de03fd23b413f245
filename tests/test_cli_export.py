"""The commands that take something along, and bring it in elsewhere."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import cli

Quick = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Quick:
    """`quick("verify", "x", home="there")`: a command in this process, over a folder."""

    def call(*words: str, home: str = "here") -> subprocess.CompletedProcess[bytes]:
        monkeypatch.setenv("SLUICE_DATA", str(tmp_path / home))
        code = cli.run(list(words))
        out, err = capfdbinary.readouterr()
        return subprocess.CompletedProcess(list(words), code, out, err)

    return call


def refused(result: subprocess.CompletedProcess[bytes], *parts: str) -> None:
    """Exit 2, nothing on standard output, one sentence on standard error."""
    said = result.stderr.decode()
    assert (result.returncode, result.stdout) == (2, b""), said
    assert said.count("\n") == 1
    for part in parts:
        assert part in said


@pytest.fixture
def made(quick: Quick) -> str:
    words = ("experiments", "create", "Mine", "--stream", "sample-messages", "--preset", "blog")
    assert quick(*words).stdout == b"mine\n"
    quick("label", "mine", "--oracle", "--count", "12")
    return "mine"


def test_the_labeled_data_set(quick: Quick, made: str, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(quick("export", made, "dataset").stdout.decode())))
    assert len(rows) == 6000
    assert [r["labeled_by"] for r in rows].count("oracle") == 12
    target = tmp_path / "all.jsonl"
    done = quick("export", made, "dataset", "--format", "jsonl", "-o", str(target))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["label"] for line in lines] == [r["label"] for r in rows]
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_the_model(quick: Quick, made: str, tmp_path: Path) -> None:
    target = tmp_path / "model.zip"
    assert quick("export", made, "model", "-o", str(target)).returncode == 0
    assert {"README.md", "model.pkl"} <= set(zipfile.ZipFile(target).namelist())
    piped = quick("export", made, "model").stdout
    assert "model.pkl" in zipfile.ZipFile(io.BytesIO(piped)).namelist()


def test_a_whole_experiment_and_back(quick: Quick, made: str, tmp_path: Path) -> None:
    path = str(tmp_path / "mine.zip")
    assert quick("export", made, "experiment", "-o", path).returncode == 0
    verified = quick("verify", made)
    brought = quick("experiments", "import", path, home="there")
    assert (brought.returncode, brought.stdout, brought.stderr) == (0, b"mine\n", b"")
    assert quick("verify", "mine", home="there").stdout == verified.stdout
    for what in ("labels", "predictions", "dataset"):
        assert (
            quick("export", "mine", what, home="there").stdout
            == quick("export", "mine", what).stdout
        )
    named = quick("experiments", "import", path, "--name", "Déjà vu", home="there")
    assert named.stdout == b"deja-vu\n"
    refused(quick("experiments", "import", path, "--name", "deja vu", home="there"), "deja-vu")
    assert quick("experiments", "import", path, home="there").stdout == b"mine-2\n"
    assert quick("verify", "mine-2", home="there").returncode == 0


def test_what_is_no_experiment(quick: Quick, made: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    refused(quick("experiments", "import", str(tmp_path / "table.csv")), "table.csv", "zip")
    refused(quick("experiments", "import", str(tmp_path / "nowhere")), "nowhere")
    refused(quick("experiments", "import", str(tmp_path)), str(tmp_path))


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("model", "--format", "csv"), "--format"),
        (("experiment", "--raw"), "--raw"),
        (("dataset", "--history"), "history"),
        (("model", "--history"), "history"),
        (("everything",), "everything"),
        (("dataset", "--format", "xlsx"), "xlsx"),
    ],
)
def test_what_cannot_be_asked_for(
    quick: Quick, made: str, words: tuple[str, ...], part: str
) -> None:
    refused(quick("export", made, *words), part)


def test_unknown_experiments(quick: Quick) -> None:
    for what in ("dataset", "model", "experiment"):
        refused(quick("export", "nope", what), "no experiment 'nope'")


def test_every_command_has_help(quick: Quick) -> None:
    for words in (("export",), ("experiments", "import")):
        assert quick(*words, "--help").stdout.startswith(b"Usage: ")
