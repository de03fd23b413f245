"""Plants bugs on purpose and sees whether the tests named for each find it.

    python tests/mutants.py            all of them: five to ten minutes
    python tests/mutants.py undo key   those whose name contains one of the words

The tree is copied first; every bug is an exact replacement in the copy. Exit code 1 if one
survives. `test_mutants_apply.py` checks that each replacement still fits the sources.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

STRATEGIES = "dashboard/core/strategies.py"
LEARNER = "dashboard/core/learner.py"
PIPELINES = "dashboard/core/pipelines.py"
TALLY = "dashboard/core/tally.py"
LOG = "dashboard/storage/log.py"
ROLLUPS = "dashboard/storage/rollups.py"
SCHEMA = "dashboard/storage/schema.py"
SNAPSHOTS = "dashboard/storage/snapshots.py"
DATABASE = "dashboard/storage/database.py"
LABELING = "dashboard/services/labeling.py"
VERIFICATION = "dashboard/services/verification.py"
LEASES = "dashboard/storage/leases.py"
TURNS = "dashboard/services/turns.py"
RUNS = "dashboard/services/runs.py"
EXPERIMENTS = "dashboard/services/experiments.py"
VIEWS = "dashboard/services/views.py"
JOBS = "dashboard/services/jobs.py"
JOB_ROWS = "dashboard/storage/jobs.py"

WEIGHTS = "dashboard/core/weights.py"
CHECKS = "dashboard/core/checks.py"
STORED_CHECKS = "dashboard/storage/checks.py"

_LABELING = "tests/services/test_labeling.py::test_"
_STRATEGIES = "tests/core/test_strategies.py::test_"
_LEARNER = "tests/core/test_learner.py::test_"
_LOG = "tests/storage/test_log.py::test_"
_ROLLUPS = "tests/storage/test_rollups.py::test_"
_VERIFICATION = "tests/services/test_verification.py::test_"
_RUNS = "tests/services/test_runs.py::test_"
_JOBS = "tests/services/test_jobs.py::test_"
_CHECKS = "tests/services/test_checks.py::test_"
_STRATA = "tests/analytics/test_strata.py::test_"
_LEASES = "tests/services/test_leases.py::test_"
_LEASE_ROWS = "tests/storage/test_lease_rows.py::test_"
_SEVERAL = "tests/services/test_several_queries.py::test_"
_STATEFUL = "tests/services/test_stateful.py::test_any_history_equals_the_model"


class Edit(NamedTuple):
    """One replacement: `old` has to be in the file exactly once."""

    file: str
    old: str
    new: str


class Mutant(NamedTuple):
    """A bug, and the tests that are there to find it."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


NO_IDEMPOTENCY = Edit(
    LABELING,
    "if key and log.find_key(connection, experiment.id, key):\n"
    '                    return Outcome(False, "That answer was',
    'if False:\n                    return Outcome(False, "That answer was',
)
NO_OPEN_CHECK = Edit(TURNS, 'if query["position"] == position)', "if True)")
NO_OPEN_CHECK_IN_THE_LOG = Edit(LOG, "if not tally.is_open(before):", "if False:")
COMMIT = (
    "        with self.database.write() as connection:\n"
    "            log.append(connection, experiment.id, Append(event, *scanned, query))\n"
    "            self.turns.pass_on(connection, experiment, person, event.position)\n"
    "        warm.learner,"
)
LATER = """\
        def later() -> None:
            with self.database.write() as connection:
                log.append(connection, experiment.id, Append(event, *scanned, query))

        {start}
        warm.learner,"""

