"""The import command, run as a person runs it, and the commands that use its streams."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import cli
from tests.importing import write

Run = Callable[..., subprocess.CompletedProcess[str]]
ROWS = [[f"id{i}", f"text number {i}", "ham" if i % 3 else "spam"] for i in range(30)]
COLUMNS = ["id", "text", "label"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """A command in this process."""
    monkeypatch.setenv("SLUICE_DATA", str(tmp_path / "data"))

    def call(*words: object) -> subprocess.CompletedProcess[str]:
        said = [str(word) for word in words]
        code = cli.run(said)
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(said, code, out, err)

    return call


def refused(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Exit 2, nothing on standard output, one sentence on standard error."""
    assert (result.returncode, result.stdout) == (2, ""), result
    assert result.stderr.count("\n") == 1, result.stderr
    for part in parts:
        assert part in result.stderr


@pytest.mark.parametrize("ending", ["csv", "tsv.gz", "jsonl", "parquet", "xlsx"])
def test_from_a_file_to_labels(run: Run, tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"t.{ending}", COLUMNS, ROWS)
    made = run("import", path, "--name", "My Texts", "--text-column", "text", "--id-column", "id",
               "--label-column", "label", "--classes", "spam, ham")  # fmt: skip
    assert (made.returncode, made.stdout, made.stderr) == (0, "my-texts\n", "")
    assert run("experiments", "create", "mine", "--stream", "my-texts").stdout == "mine\n"
    assert run("label", "mine", "--oracle", "--count", "3").stdout == "3 labels\n"
    assert run("verify", "mine").returncode == 0
    lines = run("export", "mine", "labels", "--format", "jsonl").stdout.splitlines()
    first = json.loads(lines[0])
    assert (first["sample_id"], first["text"], first["label"]) == ("id0", "text number 0", "spam")
    result = json.loads(
        run("simulate", "--stream", "my-texts", "--preset", "blog", "--json").stdout
    )
    assert result["samples"] == 30


def test_rows_of_fields(run: Run, tmp_path: Path) -> None:
    rows = [[i, "a" if i % 2 else "b", f"0{i}", i % 2] for i in range(30)]
    path = write(tmp_path / "t.csv", ["n", "kind", "code=x", "y"], rows)
    made = run("import", path, "--name", "rows", "--field", "n", "--field", "kind=text",
               "--field", "code=x=category", "--label-column", "y")  # fmt: skip
    assert (made.returncode, made.stdout) == (0, "rows\n"), made.stderr
    assert run("experiments", "create", "mine", "--stream", "rows").returncode == 0
    assert run("label", "mine", "--oracle", "--count", "2").stdout == "2 labels\n"
    assert run("verify", "mine").returncode == 0


def test_append(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", COLUMNS, ROWS[:20])
    words = ("--label-column", "label", "--id-column", "id")
    assert run("import", path, "--name", "t", *words).stdout == "t\n"
    refused(run("import", path, "--append", "t", *words), "t.csv, row 2, column id", "'id0'")
    write(path, COLUMNS, ROWS[15:])
    skipped = run("import", path, "--append", "t", "--skip-bad-rows", *words)
    assert (skipped.returncode, skipped.stdout) == (0, "t\n")
    assert skipped.stderr.count("Skipped: t.csv, row ") == 5
    result = json.loads(run("simulate", "--stream", "t", "--json").stdout)
    assert result["samples"] == 30


def test_options_of_the_format(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes('žluťoučký kůň\tx\n"úpěl ďábelské\ty\n'.encode("cp1250"))
    made = run("import", path, "--name", "odd", "--format", "tsv", "--encoding", "cp1250",
               "--delimiter", "\\t", "--no-header", "--no-quotes", "--text-column", "column 1",
               "--label-column", "column 2")  # fmt: skip
    assert (made.returncode, made.stdout) == (0, "odd\n"), made.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--name"),
        (("--name", "t", "--append", "t"), "--name"),
        (("--name", "t"), "Nobody can guess the classes"),
        (("--name", "t", "--text-column", "words", "--classes", "x,y"), "no column 'words'"),
        (("--name", "t", "--text-column", "text", "--field", "id"), "--text-column or --field"),
        (("--name", "t", "--field", "id=money"), "no type 'money'"),
        (("--name", "t", "--encoding", "klingon"), "no encoding 'klingon'"),
        (("--name", "t", "--missing", "burn"), "'burn' is not one of"),
        (("--name", "t", "--format", "csv", "--delimiter", ";;"), "not one character"),
        (("--append", "nope", "--label-column", "label"), "no stream 'nope'"),
    ],
)
def test_what_cannot_be(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    path = write(tmp_path / "t.csv", COLUMNS, ROWS)
    refused(run("import", path, *words), said)


def test_files_that_cannot_be(run: Run, tmp_path: Path) -> None:
    refused(run("import", tmp_path / "nope.csv", "--name", "t"), "nope.csv: there is no such file")
    refused(run("import", tmp_path, "--name", "t"), "it is a folder")
    numbers = write(tmp_path / "n.csv", ["a", "b"], [[1, 2], [3, 4]])
    refused(run("import", numbers, "--name", "t"), "no column looks like a text", "there are a, b")


def test_streams_that_are_not_there_are_told_with_those_that_are(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", COLUMNS, ROWS)
    run("import", path, "--name", "mine", "--label-column", "label")
    for words in (("experiments", "create", "x"), ("simulate",)):
        refused(run(*words, "--stream", "nope"), "no stream 'nope'", "imported are mine")


def test_a_simulation_needs_labels(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ["text"], [["a b c"], ["d e f"]])
    run("import", path, "--name", "t", "--classes", "x,y")
    refused(run("simulate", "--stream", "t"), "Nobody knows the labels of t")


def test_help() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "dashboard", "import", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for option in ("--text-column", "--label-column", "--append", "--skip-bad-rows", "--missing"):
        assert option in made.stdout
