"""Every fault point x every action: heal, converge within 60 s, and both sides agree.

PAYAPI_CRASH_REPEAT=N runs the whole matrix N times (./dev crash N); PAYAPI_CRASH_REPORT names a file
for the table of outcomes.
"""
import collections
import json
import os

import pytest

from cross_invariants import contradictions
from stories import (ACTIONS, CONVERGE_S, COUNTDOWN, Story, converge, points_in_sources,
                     tell_until_struck)
from unkind import ASKED_AGAIN, be_unkind

REPEAT = int(os.environ.get("PAYAPI_CRASH_REPEAT", "1"))
POINTS = [point for point in points_in_sources() if not point.startswith("keyless.")]    # test_paystack_points.py


@pytest.fixture(scope="module")
def hits(payapi):
    """How often one undisturbed story reaches each point."""
    payapi.arm(*(f"{point}:{COUNTDOWN}:error" for point in POINTS))
    story = Story(payapi, "undisturbed")
    assert converge([story], 20) == []
    left = dict(line.split(":")[:2] for line in payapi.armed)
    payapi.disarm()
    return {point: COUNTDOWN - int(left[point]) for point in POINTS}


class Case:
    def __init__(self, point, nth, action):
        self.point, self.nth, self.action = point, nth, action
        self.struck = False
        self.story = None

    def run(self, payapi):
        self.story = Story(payapi, f"{self.point}:{self.nth}:{self.action}")
        payapi.arm(self.story.title)
        self.struck = tell_until_struck(payapi, self.story)


@pytest.fixture(scope="module")
def matrix(payapi, hits):
    """First all faults, with one order each; then everything is healed and all orders converge together."""
    cases = [Case(point, nth, action) for _ in range(REPEAT) for point in POINTS
             for nth in range(1, hits[point] + 1) for action in ACTIONS]
    be_unkind(payapi, 1, only=ASKED_AGAIN)
    for case in cases:
        case.run(payapi)
    payapi.heal()
    converge([case.story for case in cases], CONVERGE_S)
    write_report(cases)
    return cases


def write_report(cases):
    lines = []
    table = collections.defaultdict(list)
    for case in cases:
        table[case.point, case.action].append(case)
    lines.append(f"{'point':28} {'action':14} {'struck':>6} {'settled':>7} {'healed':>8}  heard")
    for (point, action), group in sorted(table.items()):
        settled = [c for c in group if c.story.done]
        longest = max((c.story.settled_s for c in settled), default=0)
        heard = collections.Counter(h for c in group for h in c.story.heard if not h.endswith(" 201"))
        lines.append(f"{point:28} {action:14} {sum(c.struck for c in group):3}/{len(group):<3}"
                     f" {len(settled):6} {longest:7.1f}s  "
                     + ", ".join(f"{what} x{count}" for what, count in sorted(heard.items())))
    text = "\n".join(lines) + "\n"
    print(text)
    if os.environ.get("PAYAPI_CRASH_REPORT"):
        with open(os.environ["PAYAPI_CRASH_REPORT"], "w") as file:
            file.write(text)
            json.dump([[c.story.title, c.struck, c.story.done, c.story.settled_s, c.story.heard]
                       for c in cases], file)


@pytest.mark.parametrize("point", POINTS)
def test_the_point_is_reached(hits, point):
    assert hits[point] > 0, f"no story comes by {point}"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("point", POINTS)
def test_the_order_is_paid_although(matrix, point, action):
    cases = [case for case in matrix if (case.point, case.action) == (point, action)]
    assert any(case.struck for case in cases), "it never struck"
    stuck = [(case.story.title, case.story.steps[0].__name__, case.story.heard)
             for case in cases if not case.story.done]
    assert stuck == []


@pytest.mark.parametrize("action", ["delay_ms=200", "drop_db"])
def test_no_client_notices(matrix, action):
    """Work on a lost connection is repeated, even when it is lost in COMMIT, before or after that took effect."""
    heard = {what for case in matrix if case.action == action for what in case.story.heard}
    assert heard <= {"create 201", "checkout 201", "cancel 200", "reopen 201", "refund 201"}


def test_a_payment_for_each_attempt_and_a_page_for_each_payment(payapi, matrix):
    """Each order has one payment that was cancelled and one that was paid."""
    orders = [case.story.order for case in matrix]
    payments = dict(payapi.rows("SELECT order_id, count(*) FROM payapi.payments GROUP BY 1"))
    assert {order: payments.get(order) for order in orders if payments.get(order) != 2} == {}
    assert payapi.ledger["sessions"] == sum(payments.values())


def test_the_invariants_hold(payapi, matrix):
    payapi.assert_invariants()


def test_both_sides_tell_one_story(payapi, matrix):
    assert contradictions(payapi, payapi.answers) == []
