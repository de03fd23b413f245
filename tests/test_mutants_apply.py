"""Each mutant of `mutants.py` still fits the sources, and its tests are still there."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.mutants import MUTANTS, ROOT, Edit, apply


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_mutant_applies(mutant, tmp_path):
    """Every replacement matches exactly once, and leaves a module that parses."""
    for edit in mutant.edits:
        (tmp_path / edit.file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / edit.file).write_text((ROOT / edit.file).read_text(encoding="utf-8"))
    apply(tmp_path, mutant.edits)
    for edit in mutant.edits:
        changed = (tmp_path / edit.file).read_text(encoding="utf-8")
        assert changed != (ROOT / edit.file).read_text(encoding="utf-8")
        ast.parse(changed)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_its_tests_are_there(mutant):
    assert mutant.tests
    for test in mutant.tests:
        file, name = test.split("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name.partition("[")[0] in functions


def test_names_are_unique():
    assert max(Counter(m.name for m in MUTANTS).values()) == 1


@pytest.mark.parametrize(("old", "times"), [("absent", 0), ("twice", 2)])
def test_a_replacement_that_does_not_fit_is_refused(tmp_path, old, times):
    (tmp_path / "file.py").write_text("twice = twice")
    with pytest.raises(ValueError, match=f"has this {times} times instead of once"):
        apply(tmp_path, [Edit("file.py", old, "new")])
    assert (tmp_path / "file.py").read_text() == "twice = twice"
