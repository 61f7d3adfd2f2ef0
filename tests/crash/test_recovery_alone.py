"""The client never comes back: payapi-jobs alone finds out what became of each call, within 60 s."""
import pytest

from cross_invariants import contradictions
from payapi_instance import wait_until
from stories import CONVERGE_S, Story, points_in_sources
from unkind import ASKED_AGAIN, be_unkind

STEPS = {"checkout": "checkout", "provider": "checkout", "recovery": "cancel", "refund": "refund",
         "webhook": "pay"}
CASES = [(point, action) for point in points_in_sources() if point.split(".")[0] in STEPS
         for action in ("kill", "error")]


def open_work(payapi, order):
    return payapi.rows(
        "SELECT c.operation, c.verdict FROM payapi.provider_calls c JOIN payapi.payments USING (payment_id)"
        " WHERE order_id = %s AND c.finished_at IS NULL"
        " UNION ALL SELECT w.type, w.reason FROM payapi.webhook_events w JOIN payapi.payments USING (payment_id)"
        " WHERE order_id = %s AND w.status = 'received'", order, order)


def strike(payapi, point, action):
    """Advances a story to the step that has the point; tries that step once, and never again."""
    story = Story(payapi, f"{point} {action}")
    step = getattr(story, STEPS[point.split(".")[0]])
    wait_until(lambda: story.steps[0] == step or (story.advance() and False), 40, story.title)
    payapi.arm(f"{point}:1:{action}")
    story.advance()
    if STEPS[point.split(".")[0]] == "pay":
        wait_until(lambda: not payapi.armed, 20, "the webhook")
    struck = not payapi.armed
    payapi.disarm()
    assert struck, f"{point} was not met"
    return story


@pytest.fixture(scope="module")
def abandoned(payapi):
    be_unkind(payapi, 1, only=ASKED_AGAIN)
    return {case: strike(payapi, *case) for case in CASES}


@pytest.fixture(scope="module")
def settled(payapi, abandoned):
    payapi.heal()
    left = dict(abandoned)

    def nothing_left():
        for case in [case for case, story in left.items() if not open_work(payapi, story.order)]:
            del left[case]
        return not left

    try:
        wait_until(nothing_left, CONVERGE_S, "recovery")
    except AssertionError:
        return {case: open_work(payapi, story.order) for case, story in left.items()}
    return {}


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_outcome_is_found_without_the_client(settled, case):
    assert settled.get(case, []) == []


def test_both_sides_tell_one_story(payapi, settled):
    wait_until(lambda: payapi.pending_webhooks() == 0, 30, "the last webhooks")
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []
