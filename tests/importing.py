"""The reader without its process, and tables written in every format."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell

from dashboard.services.importing import reader, worker
from dashboard.services.importing.bad import Bad
from dashboard.services.importing.plan import Plan, Preview, Wishes, as_json

FORMATS = ("csv", "tsv", "jsonl", "parquet", "xlsx", "csv.gz", "tsv.gz", "jsonl.gz")


class Read(NamedTuple):
    """What the reader said about a file."""

    samples: list[tuple[int, str, str | None, str | None, int | None]]
    bad: list[Bad]
    missing: int
    seen: int


class Refusal(Exception):
    """The reader refused; the sentence is the message."""


def answers(told: Mapping[str, Any], file: str) -> list[dict[str, Any]]:
    """All answers of the reader, its refusal as an exception."""
    out = io.BytesIO()
    reader.main(dict(told), reader.Teller(out))
    out.seek(0)
    heard = []
    for line in out:
        answer = json.loads(line)
        answer["blobs"] = [out.read(size) for size in answer.get("bytes", ())]
        if "refused" in answer:
            raise Refusal(Bad(**answer["refused"]).sentence(file))
        heard.append(answer)
    return heard


def preview(path: Path, **wishes: Any) -> Preview:
    """The preview of a file."""
    told = {"do": "preview", "path": str(path), "file": path.name}
    heard = answers({**told, "wishes": as_json(Wishes(**wishes))}, path.name)
    return Preview.of(heard[-1]["preview"])


def plan_for(path: Path, found: Preview | None = None, **chosen: Any) -> Plan:
    """A plan for a file, read as the preview says; `text` and nothing else unless chosen."""
    found = found or preview(path)
    if "text" not in chosen and "fields" not in chosen:
        chosen["text"] = found.text
    return Plan(path=str(path), file=path.name, format=found.format, **chosen)


def labels(plan: Plan) -> dict[str, int]:
    """The labels of a plan's label column."""
    return dict(answers({"do": "labels", "plan": as_json(plan)}, plan.file)[-1]["labels"])


def read(plan: Plan) -> Read:
    """All samples of a file."""
    samples: list[Any] = []
    bad: list[Bad] = []
    missing = 0
    heard = answers({"do": "rows", "plan": as_json(plan)}, plan.file)
    for answer in heard:
        if "samples" in answer:
            parts = [worker.split(blob, answer["samples"]) for blob in answer["blobs"][:3]]
            samples += zip(answer["numbers"], *parts, answer["truths"], strict=True)
            bad += [Bad(**one) for one in answer["bad"]]
            missing += answer["missing"]
    return Read(samples, bad, missing, heard[-1]["end"])


def texts(path: Path, **chosen: Any) -> list[str | None]:
    """The texts of a file."""
    return [text for _, _, text, _, _ in read(plan_for(path, **chosen)).samples]


def write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    """Write a table in the format of its ending; `None` is an empty cell."""
    ending = path.name.split(".", 1)[1]
    if ending == "parquet":
        table = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
        pq.write_table(pa.table(table), path)
    elif ending == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Rows")
        for row in (columns, *rows):
            sheet.append([_cell(sheet, value) for value in row])
        book.save(path)
    else:
        data = _text(ending.removesuffix(".gz"), columns, rows).encode("utf-8", "surrogatepass")
        path.write_bytes(gzip.compress(data) if ending.endswith(".gz") else data)
    return path


def _cell(sheet: Any, value: Any) -> Any:
    """A cell that is a text even where it looks like a formula."""
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _text(ending: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if ending == "jsonl":
        lines = (dict(zip(columns, row, strict=True)) for row in rows)
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t" if ending == "tsv" else ",")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def as_text(plan: Plan, column: str) -> Plan:
    """The same plan with another text column."""
    return replace(plan, text=column, fields={})
