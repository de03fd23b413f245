"""What the log page shows: pages of the logs, and the whole story of one sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.engine import Connection

from dashboard.errors import BadInput, NotFound
from dashboard.services import stories
from dashboard.services.kept import Kept
from dashboard.services.labeling import find_experiment
from dashboard.services.orders import Orders
from dashboard.services.stories import Story
from dashboard.services.suspects import Suspects
from dashboard.storage import browse, rollups, streams
from dashboard.storage.browse import Filter, Record, Sort
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment, LabelClass
from dashboard.storage.streams import SampleReader

SUSPECTED = "suspected"
SKIPPED = "skipped"  # the predictions that nobody was asked about, shown as a log of their own
LEAST_LIKELY = Sort("likelihood")
MAX_ROWS = 500  # in one request
TEXT_SHOWN = 300  # characters of a text in a table; the story has it whole
COUNTS_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows of a log.

    Parameters
    ----------
    table
        As it was asked for: `labels`, `predictions` or `skipped`.
    rows
        As in the exports, with the text of the sample, cut where it is long, and the probability
        of the predicted class.
    count
        How many rows the filter keeps in all.
    chosen, params, sort
        The filter, the same as parameters of an address, and the order.
    total
        How many rows the log has without a filter.

    """

    table: str
    rows: tuple[Record, ...]
    count: int
    total: int
    chosen: Filter
    params: Mapping[str, str]
    sort: Sort