MUTANTS = (
    # Those of the prototype's torture test.
    Mutant(
        "the generator is not advanced on replay",
        (Edit(STRATEGIES, "        for _ in range(draws):\n            draw()\n", ""),),
        (_STRATEGIES + "rewind_and_advance_equal_a_live_run",),
    ),
    Mutant(
        "the generator is not advanced on replay, seen through the log",
        (Edit(LEARNER, "self.sampler.advance(draws, state=state)", "self.sampler.state = state"),),
        (_LABELING + "through_the_log_equals_a_bare_river_loop",),
    ),
    Mutant(
        "no idempotency check",
        (NO_IDEMPOTENCY,),
        (_LABELING + "the_same_request_after_an_undo_learns_nothing",),
    ),
    Mutant(
        "no idempotency check, nor a unique key in the database",
        (NO_IDEMPOTENCY, Edit(SCHEMA, '    sa.UniqueConstraint("experiment_id", "key"),\n', "")),
        (_LABELING + "the_same_request_after_an_undo_learns_nothing",),
    ),
    Mutant(
        "no unique key in the database",
        (Edit(SCHEMA, '    sa.UniqueConstraint("experiment_id", "key"),\n', ""),),
        (_LOG + "a_key_is_written_once_per_experiment",),
    ),
    Mutant(
        "the service does not check that the query is open",
        (NO_OPEN_CHECK,),
        (_LABELING + "an_answer_to_what_is_not_open_learns_nothing",),
    ),
    Mutant(
        "the log does not check that the query is open",
        (NO_OPEN_CHECK_IN_THE_LOG,),
        (_LOG + "an_answer_to_what_is_not_open_writes_nothing",),
    ),
    Mutant(
        "nobody checks that the query is open",
        (NO_OPEN_CHECK, NO_OPEN_CHECK_IN_THE_LOG),
        (_LABELING + "an_answer_to_what_is_not_open_learns_nothing",),
    ),
    Mutant(
        "labels are replayed in the wrong order",
        (
            Edit(
                LOG,
                "    .order_by(predictions.c.answered),\n",
                "    .order_by(predictions.c.answered.desc()),\n",
            ),
        ),
        (_LABELING + "two_workers_taking_turns",),
    ),
    Mutant(
        "acknowledged before the commit, which a thread makes",
        (Edit(LABELING, COMMIT, LATER.format(start="threading.Thread(target=later).start()")),),
        (_LABELING + "a_commit_that_fails",),
    ),
    Mutant(
        "acknowledged before the commit, which waits for the snapshots",
        (Edit(LABELING, COMMIT, LATER.format(start="self._saver.submit(later)")),),
        (_LABELING + "a_commit_that_fails",),
    ),
    Mutant(
        "acknowledged and never committed",
        (
            Edit(
                LABELING,
                COMMIT,
                COMMIT.replace("        warm.", "            connection.rollback()\n        warm."),
            ),
        ),
        (_LABELING + "an_acknowledged_answer_is_in_the_file",),
    ),
    Mutant(
        "a commit is not flushed to the disk",
        (Edit(DATABASE, '"synchronous=FULL"', '"synchronous=NORMAL"'),),
        (_LOG + "pragmas",),
    ),
    Mutant(
        "a stale snapshot is used after an undo",
        (
            Edit(
                SNAPSHOTS,
                "if log.corrected_since(connection, experiment.id, row.seq):",
                "if False:",
            ),
        ),
        (_LABELING + "a_snapshot_with_a_voided_label_is_refused",),
    ),
    Mutant(
        "a warm copy is kept over another worker's undo",
        (
            Edit(
                LABELING,
                "and log.corrected_since(connection, experiment.id, warm.head)",
                "and False",
            ),
        ),
        (_LABELING + "a_warm_copy_is_given_up_when_another_worker_undoes",),
    ),
    Mutant(
        "a warm copy is kept over another worker's relabel",
        (
            Edit(
                LOG,
                '        events.c.target <= bindparam("b_head"),\n',
                '        events.c.target <= bindparam("b_head"),\n'
                '        events.c.kind == "undo",\n',
            ),
        ),
        (_LABELING + "corrections_change_the_model_and_nothing_that_happened",),
    ),
    Mutant(
        "a snapshot is not verified",
        (Edit(SNAPSHOTS, " or hashlib.sha256(blob).hexdigest() != row.sha256", ""),),
        (_LABELING + "a_foreign_pickle_is_never_read",),
    ),
    Mutant(
        "a snapshot is not verified, and another one is in its place",
        (Edit(SNAPSHOTS, " or hashlib.sha256(blob).hexdigest() != row.sha256", ""),),
        (_LABELING + "a_spoiled_snapshot_is_replaced_by_the_log[swapped]",),
    ),
    # Copies, snapshots, commits.
    Mutant(
        "a snapshot of another version is read",
        (Edit(SNAPSHOTS, "if row.version != runtime_version():", "if False:"),),
        (_LABELING + "a_spoiled_snapshot_is_replaced_by_the_log[other version]",),
    ),
    Mutant(
        "a warm copy is kept over a reset",
        (Edit(LABELING, "            or warm.uid != experiment.uid\n", ""),),
        (_LABELING + "a_warm_copy_is_given_up_when_the_experiment_was_reset",),
    ),
    Mutant(
        "no compare-and-swap on the head",
        (
            Edit(
                LOG,
                'experiments.c.head == bindparam("b_head"))',
                'experiments.c.head <= bindparam("b_head") + 99)',
            ),
        ),
        (_LOG + "two_writers_at_one_head_exactly_one_wins",),
    ),
    Mutant(
        "the copy stays ahead of the log when an answer's commit fails",
        (
            Edit(
                LABELING,
                "            held.drop()\n            if label is not None:\n",
                "            if label is not None:\n",
            ),
        ),
        (_LABELING + "a_commit_that_fails",),
    ),
    Mutant(
        "the copy stays ahead of the log when a scan's commit fails",
        (
            Edit(
                LABELING,
                "            held.drop()\n"
                "            scanned = self._scan(current, seconds, yields=bool(person))\n",
                "            scanned = self._scan(current, seconds, yields=bool(person))\n",
            ),
        ),
        (_LABELING + "a_commit_that_fails",),
    ),
    Mutant(
        "a copy that failed to catch up is used again",
        (Edit(LABELING, "            warm.drop()\n            labels =", "            labels ="),),
        (_LABELING + "an_error_while_catching_up_teaches_nothing_twice",),
    ),
    Mutant(
        "the copy for display is the live one",
        (
            Edit(
                LABELING,
                "pickle.loads(pickle.dumps(current.learner, protocol=5))",
                "current.learner",
            ),
        ),
        (_LABELING + "looking_draws_nothing",),
    ),
    # Undo and corrections.
    Mutant(
        "undo forgets the strategy's state",
        (
            Edit(
                LABELING,
                "strategy_state=experiment.strategy_state if retract else state,",
                "strategy_state=experiment.strategy_state,",
            ),
        ),
        (_LABELING + "undo_all_the_way_back",),
    ),
    Mutant(
        "undo leaves what was scanned since",
        (
            Edit(
                LOG,
                "predictions.update().where(branch).values(voided=event.seq)",
                "predictions.update().where(branch, sa.false()).values(voided=event.seq)",
            ),
        ),
        (_LOG + "undo_keeps_what_it_takes_back",),
    ),
    Mutant(
        "undo crosses the warm start",
        (Edit(LABELING, 'if last["source"] == Source.WARM_START:', "if False:"),),
        (_LABELING + "undo_does_not_cross_the_warm_start",),
    ),
    Mutant(
        "a stale page undoes someone else's answer",
        (Edit(LABELING, 'if target is not None and target != last["seq"]:', "if False:"),),
        (_LABELING + "a_stale_undo_does_nothing",),
    ),
    Mutant(
        "undo takes a retracted answer for the last",
        (
            Edit(
                LOG,
                '    schema.STANDING,\n    predictions.c.answer != "retracted",\n',
                "    schema.STANDING,\n",
            ),
        ),
        (_LOG + "a_retracted_answer_is_not_the_last",),
    ),
    Mutant(
        "a pass teaches the first class",
        (
            Edit(
                LABELING,
                "            if label is not None:\n                sample =",
                "            if True:\n                sample =",
            ),
            Edit(
                LABELING,
                "learner.learn(sample.fields, label)",
                "learner.learn(sample.fields, label or 0)",
            ),
        ),
        (_LABELING + "pass_scans_on_and_teaches_nothing",),
    ),
    # Several open queries.
    Mutant(
        "only the first open query may be answered",
        (
            Edit(
                TURNS,
                "if found is None and len(first) > 1:",
                "if found is None and False:",
            ),
        ),
        (_SEVERAL + "any_open_query_may_be_answered_and_the_last_scans_on",),
    ),
    Mutant(
        "it scans on while other queries are open",
        (Edit(LABELING, "_NOTHING if others else self._scan(", "self._scan("),),
        (_SEVERAL + "any_open_query_may_be_answered_and_the_last_scans_on",),
    ),
    Mutant(
        "undo leaves older queries of its branch answered",
        (Edit(LOG, "if position < event.stop:", "if position == event.position:"),),
        (_SEVERAL + "undo_of_a_branch_opens_what_others_in_it_had_answered",),
    ),
    Mutant(
        "a warm start answers what else is open",
        (
            Edit(
                RUNS,
                "done = stands_at(connection, experiment)",
                'q = log.open_query(connection, experiment.id)\n'
                '                done = experiment.position if q is None else q["position"]',
            ),
        ),
        (_SEVERAL + "a_warm_start_is_not_stopped_by_what_else_is_open",),
    ),
    # Several people.
    Mutant(
        "a query that is with another is taken",
        (
            Edit(
                LEASES,
                '"WHERE leases.until <= :b_at OR leases.annotator = excluded.annotator"',
                '"WHERE 1 = 1"',
            ),
        ),
        (_LEASE_ROWS + "what_is_with_another_is_not_taken",),
    ),
    Mutant(
        "everyone is shown the first open query",
        (Edit(LEASES, 'sa.or_(leases.c.position.is_(None), ', "sa.or_(sa.true(), "),),
        (_LEASES + "when_all_are_with_others_the_sampler_scans_on",),
    ),
    Mutant(
        "a lease never ends",
        (Edit(LEASES, 'leases.c.until <= bindparam("b_at"), _THEIRS)', "_THEIRS)"),),
        (_LEASES + "a_lease_ends_when_its_time_is_over_and_not_before",),
    ),
    Mutant(
        "a lease that is over goes on",
        (Edit(LEASES, '        leases.c.until > bindparam("b_at"),\n', ""),),
        (_LEASES + "a_lease_ends_when_its_time_is_over_and_not_before",),
    ),
    Mutant(
        "a scan gives way to nobody",
        (Edit(LABELING, " or (yields and waiting and took > YIELD_SECONDS)", ""),),
        (_LEASES + "a_scan_lets_through_who_waits_where_people_share",),
    ),
    Mutant(
        "who waits behind a scan may not look",
        (Edit(VIEWS, 'return {"next": True, "job": {', 'return {"next": False, "job": {'),),
        (_LEASES + "next_goes_on_beside_somebody_elses_scan",),
    ),
    Mutant(
        "an answer keeps its lease",
        (Edit(TURNS, "leases.release(connection, experiment.id, answered)", "pass"),),
        (_LEASES + "a_pass_frees_the_query_too",),
    ),
    Mutant(
        "an answer scans on although a query is free",
        (
            Edit(
                TURNS,
                "return found, self.is_free(connection, experiment, person, besides=position)",
                "return found, False",
            ),
        ),
        (_LEASES + "an_answer_takes_a_free_query_before_it_scans",),
    ),
    Mutant(
        "undo takes back whoever's answer was last",
        (Edit(LABELING, "experiment.id, annotator=person)", "experiment.id)"),),
        (_LEASES + "undo_takes_back_ones_own_last_answer",),
    ),
    Mutant(
        "undo voids what others have answered since",
        (Edit(LABELING, "retract = person and log.others_since(", "retract = False and bool("),),
        (_LEASES + "undo_takes_back_ones_own_last_answer",),
    ),
    Mutant(
        "after an undo one is asked something else",
        (Edit(LABELING, "                if not retract:\n", "                if False:\n"),),
        (_LEASES + "undo_comes_before_what_is_free",),
    ),
    Mutant(
        "leases are written where nobody signs in",
        (
            Edit(
                LABELING,
                "annotator if source is Source.PERSON and signed_in(annotator) else",
                "annotator if source is Source.PERSON else",
            ),
        ),
        (_LEASES + "where_nobody_signs_in_no_lease_is_written_or_read",),
    ),
    # Several people and spot-checks, in histories that nobody thought of.
    Mutant(
        "answers that were taken back stand between one and one's undo",
        (
            Edit(
                LOG,
                '        *_IN_FORCE,\n        events.c.seq > bindparam("b_seq"),',
                '        *_IN_FORCE[:3],\n        events.c.seq > bindparam("b_seq"),',
            ),
        ),
        (_LEASES + "an_answer_that_was_taken_back_stands_in_nobodys_way", _STATEFUL),
    ),
    Mutant(
        "undo passes over a pass",
        (
            Edit(
                LOG,
                "    events.c.kind.in_(ANSWERS),\n    schema.STANDING,",
                "    events.c.kind == Kind.LABEL,\n    schema.STANDING,",
            ),
        ),
        (_STATEFUL,),
    ),
    Mutant(
        "an answer keeps the lease of whoever has its query",
        (
            Edit(
                TURNS,
                "        if answered is not None:\n",
                "        own = leases.own(connection, experiment.id, person, at=self.clock())\n"
                "        if answered is not None and own is None:\n",
            ),
        ),
        (_STATEFUL,),
    ),
    Mutant(
        "what ran out is one's own no more than anybody's",
        (Edit(LEASES, "sa.case((_THEIRS, 0), else_=1), *log.IN_TURN", "*log.IN_TURN"),),
        (_STATEFUL,),
    ),
    Mutant(
        "spot-checks come before the sampler's queries",
        (Edit(LOG, "predictions.c.checked.asc().nulls_first()", "predictions.c.checked.desc()"),),
        (_STATEFUL,),
    ),
    Mutant(
        "an answer within an undone branch to what is older than it is kept",
        (Edit(LOG, "        if position < event.stop:\n", "        if False:\n"),),
        (_STATEFUL,),
    ),
    Mutant(
        "spot-checks with an answer are taken back, too",
        (
            Edit(
                STORED_CHECKS,
                ".where(_mine, schema.CHECKED, predictions.c.answered.is_(None))",
                ".where(_mine, schema.CHECKED)",
            ),
        ),
        (_STATEFUL,),
    ),
    # Decisions.
    Mutant(
        "a cold start draws nothing",
        (
            Edit(
                STRATEGIES,
                "        draw = self._rng.random()\n        if len",
                "        draw = self._rng.random() if len(y_pred) > 1 else 0.0\n        if len",
            ),
        ),
        (_STRATEGIES + "fewer_than_two_classes_are_asked_about_for_sure",),
    ),
    Mutant(
        "silent from cold, as River's own sampler is",
        (Edit(STRATEGIES, "if len(y_pred) < 2:", "if False:"),),
        (_STRATEGIES + "never_silent_from_cold_nor_after_one_class",),
    ),
    Mutant(
        "the floor draws a number of its own",
        (
            Edit(
                STRATEGIES,
                "asked = draw < query_probability",
                "asked = draw < p or self._rng.random() < self.floor",
            ),
        ),
        (_STRATEGIES + "floor",),
    ),
    Mutant(
        "an audit is logged as the strategy's query",
        (Edit(STRATEGIES, "self.name if draw < p else AUDIT", "self.name"),),
        (_STRATEGIES + "floor",),
    ),
    Mutant(
        "audits are outside the budget",
        (Edit(STRATEGIES, "_spent(query_probability, asked)\n", "_spent(p, asked)\n"),),
        (_STRATEGIES + "budget_steers_by_the_whole_query_probability_and_stays_in_its_limits",),
    ),
    Mutant(
        "a prediction draws",
        (
            Edit(
                LEARNER,
                "self.sampler.classifier.predict_proba_one(x)",
                "self.sampler.predict_proba_one(x)[0]",
            ),
        ),
        (_LEARNER + "prediction_changes_nothing",),
    ),
    Mutant(
        "a prediction leaves fields behind",
        (Edit(PIPELINES, "Scaler()\n    union", "preprocessing.StandardScaler()\n    union"),),
        (_LEARNER + "fields_that_come_and_go_are_only_learned_when_they_are_learned",),
    ),
    Mutant(
        "replay forgets the strategy's state",
        (Edit(LEARNER, "advance(draws, state=state)", "advance(draws, state=None)"),),
        (_LEARNER + "replay_equals_a_live_run",),
    ),
    # Counts.
    Mutant(
        "an open query is counted",
        (Edit(TALLY, "        if reason and answer is None:  # open\n            continue\n", ""),
         Edit(TALLY, 'row.answer or ""', 'row.answer or "pass"')),
        (_ROLLUPS + "nothing_of_an_open_query_is_counted",),
    ),
    Mutant(
        "undo leaves its rows in the counts",
        (
            Edit(
                LOG,
                "    tally.add_rows(deltas, map(counted.row_of, rows), sign=-1)\n",
                "    assert rows\n",
            ),
        ),
        (_ROLLUPS + "a_long_history_is_right_after_every_step",),
    ),
    Mutant(
        "a relabel leaves the old label in the counts",
        (
            Edit(
                LOG,
                "    tally.add_row(deltas, before, sign=-1)\n    tally.add_row(deltas, after)\n"
                "    _set_answer(connection, experiment_id, after, answered=event.target)",
                "    tally.add_row(deltas, after)\n"
                "    _set_answer(connection, experiment_id, after, answered=event.target)",
            ),
        ),
        (_ROLLUPS + "random_histories",),
    ),
    Mutant(
        "deleted rollups stay away",
        (Edit(ROLLUPS, "if not start and _ALL not in old:", "if False:"),),
        (_ROLLUPS + "deleted_rollups_come_back_with_the_next_step",),
    ),
    # Spot-checks.
    Mutant(
        "a draw is the same at every event",
        (Edit(CHECKS, 'f"spot-check {seed} {seq}"', 'f"spot-check {seed}"'),),
        (_STRATA + "every_sample_has_the_same_chance_in_every_place_of_the_draw",),
    ),
    Mutant(
        "a check still stands for samples that an undo took back",
        (
            Edit(
                CHECKS,
                "stop = min([check.stop, *(at for seq, at in steps if seq > check.seq)])",
                "stop = check.stop",
            ),
        ),
        (_STRATA + "cells_follow_what_could_be_drawn",),
    ),
    Mutant(
        "what was drawn and waits can be drawn again",
        (Edit(STORED_CHECKS, "columns.checked.is_(None)", "columns.position >= 0"),),
        (_CHECKS + "a_later_draw_leaves_out_what_was_drawn",),
    ),
    Mutant(
        "an answered spot-check counts as skipped as well",
        (
            Edit(
                LOG,
                "    if before.reason == SPOT_CHECK:  # up to now it counted as skipped",
                "    if False:",
            ),
        ),
        (_CHECKS + "undo_and_relabel_and_retract",),
    ),
    Mutant(
        "spot-checks come in the order of the stream",
        (
            Edit(
                LOG,
                "    predictions.c.turn,\n    predictions.c.position,\n)\n",
                "    predictions.c.position,\n)\n",
            ),
        ),
        (_CHECKS + "the_open_query_comes_first_then_spot_checks_in_the_order_drawn",),
    ),
    Mutant(
        "a spot-check enters the weighted sums",
        (Edit(WEIGHTS, "    if reason == SPOT_CHECK:", '    if reason == "":'),),
        (_CHECKS + "an_answer_never_enters_the_weighted_sums",),
    ),
    Mutant(
        "the log says that the sampler asked for a spot-check",
        (
            Edit(
                LOG,
                'reason = "" if row["reason"] == SPOT_CHECK else row["reason"]',
                'reason = row["reason"]',
            ),
        ),
        (_CHECKS + "a_label_from_one_is_learned_and_the_prediction_logged_before_is_judged",),
    ),
    # Verification.
    Mutant(
        "verify does not compare rollups",
        (Edit(VERIFICATION, "        self._compare_rollups()\n", ""),),
        (_VERIFICATION + "tampering_is_found[rollup_hour]",),
    ),
    Mutant(
        "verify does not compare answers",
        (Edit(VERIFICATION, "        self._compare_answers()\n", ""),),
        (_VERIFICATION + "tampering_is_found[swapped_answered]",),
    ),
    Mutant(
        "verify believes the state of an undo",
        (
            Edit(
                VERIFICATION,
                '        _same(where, "the strategy\'s state", state_of(event), state)\n'
                "        self.position",
                '        state = state_of(event)\n        self.position',
            ),
        ),
        (_VERIFICATION + "tampering_is_found[state_of_an_undo_that_was_undone_in_turn]",),
    ),
    Mutant(
        "verify takes samples from memory",
        (Edit(VERIFICATION, "samples = SampleReader(self.database)", "samples = self.samples"),
         Edit(
             VERIFICATION,
             "        self.snapshots = labeling.snapshots\n",
             "        self.snapshots = labeling.snapshots\n"
             "        self.samples = labeling.samples\n",
         )),
        (_VERIFICATION + "tampering_is_found[changed_text]",),
    ),
    # Runs.
    Mutant(
        "a stopped warm start begins again",
        (
            Edit(
                EXPERIMENTS, "here = stands_at(connection, found)", "here = found.position"
            ),
        ),
        (_RUNS + "a_person_takes_over_a_stopped_warm_start",),
    ),
    Mutant(
        "a warm start answers one query too many",
        (Edit(RUNS, "            if done >= total:\n", "            if done > total:\n"),),
        (_RUNS + "a_warm_start_answers_the_queries_of_the_first_samples",),
    ),
    # Work in the background, on several machines.
    Mutant(
        "a process of another machine is looked for on this one",
        (Edit(JOB_ROWS, 'if job.host not in ("", here()):', "if False:"),),
        ("tests/storage/test_job_rows.py::test_elsewhere_a_process_is_not_looked_for",),
    ),
    Mutant(
        "a job on another machine is believed for ever",
        (Edit(JOB_ROWS, "return is_gone(job) or is_silent(job, at=at)", "return is_gone(job)"),),
        ("tests/storage/test_job_rows.py::test_one_elsewhere_keeps_others_out_until_it_is_silent",),
    ),
    Mutant(
        "work that dies is started again without end",
        (Edit(VIEWS, "0 < deaths <= RESTARTS", "0 < deaths"),),
        (_JOBS + "it_is_started_again_a_few_times_and_then_offered",),
    ),
    Mutant(
        "a long step of a job gives no sign of life",
        (Edit(JOBS, "with Pulse(partial(self._touch, job_id)):", "if True:"),),
        (_JOBS + "a_step_that_takes_long_does_not_look_dead",),
    ),
)  # fmt: skip


