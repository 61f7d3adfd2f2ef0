"""Customers on a provider's bad day, and the operator who decides what a machine must not.

A customer's story goes on whatever happens: the customer asks again (sync). Once the operator has decided, the
customer does what anybody would in view of the order's state: pay on another page, or ask for the refund again.
"""
import collections
import random
import time

from lost_rows import hurry, lose
from payapi_instance import wait_until
from stories import PaystackStory, Story, converge
from unkind import LATE_S

SOON_S = 3                      # a webhook that takes longer may have been lost
WANTED_BACK = 2000              # the amount that each story has refunded


class MixedStory(Story):
    """A story with more: the customer asks again (sync), every other one never cancels, and an admin replays an event."""

    def __init__(self, payapi, title):
        super().__init__(payapi, title)
        self.number = int(self.order.rsplit("-", 1)[1])
        self.paid_at = None
        self.tries = collections.Counter()      # clicks that ended without money
        if self.number % 4 < 2:                 # an amount of which 60 % can be paid
            self.order_body = self.order_body.replace(".99", ".98")
        if self.number % 2:
            self.steps.remove(self.cancel)
            self.steps.remove(self.reopen)
        self.steps.append(self.replay)

    def clicked(self, step):
        """The step's name and thus its key, which differs for each new click."""
        return f"{step}{self.tries[step] or ''}"

    def reopen(self):
        return self.checkout(self.clicked("reopen"))

    def refund(self):
        return super().refund(self.clicked("refund"))

    def pay(self):
        self.paid_at = time.monotonic()
        return super().pay()

    def completed(self):
        """True even with more or less money than was asked for, once that has been decided."""
        if self.payapi.rows("SELECT 1 FROM payapi.payments JOIN payapi.orders o USING (order_id)"
                            " WHERE payment_id = %s AND captured_minor > 0 AND o.status <> 'open'", self.payment):
            return True
        if time.monotonic() > self.paid_at + SOON_S:
            self.hear(f"sync {self.payapi.post(f'/api/v1/payments/{self.payment}/sync').status}")
        return False

    def refunded(self):
        return self.payapi.rows("SELECT 1 FROM payapi.refunds WHERE payment_id = %s AND status = 'succeeded'"
                                " AND amount_minor = %s", self.payment, WANTED_BACK) != []

    def replay(self):
        """Replays an event of this payment, if any came: all may have been lost on the way."""
        page = self.payapi.get(f"/api/v1/webhook-events?paymentId={self.payment}", sub="root", role="admin")
        if page.status != 200:
            return False
        answers = [self.payapi.post(f"/api/v1/webhook-events/{event['id']}/replay", {}, sub="root", role="admin")
                   for event in page.data[:1]]
        self.hear(f"replay {[answer.status for answer in answers]}")
        return all(answer.status == 200 for answer in answers)

    # --- What the customer does in view of the order's state ------------------------------------
    def look_again(self):
        if not self.done and self.steps[0] == self.completed:
            self.pay_elsewhere()
        elif not self.done and self.steps[0] in (self.refund, self.refunded):
            self.ask_for_the_refund()

    def pay_elsewhere(self):
        """The page has ended without money: pay on another. Or the bank never says: cancel, to get another page."""
        status, order = self.payapi.row("SELECT p.status, o.status FROM payapi.payments p JOIN payapi.orders o"
                                        " USING (order_id) WHERE payment_id = %s", self.payment)
        if status in ("cancelled", "expired", "failed", "refunded") and order == "open":
            self.tries["reopen"] += 1
            self.steps.extendleft([self.pay, self.reopen])
        elif status == "processing":
            self.hear(f"cancel {self.payapi.post(f'/api/v1/payments/{self.payment}/cancel').status}")

    def ask_for_the_refund(self):
        """The money is back, whoever returned it: skip the refund. Or all attempts have failed: ask again."""
        states = {state for (state,) in self.payapi.rows(
            "SELECT status FROM payapi.refunds WHERE payment_id = %s AND amount_minor >= %s AND origin <> 'surplus'",
            self.payment, WANTED_BACK)}
        if "succeeded" in states:
            while not self.done and self.steps[0] in (self.refund, self.refunded):
                self.steps.popleft()
        elif states and states <= {"failed", "cancelled"}:
            self.tries["refund"] += 1
            if self.steps[0] == self.refunded:
                self.steps.appendleft(self.refund)


class MixedPaystackStory(MixedStory, PaystackStory):
    """The same at Paystack."""


def mixed_story(payapi, title):
    """Half of the orders are paid at Paystack."""
    return random.choice([MixedStory, MixedPaystackStory])(payapi, title)


# A sentence of the reason, and its verdict, in the order in which they are given: a payment can be asked about for
# several reasons at once. Everything else has settled by itself.
VERDICTS = [
    ("Less money arrived", "accept"),
    ("says that the money went back", "refund_elsewhere"),
    ("The refund's answer was lost", "give_up_call"),
    ("did not say what became of it", "give_up_call"),
    ("under way at the provider for longer", "give_up_call"),
]


