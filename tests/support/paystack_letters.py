"""Paystack's events as letters of an alphabet, like Stripe's in stripe_letters.

Events about charges and refunds are only hints, so the sandbox really has what they say. Events about
disputes are believed as they are.
"""
import json
import time
import uuid

import paystack_play

CHARGE = {"charge success": ("charge.success", "success"), "charge failed": ("charge.failed", "failed")}
REFUND = {"refund pending": "pending", "refund processing": "processing", "refund processed": "processed",
          "refund needs attention": "needs-attention"}
DISPUTE = {"dispute created": ("charge.dispute.create", False), "dispute reminded": ("charge.dispute.remind", False),
           "dispute resolved": ("charge.dispute.resolve", True)}
LETTERS = [*CHARGE, *REFUND, *DISPUTE]
REFUNDED_MINOR, DISPUTED_MINOR = 2000, 4000
FIRST_S = 3600                          # how long ago a dispute's story begins


class Story:
    """One payment of 100.00 NGN, paid at Paystack, with the refund and the dispute that the letters need."""

    def __init__(self, payapi, letters):
        self.payapi, self.letters = payapi, letters
        self.payment = paystack_play.opened(payapi)
        self.transaction = paystack_play.act(payapi, self.payment, "pay")
        self.dispute = {}
        if any(letter in REFUND for letter in letters):
            paystack_play.act(payapi, self.payment, "refund", {"amount": REFUNDED_MINOR})
        if any(letter in DISPUTE for letter in letters):
            self.play_dispute()

    @staticmethod
    def may_stand_together(_):
        return True

    def play_dispute(self):
        self.dispute = paystack_play.act(self.payapi, self.payment, "dispute", {"refund_amount": DISPUTED_MINOR})
        if "dispute resolved" in self.letters:
            answer = self.payapi.sandbox("POST", f"/_sandbox/paystack/disputes/{self.dispute['id']}/resolve",
                                         {"resolution": "declined"})
            assert answer.status == 200, answer
            self.dispute = answer.json

    # --- the events ---------------------------------------------------------------------------
    def event(self, letter, created):
        if letter in CHARGE:
            kind, status = CHARGE[letter]
            return {"event": kind, "data": {"id": self.transaction["id"], "domain": "test", "status": status,
                                            "reference": paystack_play.reference(self.payment), "amount": 10000,
                                            "currency": "NGN", "metadata": {"payment_id": self.payment["id"]}}}
        if letter in REFUND:
            return {"event": "refund." + REFUND[letter], "data": {
                "status": REFUND[letter], "transaction_reference": paystack_play.reference(self.payment),
                "refund_reference": None, "amount": str(REFUNDED_MINOR), "currency": "NGN", "domain": "test"}}
        kind, resolved = DISPUTE[letter]
        return {"event": kind, "data": {**self.dispute, **({} if resolved else {
            "status": "awaiting-merchant-feedback", "resolution": None, "resolvedAt": None,
            "updatedAt": self.moment(created)})}}

    @staticmethod
    def moment(created):
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - FIRST_S + created))

    def deliver(self, event):
        return paystack_play.deliver(self.payapi, json.dumps(event).encode()).status

    @staticmethod
    def name_of(event):
        """Paystack gives events no id: the same bytes are the same event."""
        return paystack_play.digest(json.dumps(event).encode())

    @staticmethod
    def again(event):
        """The same news in other bytes."""
        return {**event, "padding": uuid.uuid4().hex}