@dataclass(frozen=True, kw_only=True)
class Overview:
    """An experiment as the log page has to know it before it asks for rows."""

    slug: str
    name: str
    uid: str
    head: int
    archived: bool
    is_text: bool
    classes: tuple[LabelClass, ...]
    reasons: tuple[str, ...]  # those that occur
    totals: Mapping[str, int]  # rows of each table


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What an address asks of the log page.

    Parameters
    ----------
    overview
        The experiment.
    table
        `labels`, `predictions` or `skipped`.
    params, sort
        The filter and the order; empty where they cannot be used.
    trouble
        A sentence that says why not.

    """

    overview: Overview
    table: str
    params: Mapping[str, str]
    sort: Sort
    trouble: str = ""


NOTHING = Opening(
    overview=Overview(
        slug="", name="", uid="", head=0, archived=False, is_text=True, classes=(), reasons=(),
        totals={browse.LABELS: 0, browse.PREDICTIONS: 0, SKIPPED: 0},
    ),
    table=browse.LABELS, params={}, sort=browse.NEWEST_FIRST[browse.LABELS],
)  # fmt: skip


class Records:
    """Reads the logs of experiments a page at a time; changes nothing.

    Parameters
    ----------
    database, samples
        The storage.
    suspects
        Knows which answers are worth a second look.

    """

    def __init__(self, database: Database, samples: SampleReader, suspects: Suspects):
        self.database = database
        self.samples = samples
        self.suspects = suspects
        self._counts = Kept[int](COUNTS_KEPT)
        self._orders = Orders()

    def overview(self, slug: str) -> Overview:
        """What there is to filter, and how much of it."""
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            stream = streams.get(connection, experiment.stream_id)
            counts = rollups.totals(connection, experiment.id)
        prefix = "why:"
        return Overview(
            slug=experiment.slug,
            name=experiment.name,
            uid=experiment.uid,
            head=experiment.head,
            archived=experiment.archived_at is not None,
            is_text=stream.is_text,
            classes=experiment.classes,
            reasons=tuple(sorted(k.removeprefix(prefix) for k in counts if k.startswith(prefix))),
            totals={
                "labels": counts["labels"] + counts["passes"],
                "predictions": counts["n"],
                SKIPPED: counts["n"] - counts["asked"],
            },
        )

    def opening(self, slug: str, params: Mapping[str, Any], *, table: str = "") -> Opening:
        """The state that an address describes; what is wrong in it is said and left out.

        Parameters
        ----------
        slug
            The experiment.
        params
            What to keep, see `browse.parse`, and the `sort`.
        table
            `skipped`, or empty where the address says which.

        """
        overview = self.overview(slug)
        wanted = dict(params)
        given, table = table, table or wanted.pop("table", "") or browse.LABELS
        sort = wanted.pop("sort", "")
        try:
            if not given and table == SKIPPED:
                raise BadInput("What was skipped has a page of its own.")
            stored, plain, suspected = _stored(table, wanted)
            browse.parse(stored, plain, classes=[c.name for c in overview.classes])
            order = _sort(stored, sort, suspected=suspected)
        except BadInput as error:
            known = given or (table if table in browse.TABLES else browse.LABELS)
            newest = browse.NEWEST_FIRST[browse.PREDICTIONS if known == SKIPPED else known]
            return Opening(
                overview=overview, table=known, params={}, sort=newest,
                trouble=f"This address cannot be followed, so here is everything. {error}",
            )  # fmt: skip
        chosen = {name: text for name, text in wanted.items() if text}
        return Opening(overview=overview, table=table, params=chosen, sort=order)

    def page(
        self,
        slug: str,
        table: Any,
        *,
        params: Any,
        sort: Any = "",
        first: Any = 0,
        stop: Any = 100,
    ) -> Page:
        """Rows of a log. What is asked for may be anything: it comes from a browser.

        Parameters
        ----------
        slug
            The experiment.
        table
            `labels`, `predictions` or `skipped`.
        params
            What to keep; see `browse.parse`.
        sort
            A field, with a minus before it for descending; the newest first otherwise.
        first, stop
            Indices of rows in that order.

        Raises
        ------
        BadInput
            For a field, a value or a range that cannot be.

        """
        first, stop = _range(first, stop)
        given = params if isinstance(params, Mapping) else {}
        wanted = {str(name): text for name, text in given.items() if text}
        stored, plain, suspected = _stored(table, wanted)
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            chosen = _filter(experiment, stored, plain)
            order = _sort(chosen.table, sort, suspected=suspected)
            everything = browse.SKIPPED if table == SKIPPED else Filter(chosen.table)
            if suspected:
                rows = self._worst(connection, experiment, chosen, order)
                return Page(
                    table=str(table),
                    rows=rows[first:stop],
                    count=len(rows),
                    total=browse.count(connection, experiment, everything),
                    chosen=chosen,
                    params=wanted,
                    sort=order,
                )
            count = self._count(connection, experiment, chosen)
            keys = self._orders.keys(
                connection, experiment, chosen, order, first=first, stop=stop, count=count
            )
            return Page(
                table=str(table),
                rows=self._rows(connection, experiment, chosen.table, keys),
                count=count,
                total=browse.count(connection, experiment, everything),
                chosen=chosen,
                params=wanted,
                sort=order,
            )

    def _worst(
        self, connection: Connection, experiment: Experiment, chosen: Filter, order: Sort
    ) -> tuple[Record, ...]:
        """Answers worth a second look, of those that a filter keeps; never many."""
        found = {s.position: s for s in self.suspects.among(connection, experiment)}
        by = browse.NEWEST_FIRST[chosen.table] if order == LEAST_LIKELY else order
        keys = browse.order(connection, experiment, replace(chosen, positions=tuple(found)), by)
        names = [c.name for c in experiment.classes]
        rows = [
            {**row, "likelihood": suspect.likelihood}
            for row in self._rows(connection, experiment, chosen.table, keys.tolist())
            if row["label"] == names[(suspect := found[int(row["position"] or 0)]).label]
        ]
        if order == LEAST_LIKELY:
            rows.sort(key=lambda row: found[int(row["position"] or 0)].likelihood)
        return tuple(rows)

    def _rows(
        self, connection: Connection, experiment: Experiment, table: str, keys: list[int]
    ) -> tuple[Record, ...]:
        stream = streams.get(connection, experiment.stream_id)
        rows = browse.records(connection, experiment, stream, table, keys)
        texts = browse.texts(connection, stream, [int(row["position"] or 0) for row in rows])
        return tuple(
            {"probability": row.get(f"p_{row['predicted']}"), **row,
             "text": _cut(texts[int(row["position"] or 0)])}
            for row in rows
        )  # fmt: skip

    def _count(self, connection: Connection, experiment: Experiment, chosen: Filter) -> int:
        """Counted once per state of the log: every page of a long table asks."""
        key = (experiment.uid, experiment.head, chosen)
        return self._counts.get(key, lambda: browse.count(connection, experiment, chosen))

    def story(self, slug: str, position: int) -> Story:
        """Everything that happened to a sample; `NotFound` where it is in no log yet."""
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            stream = streams.get(connection, experiment.stream_id)
            if not 0 <= position < stream.samples:
                raise NotFound(f"There is no sample at position {position} in {stream.slug}.")
            sample = self.samples.get(stream.id, position)
            return stories.tell(connection, experiment, position, sample)


def _stored(table: Any, params: Mapping[str, Any]) -> tuple[str, dict[str, Any], bool]:
    """The log that a table shows, what it is chosen by, and whether suspects are wanted."""
    plain = {name: text for name, text in params.items() if name != SUSPECTED}
    wanted = params.get(SUSPECTED) or "false"
    if wanted not in ("true", "false") or (wanted == "true" and table != browse.LABELS):
        raise BadInput("Only labels can be suspected mistakes: true or false.")
    if table != SKIPPED:
        return str(table), plain, wanted == "true"
    if constant := sorted(_SAME_FOR_SKIPPED & set(plain)):
        raise BadInput(f"All that was skipped has the same {constant[0]}; leave it out.")
    return browse.PREDICTIONS, {**plain, "skipped": "true"}, False


_SAME_FOR_SKIPPED = {"asked", "skipped", "reason", "label"}


def _sort(table: str, text: Any, *, suspected: bool) -> Sort:
    if suspected and text in ("", LEAST_LIKELY.field):
        return LEAST_LIKELY
    return browse.parse_sort(table, text)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"


def _range(first: Any, stop: Any) -> tuple[int, int]:
    """Indices of rows, checked: a longer page would be a download."""
    whole = isinstance(first, int) and isinstance(stop, int)
    if not whole or not 0 <= first <= stop <= first + MAX_ROWS or stop >= 2**31:
        raise BadInput(f"A page has up to {MAX_ROWS} rows; ask for fewer at a time.")
    return first, stop


def _filter(experiment: Experiment, table: str, params: Mapping[str, Any]) -> Filter:
    return browse.parse(table, params, classes=[c.name for c in experiment.classes])