class Operator:
    """Works through the list of reviews; lets pass the time that payapi waits before it asks a human."""

    def __init__(self, payapi):
        self.payapi, self.verdicts = payapi, collections.Counter()

    def work(self):
        """Reviews all payments on the list; returns their orders."""
        page = self.payapi.get("/api/v1/payments?needsReview=true&limit=100", sub="root", role="admin")
        asked = page.data if page.status == 200 else []
        for payment in asked:
            self.judge(payment)
        return [payment["orderId"] for payment in asked]

    def judge(self, payment):
        for verdict in self.verdicts_on(payment):
            self.give(payment, verdict)

    def verdicts_on(self, payment):
        wanted = list(dict.fromkeys(verdict for text, verdict in VERDICTS if text in payment["reviewReason"]))
        if "give_up_call" in wanted and not self.is_waiting(payment):
            wanted.remove("give_up_call")       # its outcome is known by now
        return wanted or ["dismiss"]

    def give(self, payment, verdict):
        body = {"verdict": verdict, "reason": "Seen on a bad day."}
        if verdict == "refund_elsewhere":
            body |= {"amountMinor": payment["capturedAmountMinor"] - payment["refundedAmountMinor"],
                     "reference": f"the reversal of {payment['id']}"}
        answer = self.payapi.post(f"/api/v1/payments/{payment['id']}/review", body, sub="root", role="admin")
        if answer.status == 200:
            self.verdicts[verdict] += 1
            self.give_back_what_is_too_much(answer.data)
        else:                                   # a call to the provider was under way: next time
            assert answer.status == 409, (payment, answer)

    def is_waiting(self, payment):
        return self.payapi.rows("SELECT 1 FROM payapi.provider_calls WHERE payment_id = %s AND finished_at IS NULL",
                                payment["id"]) != []

    def give_back_what_is_too_much(self, payment):
        """Makes by hand the refund that payapi wanted to make and that the operator has just given up."""
        kept = payment["capturedAmountMinor"] - payment["refundedAmountMinor"]
        due = kept - (0 if payment["surplus"] else payment["amountMinor"])
        under_way = self.payapi.rows("SELECT 1 FROM payapi.refunds WHERE payment_id = %s AND status = 'pending'",
                                     payment["id"])
        if due > 0 and not under_way:
            made = self.payapi.post(f"/api/v1/payments/{payment['id']}/refund", {"amountMinor": due}, sub="root",
                                    role="admin", headers={"Idempotency-Key": f'"{payment["id"]}-{kept}"'})
            assert made.status in (201, 202, 409), made         # 409: the bank has it; the next review asks about that
            self.verdicts["refunded by hand"] += made.status != 409

    def days_pass(self, orders):
        """Makes all waiting work due; for open work in these orders, makes it time to ask a human."""
        hurry(self.payapi)
        lose(self.payapi, [
            ("UPDATE payapi.provider_cursors SET next_at = now()",),
            ("UPDATE payapi.provider_calls SET started_at = least(started_at, now() - interval '3 days'), next_at = now()"
             " WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until <= now())"
             "   AND payment_id IN (SELECT payment_id FROM payapi.payments WHERE order_id = ANY(%s))", orders),
            ("UPDATE payapi.payments SET completed_at = completed_at - interval '1 hour'"
             " WHERE completed_at > now() - interval '1 hour' AND order_id = ANY(%s)", orders),
            ("UPDATE payapi.payments SET expires_at = now() - interval '4 days'"
             " WHERE provider_open AND progress = 'processing' AND expires_at > now() AND order_id = ANY(%s)", orders)])

    def sync(self, orders):
        """Asks what became of each payment, like the sync button beside it."""
        for (payment,) in self.payapi.rows("SELECT payment_id FROM payapi.payments WHERE order_id = ANY(%s)", orders):
            self.payapi.post(f"/api/v1/payments/{payment}/sync", sub="root", role="admin")

    def settle(self, stories, seconds):
        """Works until every story has ended and no question is open. Returns the stories that have not ended."""
        deadline = time.monotonic() + seconds
        moved = self.payapi.sandbox("POST", "/_sandbox/clock", {"advance_s": LATE_S + 1})     # late requests are carried out now
        assert moved.status == 200, moved
        left = converge(stories, 5)
        orders = [story.order for story in stories]             # the bank may have taken any of it back
        while True:
            self.days_pass(orders)
            self.sync(orders)
            judged = self.work()
            for story in left:
                story.look_again()
            left = converge(left, 3)
            orders = [story.order for story in left] + judged   # the judged ones too: another question may follow
            if time.monotonic() > deadline or not orders:
                return left


def all_is_told(payapi):
    """Waits until no webhook is on its way to us any more."""
    wait_until(lambda: payapi.sandbox("GET", "/_sandbox/webhooks/deliveries").json["pending"] == 0, 60, "the last webhooks")
