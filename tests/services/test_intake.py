"""From a file that was sent to a stream and an experiment: what the import page asks for."""

from __future__ import annotations

import io
from typing import Any

import pytest

from dashboard.errors import BadInput, Conflict, NotFound
from dashboard.services.container import Services
from dashboard.services.intake import Intake

CSV = "id,comment,stars,class\n" + "".join(
    f'c{i},"a comment, number {i} {"about money" if i % 3 else "about the song"}",{i % 5},'
    f"{'spam' if i % 3 else 'ham'}\n"
    for i in range(60)
)
LINES = "\n".join(f"a line of text, number {i}" for i in range(40))


def send(services: Services, name: str, content: str) -> str:
    return services.uploads.take(name, io.BytesIO(content.encode())).id


def asked(upload: str, **more: Any) -> dict[str, Any]:
    return {
        "upload": upload, "sample": "column:comment", "id": "id", "label": "class",
        "missing": "keep", "bad": "refuse", "classes": "ham\nspam", "name": "My comments",
        "preset": "recommended", "rate": "", "warm_start": "0", "append": "", **more,
    }  # fmt: skip


def test_what_is_found_is_proposed(services) -> None:
    looked = Intake(services).look({"upload": send(services, "my_comments.csv", CSV)})
    preview = looked.preview
    assert (preview.text, preview.id, preview.label) == ("comment", "id", "class")
    assert (looked.name, looked.classes) == ("My comments", {"ham": 20, "spam": 40})


def test_a_file_becomes_an_experiment(services) -> None:
    upload = send(services, "my_comments.csv", CSV)
    made = Intake(services).bring(asked(upload, rate="4", warm_start="10"))
    experiment = services.experiments.find(made.experiment)
    stream = services.experiments.stream_of(experiment)
    assert (stream.samples, stream.truths, stream.classes) == (60, 60, ("ham", "spam"))
    assert (experiment.spec.budget, experiment.warm_start) == (0.25, 10)
    services.runs.warm_start(made.experiment)
    assert services.views.view(made.experiment)["query"]["text"].startswith("a comment, number")
    with pytest.raises(NotFound):
        services.uploads.find(upload)


def test_classes_can_be_typed_in_any_script_and_order(services) -> None:
    upload = send(services, "lines.txt", LINES)
    sample = Intake(services).look({"upload": upload}).preview.text
    made = Intake(services).bring(
        asked(upload, sample=f"column:{sample}", id="", label="", classes="спам\n 好的 \n\nother")
    )
    experiment = services.experiments.find(made.experiment)
    assert [c.name for c in experiment.classes] == ["спам", "好的", "other"]
    assert services.experiments.stream_of(experiment).truths == 0


def test_rows_of_fields(services) -> None:
    upload = send(services, "my_comments.csv", CSV)
    made = Intake(services).bring(asked(upload, sample="row", fields=["comment", "stars"]))
    view = services.runs.scan(made.experiment) and services.views.view(made.experiment)
    assert [name for name, *_ in view["query"]["fields"]] == ["comment", "stars"]


def test_bad_rows_are_left_out_and_listed(services) -> None:
    upload = send(services, "my_comments.csv", CSV + "c60,x,1,spam,more\nc1,again,2,ham\n")
    with pytest.raises(BadInput, match=r"row 62"):
        Intake(services).bring(asked(upload))
    made = Intake(services).bring(asked(upload, bad="skip"))
    assert len(made.skipped) == 2
    assert made.sentence == "60 rows are here. 2 that are wrong were left out."


def test_rows_are_appended(services) -> None:
    first = Intake(services).bring(asked(send(services, "one.csv", CSV)))
    more = "id,comment,class\nd1,some more,ham\nd2,and more,\n"
    made = Intake(services).bring(asked(send(services, "two.csv", more), append=first.stream))
    assert (made.experiment, made.sentence) == ("", "2 rows are here.")
    stream = services.experiments.stream_of(services.experiments.find(first.experiment))
    assert (stream.samples, stream.truths) == (62, 61)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"name": " "}, BadInput, "needs a name"),
        ({"label": "", "classes": "one"}, BadInput, "at least two classes"),
        ({"rate": "often"}, BadInput, "has to be a number"),
        ({"rate": "0"}, BadInput, "1 in 1 to"),
        ({"warm_start": "-1"}, BadInput, "whole number"),
        ({"sample": "row", "fields": []}, BadInput, "fields that make a row"),
        ({"preset": "blog", "sample": "row", "fields": ["stars"]}, BadInput, "needs texts"),
        ({"sample": "column:gone"}, BadInput, "gone"),
        ({"classes": "ham\nbacon"}, BadInput, "spam"),
        ({"upload": "../../etc/passwd"}, NotFound, "choose the file again"),
        ({"missing": "burn"}, BadInput, "reload"),
    ],
)
def test_what_cannot_be_leaves_nothing(services, change, error, sentence) -> None:
    upload = send(services, "my_comments.csv", CSV)
    with pytest.raises(error, match=sentence):
        Intake(services).bring(asked(upload) | change)
    assert services.experiments.streams() == []
    assert services.experiments.every() == []


def test_a_name_in_use_is_told_before_anything_is_written(services, make_experiment) -> None:
    make_experiment(services, "My comments")
    with pytest.raises(Conflict, match="already"):
        Intake(services).bring(asked(send(services, "my_comments.csv", CSV)))
    assert all(s.slug != "my-comments" for s in services.experiments.streams())


def test_stopping_leaves_nothing(services) -> None:
    upload = send(services, "my_comments.csv", CSV)
    made = Intake(services).bring(asked(upload), watch=lambda *_: False)
    assert (made.stream, made.sentence) == ("", "The import was stopped; nothing of it is left.")
    assert services.experiments.streams() == []
    assert services.uploads.find(upload)
