"""The house: who may import whom, read from the sources."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# What of ours each room may import; a room that does not exist yet breaks no rule.
ROOMS = {
    "core": {"errors", "core"},
    "analytics": {"core", "errors", "analytics"},
    "figures": {"core", "errors", "analytics", "figures"},
    "storage": {"core", "settings", "errors", "storage"},
    "services": {"core", "analytics", "storage", "settings", "errors", "services"},
    "ui": {"core", "figures", "services", "settings", "errors", "background", "ui"},
    "security": {"services", "storage", "settings", "errors", "security"},
    "settings": {"errors"},
    "errors": set(),
}
# What of others, beside the standard library; None: no rule.
OTHERS = {
    "core": {"river", "numpy"},
    "analytics": {"numpy", "scipy"},
    "storage": {
        "sqlalchemy",
        "alembic",
        "pysqlite3",
        "diskcache",
        "psutil",
        "pyarrow",
        "numpy",
        "ulid",
    },
    "settings": set(),
    "errors": set(),
}
PAGES_MAY = {"services", "figures", "ui", "errors"}
# The processes' front doors: they may know the app, and the app every room.
DOORS = {"__main__", "background", "preload", "gunicorn_hooks", "worker"}
MAY_UNPICKLE = {"dashboard/storage/snapshots.py", "dashboard/services/labeling.py"}


def sources(*folders: str) -> list[Path]:
    found = [p for folder in folders for p in sorted((ROOT / folder).rglob("*.py"))]
    return [p for p in found if "__pycache__" not in p.parts]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, with the names taken from it."""
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def room_of(module: str) -> str:
    """`dashboard.core.spec` lies in `core`, `dashboard.app` in `app`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def in_room(room: str) -> list[Path]:
    return [p for p in sources("dashboard") if room_of(name_of(p)) == room]


def test_the_rooms_there_are_have_rules():
    """A new room of the house has to say whom it may import."""
    folders = {p.name for p in (ROOT / "dashboard").iterdir() if (p / "__init__.py").exists()}
    assert folders <= set(ROOMS)
    assert {"core", "storage", "services"} <= folders
    assert all(in_room(room) for room in folders)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_in_one_direction(room):
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in in_room(room)
        for module in imports(path)
        if module.split(".")[0] == "dashboard" and room_of(module) not in ROOMS[room]
    ]
    assert wrong == []


@pytest.mark.parametrize("room", OTHERS)
def test_rooms_import_few_strangers(room):
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in in_room(room)
        for module in imports(path)
        if (top := module.split(".")[0]) not in sys.stdlib_module_names
        and top not in OTHERS[room] | {"dashboard"}
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ["core", "analytics", "storage", "services"])
def test_no_dash_and_no_plotly_below_the_pages(room):
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in in_room(room)
        for module in imports(path)
        if module.split(".")[0] in {"dash", "plotly", "flask", "pages"}
    ]
    assert wrong == []


def test_core_has_no_clock_and_does_no_input_or_output():
    banned = {"time", "datetime", "os", "pathlib", "socket", "sqlite3", "subprocess", "threading",
              "tempfile", "urllib", "pickle", "io", "logging"}  # fmt: skip
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in in_room("core")
        for module in imports(path)
        if module.split(".")[0] in banned
    ]
    assert wrong == []


def test_pages_import_services_figures_and_ui():
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in sources("pages")
        for module in imports(path)
        if module.split(".")[0] == "dashboard" and room_of(module) not in PAGES_MAY
    ]
    assert wrong == []


def test_nobody_imports_pages_or_the_app():
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in sources("dashboard", "pages")
        for module in imports(path)
        if module.split(".")[0] == "pages"
        or (room_of(module) == "app" and room_of(name_of(path)) not in DOORS | {"app"})
    ]
    assert wrong == []


def test_only_storage_speaks_sql_and_opens_caches():
    """Services may name the types of connections and rows; statements are made in one room."""
    allowed = {f"sqlalchemy.engine.{name}" for name in ("Connection", "Row", "RowMapping")}
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in sources("dashboard", "pages")
        if room_of(name_of(path)) != "storage"
        for module in imports(path)
        if module.split(".")[0] in {"sqlalchemy", "diskcache", "sqlite3", "pysqlite3"}
        and module not in allowed
    ]
    assert wrong == []


def test_nothing_is_left_of_streamlit():
    modules = {m.split(".")[0] for p in sources("dashboard", "pages") for m in imports(p)}
    assert "streamlit" not in modules


def unpickles(path: Path) -> list[int]:
    """Lines that read a pickle, under whatever name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    readers = {"loads", "load", "Unpickler"}
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in readers
        and isinstance(node.value, ast.Name)
        and node.value.id in {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve"}
    ]
    taken = {"pickle.loads", "pickle.load", "pickle.Unpickler", "joblib.load", "dill.loads"}
    return lines + [0 for module in imports(path) if module in taken]


def test_pickles_are_read_in_two_places():
    found = {str(p.relative_to(ROOT)): unpickles(p) for p in sources("dashboard", "pages")}
    reading = {path: lines for path, lines in found.items() if lines}
    assert set(reading) == MAY_UNPICKLE
    assert {path: len(lines) for path, lines in reading.items()} == dict.fromkeys(MAY_UNPICKLE, 1)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import pickle\npickle.loads(b'')", [2]),
        ("from pickle import loads", [0]),
        ("import json, pickle\njson.loads('')\npickle.dumps(1)", []),
    ],
)
def test_the_reader_of_sources_sees_pickles(tmp_path, monkeypatch, text, lines):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(text)
    assert unpickles(tmp_path / "module.py") == lines


def test_the_reader_of_sources_sees_every_import(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "dashboard" / "core" / "made.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "import os.path\nfrom dashboard import app\nfrom . import spec\nfrom ..storage import log\n"
        "def f():\n    import pages.label\n    from dashboard.ui.ids import Frame as F\n"
    )
    assert sorted(imports(file)) == [
        "dashboard.app", "dashboard.core.spec", "dashboard.storage.log", "dashboard.ui.ids.Frame",
        "os.path", "pages.label",
    ]  # fmt: skip
    assert room_of("dashboard.app") == "app"