def apply(root: Path, edits: Sequence[Edit]) -> None:
    """Make the replacements in the tree at `root`.

    Raises
    ------
    ValueError
        If the old text is not there exactly once.

    """
    for edit in edits:
        file = root / edit.file
        text = file.read_text(encoding="utf-8")
        if (found := text.count(edit.old)) != 1:
            raise ValueError(f"{edit.file} has this {found} times instead of once:\n{edit.old}")
        file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def copy_tree(root: Path) -> None:
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns("__pycache__", ".*", "data", "*.db")
    for name in ("dashboard", "tests", "pages", "assets"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)


def run_tests(root: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run some tests of the tree at `root`, up to the first that fails."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SLUICE_TEST_DATABASE": "sqlite",  # once is enough
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no"]
    return subprocess.run(
        [*command, *tests], cwd=root, env=environ, capture_output=True, text=True, check=False
    )


def judge(root: Path, mutant: Mutant) -> tuple[bool, str]:
    """Whether its tests find the mutant, and which did; the tree is put back afterwards."""
    originals = {e.file: (root / e.file).read_text(encoding="utf-8") for e in mutant.edits}
    try:
        apply(root, mutant.edits)
        done = run_tests(root, mutant.tests)
    except ValueError as error:
        return False, f"NOT PLANTED: {error}"
    finally:
        for file, text in originals.items():
            (root / file).write_text(text, encoding="utf-8")
    if done.returncode == 0:
        return False, "SURVIVED"
    failed = re.search(r"^FAILED \S+::(.+?)(?: - |$)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or failed is None:  # no test failed: nothing was run
        return False, f"NOT JUDGED, exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return True, failed[1]


def main(words: Sequence[str]) -> int:
    """Judge the mutants whose name contains one of the words, or all."""
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    began = time.monotonic()
    workers = min(os.cpu_count() or 1, 8)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees: queue.Queue[Path] = queue.Queue()
        for number in range(workers):
            copy_tree(tree := Path(folder) / str(number))
            trees.put(tree)
        sound = run_tests(tree, sorted({test for m in chosen for test in m.tests}))
        if sound.returncode:
            print("The tests fail without any mutant:", sound.stdout, sound.stderr, sep="\n")
            return 1

        def in_a_tree(mutant: Mutant) -> tuple[bool, str]:
            tree = trees.get()
            try:
                return judge(tree, mutant)
            finally:
                trees.put(tree)

        caught = 0
        with ThreadPoolExecutor(workers) as pool:
            for mutant, (found, by) in zip(chosen, pool.map(in_a_tree, chosen), strict=True):
                caught += found
                print(f"{'caught' if found else '  ??  '}  {mutant.name}\n        {by}", flush=True)
    print(f"{caught} of {len(chosen)} caught in {time.monotonic() - began:.0f} s")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
