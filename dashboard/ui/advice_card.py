"""The card that says whether to go on, on the accuracy page: verdict, evidence, target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from dashboard.errors import SluiceError
from dashboard.figures import advice as words
from dashboard.services.advising import Advisor, Standing
from dashboard.services.typed import text
from dashboard.ui import charts
from dashboard.ui.components import attributes
from dashboard.ui.forms import sends, text_field
from dashboard.ui.ids import Accuracy


def card(slug: str) -> Any:
    """The card, to be filled; the form stays as it is while the rest is redrawn."""
    return html.Div(
        [
            html.Div(html.H2("Whether to go on", id="chart-advice"), className="chart-head"),
            html.P(
                "What more labels are likely to bring, and whether the accuracy is known to be "
                "enough.",
                className="how",
            ),
            html.Div(id=Accuracy.ADVICE, className="advice-evidence"),
            _form(slug),
            dcc.Store(id=Accuracy.ADVICE_SHOWN),
            dcc.Store(id=Accuracy.TARGET_WISH),
        ],
        className="chart advice-card",
        role="region",
        **attributes(data_testid="advice-evidence", aria_labelledby="chart-advice"),
    )


def _form(slug: str) -> Any:
    return html.Div(
        [
            html.Form(
                [
                    text_field("Accuracy that is enough, %", id_="accuracy-target-accuracy",
                               name="accuracy", placeholder="95", numeric=True),
                    text_field("known to ± points", id_="accuracy-target-within", name="within",
                               placeholder="2, or nothing", numeric=True),
                    html.Button("Set the target", className="quiet go"),
                ],
                id=Accuracy.TARGET_FORM, className="target-form",
                **sends(Accuracy.TARGET_WISH, {"do": "target", "slug": slug}),
            ),
            html.P(id=Accuracy.TARGET_SAID, className="caption", role="status"),
        ],
    )  # fmt: skip


def aim(advisor: Advisor, slug: str, wish: Mapping[str, Any]) -> str:
    """Set what was typed as the target of an experiment; a sentence about it."""
    try:
        target = advisor.set_target(slug, text(wish, "accuracy"), text(wish, "within"))
    except SluiceError as error:
        return str(error)
    if target is None:
        return "There is no target any more."
    return f"The target is {words.target_words(target)}."


def content(standing: Standing, slug: str) -> list[Any]:
    """Verdict and evidence.

    Parameters
    ----------
    standing
        Where the experiment stands.
    slug
        Of the experiment.

    """
    if standing.advice is None:
        return [html.P(words.TOO_MANY, className="verdict"), _table(standing)]
    title, because = words.verdict(standing.advice)
    return [
        html.P(
            [html.B(title), " ", html.Span(because)], className="verdict",
            **attributes(data_testid="verdict", data_verdict=title.lower().replace(" ", "-")),
        ),
        _table(standing),
        html.P(words.note(standing.probe, standing.advice), className="caption"),
    ]  # fmt: skip


def _table(standing: Standing) -> Any:
    evidence, advice = standing.evidence, standing.advice
    rows = [("accuracy so far", words.known(evidence.estimate, evidence.known))]
    rows += [
        (f"changed by the last {change[0]} labels", words.changed(change, standing.probe))
        for change in standing.changes
    ]
    if advice is not None:
        rows += [
            (f"the next {advice.gain.labels} labels", words.gained(advice.gain, advice.rise)),
            ("all to the end of the stream", words.risen(advice.rise, labels=evidence.left)),
        ]
    if evidence.target is None:
        rows.append(("target", "none is set"))
    else:
        way = words.ahead(
            evidence.forecast, left=evidence.left, timed=evidence.seconds is not None,
            measured=evidence.measurable,
        )  # fmt: skip
        rows.append((f"target: {words.target_words(evidence.target)}", way))
    return charts.table(("evidence", ""), rows, label="Evidence for the advice", texts=2)
