"""Stripe's events as letters of an alphabet: each makes one event about a payment played at the sandbox.

payapi may ask the provider about some letters (refunds, disputes). The sandbox really has those, so that
the event and the provider's answer agree, whichever comes first.
"""
import time
import uuid

from payapi_instance import Connection, metadata_of

SESSION = {
    "session completed": ("checkout.session.completed", {}),
    "session completed, unpaid": ("checkout.session.completed", {"payment_status": "unpaid"}),
    "session succeeded late": ("checkout.session.async_payment_succeeded", {}),
    "session failed late": ("checkout.session.async_payment_failed", {"payment_status": "unpaid"}),
    "session expired": ("checkout.session.expired", {"status": "expired", "payment_status": "unpaid"}),
}
DECLINED = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "No."}
INTENT = {
    "intent processing": ("payment_intent.processing", {"status": "processing", "amount_received": 0}),
    "intent requires action": ("payment_intent.requires_action", {"status": "requires_action", "amount_received": 0}),
    "intent failed": ("payment_intent.payment_failed", {
        "status": "requires_payment_method", "amount_received": 0, "last_payment_error": DECLINED}),
    "intent succeeded": ("payment_intent.succeeded", {}),
    "intent canceled": ("payment_intent.canceled", {"status": "canceled", "amount_received": 0}),
    "intent succeeded with another amount": ("payment_intent.succeeded", {"amount_received": 5000}),
}
REFUND = {
    "refund created": ("refund.created", "kept", "succeeded"),
    "refund updated": ("refund.updated", "kept", "succeeded"),
    "refund succeeded before it failed": ("charge.refund.updated", "lost", "succeeded"),
    "refund failed": ("refund.failed", "lost", "failed"),
}
CHARGE = {"charge refunded": False, "charge refunded, with its refunds": True}
DISPUTE = {
    "dispute opened": ("charge.dispute.created", False),
    "dispute funds withdrawn": ("charge.dispute.funds_withdrawn", False),
    "dispute closed": ("charge.dispute.closed", True),
    "dispute funds reinstated": ("charge.dispute.funds_reinstated", True),
}
LETTERS = [*SESSION, *INTENT, *REFUND, *CHARGE, *DISPUTE]
ASKED = [*REFUND, *CHARGE, *DISPUTE]            # the sandbox has these, so that it can be asked
KEPT_MINOR, DISPUTED_MINOR = 2000, 4000
LOST_MINOR = {False: 3000, True: 9000}          # a failed refund leaves room for one made after it


class Story:
    """One payment, played at the sandbox as far as its letters need it."""

    def __init__(self, payapi, letters):
        self.payapi, self.letters = payapi, letters
        self.order = payapi.create_order()
        self.payment = payapi.checkout(self.order).data
        self.intent = "pi_" + self.payment["id"][4:]
        self.refunds, self.dispute = {}, {}
        if self.tells(*ASKED):
            self.play()

    @staticmethod
    def may_stand_together(letters):
        """The provider, when asked, has only one amount."""
        return "intent succeeded with another amount" not in letters or not set(letters) & set(ASKED)

    def play(self):
        self.payapi.sandbox_do(self.payment["externalId"], "pay")
        self.intent = self.stripe(f"/v1/checkout/sessions/{self.payment['externalId']}")["payment_intent"]
        # Refunds and disputes have none of our metadata: only the intent shows which payment they belong to.
        self.payapi.rows("UPDATE payapi.payments SET provider_intent = %s WHERE payment_id = %s",
                         self.intent, self.payment["id"])
        if self.tells("refund succeeded before it failed", "refund failed"):
            self.refunds["lost"] = self.act("refund", amount=LOST_MINOR[self.tells("refund failed")])
        if self.tells("refund failed"):
            answer = self.payapi.sandbox("POST", f"/_sandbox/refunds/{self.refunds['lost']['id']}/fail", {})
            assert answer.status == 200, answer
        if self.tells("refund created", "refund updated", *CHARGE):
            self.refunds["kept"] = self.act("refund", amount=KEPT_MINOR)
        if self.tells(*DISPUTE):
            self.play_dispute()

    def play_dispute(self):
        dispute = self.act("dispute", amount=DISPUTED_MINOR)
        if any(letter in DISPUTE and DISPUTE[letter][1] for letter in self.letters):
            answer = self.payapi.sandbox("POST", f"/_sandbox/disputes/{dispute['id']}/close", {"status": "won"})
            assert answer.status == 200, answer
        self.dispute = self.stripe(f"/v1/disputes/{dispute['id']}")

    def tells(self, *letters):
        return any(letter in self.letters for letter in letters)

    def act(self, what, **options):
        answer = self.payapi.sandbox("POST", f"/_sandbox/payment_intents/{self.intent}/{what}", options)
        assert answer.status == 200, answer
        return answer.json

    def stripe(self, path):
        connection = Connection(self.payapi.sandbox_port, self.payapi.settings["STRIPE_SECRET_KEY"])
        try:
            return connection.request("GET", path).json
        finally:
            connection.close()

    # --- the events ---------------------------------------------------------------------------
    def event(self, letter, created):
        kind, obj = self.told_by(letter)
        return {"id": "evt_" + uuid.uuid4().hex, "object": "event", "api_version": "2026-10-28.endive",
                "created": int(time.time()) - 3600 + created, "livemode": False, "pending_webhooks": 1,
                "request": None, "type": kind, "data": {"object": obj}}

    def told_by(self, letter):
        if letter in SESSION:
            return SESSION[letter][0], self.session(**SESSION[letter][1])
        if letter in INTENT:
            return INTENT[letter][0], self.payment_intent(**INTENT[letter][1])
        if letter in REFUND:
            kind, which, status = REFUND[letter]
            return kind, {**self.refunds[which], "status": status}
        if letter in CHARGE:
            return "charge.refunded", self.charge(with_refunds=CHARGE[letter])
        return DISPUTE[letter][0], self.dispute_when(DISPUTE[letter][1])

    def named(self, **members):
        return {"currency": "usd", "livemode": False, "metadata": metadata_of(self.payment), **members}

    def session(self, **changed):
        return self.named(**{
            "id": self.payment["externalId"], "object": "checkout.session", "mode": "payment", "status": "complete",
            "payment_status": "paid", "payment_intent": self.intent, "amount_total": 9999, "url": None, **changed})

    def payment_intent(self, **changed):
        return self.named(**{"id": self.intent, "object": "payment_intent", "status": "succeeded", "amount": 9999,
                             "amount_received": 9999, "latest_charge": "ch_1", **changed})

    def charge(self, with_refunds):
        listed = {"refunds": {"object": "list", "has_more": False, "data": [self.refunds["kept"]]}}
        return self.named(id="ch_1", object="charge", payment_intent=self.intent, amount=9999, refunded=False,
                          amount_refunded=KEPT_MINOR, **(listed if with_refunds else {}))

    def dispute_when(self, closed):
        if closed or self.dispute["status"] != "won":
            return self.dispute
        return {**self.dispute, "status": "needs_response",
                "balance_transactions": self.dispute["balance_transactions"][:1]}

    def deliver(self, event):
        return self.payapi.deliver(event).status

    @staticmethod
    def name_of(event):
        return event["id"]

    @staticmethod
    def again(event):
        """Another event with the same content, as Stripe sometimes sends."""
        return {**event, "id": "evt_" + uuid.uuid4().hex}
