"""What the import page asks once a file is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboard.core.spec import PRESETS
from dashboard.services.importing.plan import KINDS, TEXT, Preview
from dashboard.services.intake import COLUMN, ROW, Looked
from dashboard.ui.components import attributes
from dashboard.ui.forms import aria, choice_field, sends, text_field
from dashboard.ui.ids import Import

Pairs = Sequence[tuple[str, str]]

_MISSING = (
    ("keep", "keep it, without a known label"),
    ("skip", "leave it out"),
    ("refuse", "refuse the file"),
)
_BAD = (("refuse", "refuse the file, naming it"), ("skip", "leave it out and list it"))
_DELIMITERS = (("", "found"), (",", "comma"), (";", "semicolon"), ("tab", "tab"), ("|", "bar"))
_HEADER = (("", "found"), ("yes", "names the columns"), ("no", "is a row like the others"))


def form(looked: Looked, streams: Pairs) -> list[Any]:
    """What the file holds, and what to make of it.

    Parameters
    ----------
    looked
        The file.
    streams
        Slug and title of those that its rows could be appended to.

    """
    preview = looked.preview
    return [
        html.Section([_found(looked), _rows(preview), _differently(looked)]),
        html.Form(
            [
                html.Section([html.H2("What is a sample?"), _sample(preview)]),
                html.Section([html.H2("Classes"), *_classes(looked)]),
                html.Section([html.H2("Labeling"), *_labeling(looked, streams)]),
                html.P(id=Import.TROUBLE, className="trouble", role="alert", hidden=True),
                html.Div(
                    html.Button(
                        "Import and start labeling", id=Import.GO_BUTTON, className="primary"
                    ),
                    className="dialog-buttons",
                ),
            ],
            id="import-form",
            **sends(Import.GO, {"upload": looked.upload.id}),
        ),
    ]


def parts() -> list[Any]:
    """What callbacks write to, for Dash to know before there is a form."""
    return [dcc.Textarea(id=Import.CLASSES), html.P(id=Import.COUNTED)]


def _found(looked: Looked) -> Any:
    preview = looked.preview
    about = "" if preview.exact else "about "
    words = f"{preview.format.words}; {about}{preview.estimate:,} rows."
    trouble = [html.P(sentence, className="trouble") for sentence in preview.trouble]
    return html.Div([html.H2(looked.upload.name), html.P(words, className="soft"), *trouble])


def _rows(preview: Preview) -> Any:
    heads = [
        html.Th([column.name, html.Span(column.type, className="soft")], scope="col")
        for column in preview.columns
    ]
    body = [
        html.Tr([html.Td(html.Div(cell, dir="auto"), className=_side(c.type)) for cell, c in
                 zip(row, preview.columns, strict=False)])
        for row in preview.rows
    ]  # fmt: skip
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="preview")
    return html.Div(
        table, className="preview-box", role="region", tabIndex="0", **aria(label="First rows")
    )


def _side(kind: str) -> str:
    return "n" if kind == "number" else ""


def _differently(looked: Looked) -> Any:
    """Reading the file in another way than it was found to be."""
    read = looked.preview.format
    kinds = [("", "found"), *KINDS.items()]
    fields = [choice_field("Format", name="kind", options=kinds)]
    if read.encoding:
        fields.append(
            text_field("Encoding", id_="import-field-encoding", name="encoding",
                       placeholder=read.encoding)
        )  # fmt: skip
    if read.delimiter:
        fields.append(choice_field("Between cells", name="delimiter", options=_DELIMITERS))
    if read.kind in ("csv", "tsv", "xlsx"):
        fields.append(choice_field("The first row", name="header", options=_HEADER))
    if len(read.sheets) > 1:
        sheets = [(sheet, sheet) for sheet in read.sheets]
        fields.append(choice_field("Sheet", name="sheet", options=sheets, value=read.sheet))
    again = html.Form(
        [html.Div(fields, className="four"), html.Button("Read again", className="quiet")],
        id="import-differently",
        **sends(Import.READ, {"upload": looked.upload.id}),
    )
    return html.Details([html.Summary("Read it differently"), again], className="advanced")


def _none_or(columns: Iterable[str], none: str) -> Pairs:
    return [("", none), *((name, name) for name in columns)]


def _sample(preview: Preview) -> Any:
    texts = [c.name for c in preview.columns if c.type == TEXT or c.name == preview.text]
    others = [c.name for c in preview.columns if c.name not in texts]
    kinds = [(COLUMN + name, f"the text in {name}") for name in (*texts, *others)]
    kinds.append((ROW, "a row of fields"))
    row = [c.name for c in preview.columns if c.name not in (preview.id, preview.label)]
    options = [html.Option(name, value=name, selected="selected") for name in row]
    fields = html.Label(
        [html.Span("Fields of a row (Ctrl chooses several)"),
         html.Select(options, name="fields", multiple="multiple", size=str(min(6, len(row) or 1)),
                     className="entry many")],
        className="field", id=Import.FIELDS, hidden=bool(preview.text),
    )  # fmt: skip
    value = COLUMN + preview.text if preview.text else ROW
    return html.Div(
        [
            choice_field("Each sample is", name="sample", options=kinds, value=value),
            choice_field("Its id is in", name="id", value=preview.id,
                         options=_none_or(preview.names, "no column: number them")),
            fields,
            choice_field("A row that is wrong", name="bad", options=_BAD),
        ],
        className="two",
    )  # fmt: skip


def _classes(looked: Looked) -> list[Any]:
    preview = looked.preview
    return [
        html.Div(
            [
                choice_field("Known labels are in", name="label", value=preview.label,
                             options=_none_or(preview.names, "no column: nobody knows them yet")),
                choice_field("A row without a label", name="missing", options=_MISSING),
            ],
            className="two",
        ),
        html.Label(
            [
                html.Span("Classes, one per line; the first has key 1, the second key 2, …"),
                dcc.Textarea(id=Import.CLASSES, value="\n".join(looked.classes or ()),
                             className="entry classes", **_NAMED),
            ],
            className="field",
        ),
        html.P(counted(looked.classes), id=Import.COUNTED, className="hint", role="status"),
    ]  # fmt: skip


_NAMED: dict[str, Any] = {"name": "classes", "rows": 5, "spellCheck": "false"}


def counted(classes: Mapping[str, int] | None) -> str:
    """What the label column holds, in a sentence.

    Examples
    --------
    >>> counted({"ham": 1200, "spam": 30})
    '2 classes: ham 1,200 times, spam 30 times.'

    """
    if not classes:
        return "Names may be in any script. Classes can be added and renamed later."
    shown = [f"{name} {n:,} times" for name, n in list(classes.items())[:8]]
    more = f", and {len(classes) - 8:,} more" if len(classes) > 8 else ""
    return f"{len(classes):,} classes: {', '.join(shown)}{more}."


def _labeling(looked: Looked, streams: Pairs) -> list[Any]:
    into = [("", "a new stream"), *((slug, f"at the end of {title}") for slug, title in streams)]
    presets = [(name, name) for name in PRESETS]
    return [
        html.Div(
            [
                text_field("Name", id_="import-field-name", name="name", value=looked.name),
                choice_field("The rows go into", name="append", options=into),
                text_field("Ask about 1 sample in", id_="import-field-rate", name="rate",
                           numeric=True, placeholder="as in the preset"),
                choice_field("Preset", name="preset", options=presets),
                text_field("Warm start, in samples with known labels", name="warm_start",
                           id_="import-field-warm", value="0", numeric=True),
            ],
            className="two",
        ),
        html.P("The rate can be changed at any time. A warm start answers the questions about the "
               "first samples from the known labels; it needs a label in every row.",
               className="hint"),
    ]  # fmt: skip


def progress(status: Mapping[str, Any] | None) -> list[Any]:
    """How far an import is: rows, a bar, and a way to stop it."""
    if status is None:
        return [html.P("Starting …", **attributes(data_testid="import-rows"))]
    total = max(int(status["total"]), int(status["done"]), 1)
    words = f"{status['done']:,} of about {total:,} rows"
    return [
        html.P(words, **attributes(data_testid="import-rows")),
        html.Progress(max=str(total), value=str(status["done"]), **aria(label="Progress")),
    ]
