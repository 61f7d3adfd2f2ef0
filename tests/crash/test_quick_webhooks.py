"""A webhook that arrives before the provider's own answer: the outcome reads what it wrote, and adds nothing."""
import threading

import pytest

from cross_invariants import contradictions
from payapi_instance import wait_until
from stories import Story, converge
from test_provider_faults import sessions_at_provider

CHANGED_SINCE = "ERROR:  0 rows changed instead of one"     # how PostgreSQL's log shows that a row had changed


@pytest.fixture(autouse=True)
def sound_afterwards(payapi):
    yield
    payapi.disarm()
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []


def overtaken(payapi, point, step, overtake):
    """Runs the step, held between the provider's answer and its own transaction until overtake has happened."""
    before = payapi.log("postgres").count(CHANGED_SINCE)
    payapi.arm(f"{point}:1:delay_ms=8000")
    thread = threading.Thread(target=step)
    thread.start()
    wait_until(lambda: not payapi.armed, 8, "the provider to have answered")
    overtake()
    thread.join()
    assert payapi.log("postgres").count(CHANGED_SINCE) > before, "the webhook was not quicker"


def story_before(payapi, step):
    story = Story(payapi, f"overtaken {step}")
    wait_until(lambda: story.steps[0] == getattr(story, step) or (story.advance() and False), 10, step)
    return story


def test_a_payment_that_was_paid_before_its_checkout_is_answered(payapi):
    story = story_before(payapi, "checkout")

    def pay():
        session, = sessions_at_provider(payapi, story.order)
        payapi.sandbox_do(session, "pay")
        wait_until(story.completed, 8, "the webhook")

    overtaken(payapi, "checkout.after_reply", story.checkout, pay)
    assert story.heard[-1] == "checkout 201"
    assert story.completed()
    assert payapi.row("SELECT kind, amount_minor FROM payapi.transactions WHERE order_id = %s",
                      story.order) == ("charge", 4999)


def test_a_refund_whose_event_came_first_counts_once(payapi):
    story = story_before(payapi, "refund")
    overtaken(payapi, "refund.after_reply", story.refund,
              lambda: wait_until(story.refunded, 8, "the webhook"))
    assert story.heard[-1] == "refund 201"
    assert converge([story]) == []
    assert payapi.rows("SELECT amount_minor FROM payapi.transactions WHERE order_id = %s AND kind = 'refund'",
                       story.order) == [(-2000,)]
