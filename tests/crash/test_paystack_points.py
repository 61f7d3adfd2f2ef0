"""Paystack, with kills and errors at the points between intent and outcome: one page paid, one refund made.

A repeated call there would be a second refund, so nobody repeats it: the client asks again with its key, and
payapi-jobs looks first. A refund that may have been sent is never sent again, so none of these points is
between the note that it is being sent and its answer. The minute that proves that a checkout is absent
is moved in the database, for all at once.
"""
import time

import pytest

from cross_invariants import contradictions
from payapi_instance import wait_until
from stories import (CONVERGE_S, COUNTDOWN, PaystackStory, converge, left_to_humans, points_in_sources,
                     tell_until_struck)
from unkind import ASKED_AGAIN, be_unkind

PARTS = ("checkout", "refund", "recovery", "keyless")
STEPS = ("after_intent", "after_reply", "in_outcome", "in_intent", "in_sending", "after_outcome")
POINTS = [point for point in points_in_sources() if point.split(".")[0] in PARTS
          and point.split(".")[1] in STEPS]
ACTIONS = ("kill", "error")


@pytest.fixture(scope="module")
def hits(payapi):
    """How often one undisturbed story reaches each point."""
    payapi.arm(*(f"{point}:{COUNTDOWN}:error" for point in POINTS))
    assert converge([PaystackStory(payapi, "undisturbed")], 20) == []
    left = dict(line.split(":")[:2] for line in payapi.armed)
    payapi.disarm()
    return {point: COUNTDOWN - int(left[point]) for point in POINTS}


class Case:
    def __init__(self, payapi, point, nth, action):
        self.point, self.action = point, action
        self.story = PaystackStory(payapi, f"{point}:{nth}:{action}")
        payapi.arm(self.story.title)
        self.struck = tell_until_struck(payapi, self.story, 10)
        payapi.start_daemons()             # only payapi-jobs applies Paystack's events


def a_minute_passes(payapi):
    payapi.rows("UPDATE payapi.provider_calls SET lease_until = now() - interval '61 s', next_at = now(),"
                " sent_at = CASE WHEN sent_at IS NOT NULL THEN now() - interval '61 s' END"
                " WHERE finished_at IS NULL AND coalesce(lease_until, now()) > now() - interval '61 s'")


def settle_all(payapi, stories):
    deadline = time.monotonic() + CONVERGE_S
    while time.monotonic() < deadline:
        if converge(stories, 5) == []:
            return
        a_minute_passes(payapi)


@pytest.fixture(scope="module")
def matrix(payapi, hits):
    be_unkind(payapi, 1, only=ASKED_AGAIN)
    cases = [Case(payapi, point, nth, action) for point in POINTS
             for nth in range(1, hits[point] + 1) for action in ACTIONS]
    payapi.heal()
    settle_all(payapi, [case.story for case in cases])
    return cases


@pytest.mark.parametrize("point", POINTS)
def test_the_order_is_paid_and_partly_refunded_although(matrix, point):
    cases = [case for case in matrix if case.point == point]
    assert all(any(c.struck for c in cases if c.action == action) for action in ACTIONS)
    stuck = [(case.story.title, case.story.steps[0].__name__, case.story.heard)
             for case in cases if not case.story.done]
    assert stuck == []


def test_each_order_is_charged_once_and_given_back_once(payapi, matrix):
    orders = {case.story.order for case in matrix}
    charged = [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") in orders]
    given_back = [r for r in payapi.ledger["refunds"] if r["metadata"].get("order_id") in orders]
    assert len(charged) == len(orders) == len({c["metadata"]["order_id"] for c in charged})
    assert [r["amount"] for r in given_back] == [2000] * len(orders)
    assert len({r["metadata"]["order_id"] for r in given_back}) == len(orders)


def test_the_invariants_hold_and_both_sides_tell_one_story(payapi, matrix):
    wait_until(lambda: payapi.pending_webhooks() == 0, 30, "the last webhooks")
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []


def test_a_refund_that_no_list_shows_is_left_to_a_human(payapi):
    payapi.heal()
    story = PaystackStory(payapi, "lost")
    story.steps.pop()                                   # not `refunded`: no human decides here
    fault = payapi.sandbox("POST", "/_sandbox/faults", {"action": "reset", "match": {"method": "POST", "path": "/refund"},
                                                        "times": 1})
    assert fault.status < 300, fault
    assert converge([story], 20) == [story] and story.heard[-1] == "refund 202"
    assert left_to_humans(payapi, [story]) == [story]
    payapi.assert_invariants()
