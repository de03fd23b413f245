"""The commands, run as a person runs them."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import cli
from tests.serving import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """The same commands in this process: starting one takes longer than most of them."""

    def call(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        for name, value in {"SLUICE_DATA": str(tmp_path / "data"), **environ}.items():
            monkeypatch.setenv(name, value)
        code = cli.run(list(words))
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(list(words), code, out, err)

    return call


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "SLUICE_DATA": str(tmp_path / "data"), **environ}
        return subprocess.run(
            [sys.executable, "-m", "dashboard", *words],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return call


def refused(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Exit 2, nothing on standard output, one sentence on standard error."""
    assert result.returncode == 2, result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    for part in parts:
        assert part in result.stderr


def test_a_whole_session(run: Run, tmp_path: Path) -> None:
    made = run(
        "experiments",
        "create",
        "My First!",
        "--stream",
        "sample-messages",
        "--preset",
        "blog",
        "--warm-start",
        "50",
    )
    assert (made.returncode, made.stdout) == (0, "my-first\n")
    assert run("label", "my-first", "--oracle", "--count", "7").stdout == "7 labels\n"
    rows = list(csv.DictReader(io.StringIO(run("export", "my-first", "labels").stdout)))
    assert [r["source"] for r in rows[-7:]] == ["oracle"] * 7
    assert {r["source"] for r in rows[:-7]} == {"warm-start"}
    target = tmp_path / "out.jsonl"
    done = run("export", "my-first", "predictions", "--format", "jsonl", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, "")
    predictions = [json.loads(line) for line in target.read_text().splitlines()]
    assert [p["position"] for p in predictions] == list(range(len(predictions)))
    verified = run("verify", "my-first")
    assert verified.returncode == 0
    assert len(verified.stdout.strip()) == 64
    assert run("experiments", "reset", "my-first").returncode == 0
    listed = json.loads(run("experiments", "list", "--json").stdout)
    assert [row["state"] for row in listed] == ["ready", "archived"]
    assert run("experiments", "delete", listed[1]["slug"]).returncode == 0
    assert len(json.loads(run("experiments", "list", "--json").stdout)) == 1


def test_simulate_prints_one_json_object(run: Run) -> None:
    result = run(
        "simulate",
        "--stream",
        "sample-messages",
        "--preset",
        "blog",
        "--limit",
        "500",
        "--shuffle",
        "3",
        "--holdout",
        "0.2",
        "--json",
    )
    found = json.loads(result.stdout)
    assert found["samples"] == 400
    assert set(found) == {
        "samples",
        "labels",
        "accuracy",
        "f1",
        "seconds",
        "samples_per_second",
        "holdout_accuracy",
        "holdout_f1",
    }


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("verify", "nope"), ("no experiment 'nope'",)),
        (("frobnicate",), ("No such command",)),
        (("experiments", "create", "x", "--stream", "nope"), ("no stream 'nope'", "sms-spam")),
        (("experiments", "create", "!!!", "--stream", "sample-messages"), ("needs a letter",)),
        (
            ("experiments", "create", "x", "--stream", "sample-messages", "--seed", "-1"),
            ("seed", "0 to 4294967295"),
        ),
        (("experiments", "create", "x", "--stream", "sample-messages", "--seed", "x"), ("seed",)),
        (
            ("experiments", "create", "x", "--stream", "sample-messages", "--floor", "1.5"),
            ("floor", "0 to 1"),
        ),
        (
            ("experiments", "create", "x", "--stream", "sample-messages", "--floor", "nan"),
            ("floor",),
        ),
        (
            (
                "experiments",
                "create",
                "x",
                "--stream",
                "sample-messages",
                "--discount-factor",
                "-3",
            ),
            ("discount factor",),
        ),
        (
            ("experiments", "create", "x", "--stream", "sample-messages", "--warm-start", "6001"),
            ("warm start", "6000"),
        ),
        (
            ("experiments", "create", "x", "--stream", "phishing", "--preset", "blog"),
            ("blog", "recommended"),
        ),
        (("simulate", "--stream", "sample-messages", "--holdout", "1"), ("holdout",)),
        (("label", "nope", "--oracle"), ("no experiment",)),
        (("export", "nope", "labels"), ("no experiment",)),
        (("export", "nope", "labels", "--format", "xml"), ("xml",)),
        (("label", "nope", "--oracle", "--count", "0"), ("count",)),
        (("serve", "--port", "99999"), ("PORT", "65535")),
        (("serve", "--host", "0.0.0.0"), ("HOST", "SLUICE_OPEN=1")),
    ],
)
def test_bad_input_is_one_sentence(
    quick: Run, words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    refused(quick(*words), *parts)


def test_nothing_is_left_behind_by_a_refused_create(quick: Run) -> None:
    quick("experiments", "create", "x", "--stream", "sample-messages", "--floor", "2")
    assert json.loads(quick("experiments", "list", "--json").stdout) == []


def test_a_port_in_use(quick: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(quick("serve", "--port", port), f"Port {port} is in use", "PORT")


def test_a_data_folder_that_cannot_be_written(quick: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    refused(quick("experiments", "list", SLUICE_DATA=str(file)), "data folder", "SLUICE_DATA")


def test_a_damaged_database(quick: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sluice.db").write_bytes(b"no database" * 1000)
    refused(quick("experiments", "list"), "not a Sluice database", "backup")


def test_the_same_experiment_twice(quick: Run) -> None:
    assert quick("experiments", "create", "x", "--stream", "sample-messages").returncode == 0
    refused(quick("experiments", "create", "X", "--stream", "sample-messages"), "'x' already")


def test_export_into_a_folder_that_is_not_there(quick: Run, tmp_path: Path) -> None:
    quick("experiments", "create", "x", "--stream", "sample-messages")
    target = tmp_path / "nowhere" / "labels.csv"
    refused(quick("export", "x", "labels", "-o", str(target)), str(target))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("experiments",),
        ("experiments", "create"),
        ("serve",),
        ("simulate",),
        ("export",),
        ("label",),
        ("verify",),
    ],
)
def test_every_command_has_help(quick: Run, words: tuple[str, ...]) -> None:
    result = quick(*words, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: ")
