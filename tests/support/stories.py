"""Orders that must be paid whatever happens, and the instance that it happens to.

A Story is one order as a patient client sees it: it repeats each step, with the same key, until it gets
a final answer. It never gives up and never invents anything, so its end depends on the product alone.
"""
import collections
import http.client
import itertools
import os
import re
import time

from payapi_instance import ROOT, Instance, lives, wait_until

CONVERGE_S = 60         # the promise: after healing, everything is settled within this time
ACTIONS = ("kill", "error", "delay_ms=200", "drop_db")
POINT = re.compile(r'FAULT_HERE(?:_IN)?\((?:ctx, )?"([a-z_]+\.[a-z_]+)"\)')
COUNTDOWN = 100000
KIND_OF_ANSWER = {"create": "order", "checkout": "payment", "cancel": "payment", "reopen": "payment",
                  "refund": "refund"}


APART = ("adopt", "pull")       # no client's request reaches these: test_missed_points.py
COMPARING = ("reconcile",)      # nor these: test_reconcile_points.py
DELIVERING = ("delivery",)      # nor these: test_delivery_points.py


def all_points():
    found = set()
    for path in sorted((ROOT / "src").rglob("*.c")):
        found.update(POINT.findall(path.read_text()))
    return sorted(found)


def points_in_sources():
    """Every point in a client's story; tests pick up a new one by themselves."""
    return [point for point in all_points() if point.split(".")[0] not in APART + COMPARING + DELIVERING]


def points_apart():
    return [point for point in all_points() if point.split(".")[0] in APART]


def points_of_comparing():
    return [point for point in all_points() if point.split(".")[0] in COMPARING]


def points_of_delivering():
    return [point for point in all_points() if point.split(".")[0] in DELIVERING]


class CrashInstance(Instance):
    """An instance whose fault points can be armed."""

    def __init__(self, name="crash", **settings):
        super().__init__(name, **settings)
        self.fault_file = self.var / "faults"
        self.fault_file.write_text("")
        self.fault_file.chmod(0o666)            # root's daemons run as another user
        self.environment["PAYAPI_FAULT_FILE"] = str(self.fault_file)
        self.answers = []                       # every 2xx document: (kind, id)

    def arm(self, *lines):
        self.fault_file.write_text("".join(line + "\n" for line in lines))

    def disarm(self):
        self.fault_file.write_text("")

    @property
    def armed(self):
        return self.fault_file.read_text().split()

    def pools_are_full(self):
        wanted = {pool: int(self.settings[f"{pool.upper()}_WORKERS"]) for pool in ("fast", "provider")}
        return all(len(self.worker_pids(pool)) == count for pool, count in wanted.items())

    def heal(self):
        self.disarm()
        self.clear_faults()
        wait_until(self.pools_are_full, 20, "the pools to be whole again")
        self.start_daemons()

    def start_daemons(self):
        """Does a supervisor's work: ./dev starts what is not running."""
        if not all(lives(self.master_pid(program)) for program in ("jobs", "deliver")):
            started = self.dev("up", "--no-demo", check=False)
            assert started.returncode == 0, started.stdout

    def pending_webhooks(self):
        return self.sandbox("GET", "/_sandbox/webhooks/deliveries").json["pending"]


class Story:
    """create, checkout, cancel, checkout again, pay, the webhook; then a refund of part of the money."""

    numbers = itertools.count(1)
    provider = "stripe"
    order_body = '{"id":"%s","amount":49.99,"currency":"EUR"}'

    def __init__(self, payapi, title):
        self.payapi = payapi
        self.title = title
        self.order = f"story-{os.getpid()}-{next(self.numbers)}"
        self.steps = collections.deque([self.create, self.checkout, self.cancel, self.reopen, self.pay,
                                        self.completed, self.refund, self.refunded])
        self.heard = []                         # "checkout 502", in the order they came
        self.session = self.payment = None
        self.settled_s = 0                      # how long after healing it was settled

    @property
    def done(self):
        return not self.steps

    def advance(self):
        """Tries the next step once. True when it is done."""
        try:
            passed = self.steps[0]()
        except (OSError, http.client.HTTPException) as error:
            self.hear(f"{self.steps[0].__name__} {type(error).__name__}")
            passed = False
        if passed:
            self.steps.popleft()
        return passed

    def hear(self, what):
        if not self.heard or self.heard[-1] != what:
            self.heard.append(what)

    def command(self, step, path, body, **who):
        answer = self.payapi.post(path, body, headers={"Idempotency-Key": f'"{self.order}-{step}"'}, **who)
        self.hear(f"{step} {answer.status}")
        assert answer.status != 422 and answer.status != 400, (self.title, answer)
        if 200 <= answer.status < 300:
            self.payapi.answers.append((KIND_OF_ANSWER[step.rstrip("0123456789")], answer.data["id"]))
        return answer

    # --- The steps ----------------------------------------------------------------------------
    def create(self):
        return self.command("create", "/api/v1/orders", self.order_body % self.order).status == 201

    def cancel(self):
        answer = self.command("cancel", f"/api/v1/payments/{self.payment}/cancel", {})
        return answer.status == 200 and answer.data["status"] == "cancelled"

    def reopen(self):
        return self.checkout("reopen")

    def checkout(self, step="checkout"):
        answer = self.command(step, f"/api/v1/orders/{self.order}/checkout", {"provider": self.provider})
        if answer.status not in (200, 201):
            return False
        self.session, self.payment = answer.data["externalId"], answer.data["id"]
        return answer.data["checkoutUrl"] is not None or answer.data["status"] == "completed"

    def pay(self):
        answer = self.payapi.sandbox("POST", f"/_sandbox/sessions/{self.session}/pay", {})
        return answer.status in (200, 409)

    def completed(self):
        """Asks the database, because a request to the API could hit the fault points of other cases."""
        return self.payapi.rows("SELECT 1 FROM payapi.payments p JOIN payapi.orders o USING (order_id)"
                                " WHERE p.order_id = %s AND p.status = 'completed'"
                                " AND o.status = 'paid'", self.order) != []

    def refund(self, step="refund"):
        answer = self.command(step, f"/api/v1/payments/{self.payment}/refund", '{"amount":20.00}',
                              sub="root", role="admin")
        return answer.status in (200, 201)

    def refunded(self):
        return self.payapi.rows("SELECT 1 FROM payapi.payments WHERE payment_id = %s"
                                " AND status = 'partially_refunded' AND refunded_minor = 2000",
                                self.payment) != []


class PaystackStory(Story):
    """The same at Paystack, where requests have no keys and pages cannot be closed: calls are looked up, not repeated."""

    provider = "paystack"
    order_body = '{"id":"%s","amount":99.99,"currency":"NGN","customerEmail":"ada@example.com"}'

    def pay(self):
        answer = self.payapi.sandbox("POST", f"/_sandbox/paystack/transactions/{self.session}/pay", {})
        return answer.status in (200, 409)


def tell_until_struck(payapi, story, seconds=4):
    """Advances the story until it ends, or until the fault has struck and holds it up. Returns whether it struck."""
    deadline = time.monotonic() + seconds
    while not story.done and time.monotonic() < deadline:
        if story.advance():
            continue
        if not payapi.armed and story.steps[0] in (story.checkout, story.cancel, story.reopen, story.refund):
            break
        time.sleep(0.02)
    while story.done and payapi.pending_webhooks() and time.monotonic() < deadline:
        time.sleep(0.02)
    struck = not payapi.armed
    payapi.disarm()
    return struck


def converge(stories, seconds=CONVERGE_S):
    """Advances all stories until they are done. Returns those that are left after the promised time."""
    healed = time.monotonic()
    deadline = healed + seconds
    left = [story for story in stories if not story.done]
    while left and time.monotonic() < deadline:
        for story in left:
            while not story.done and story.advance():
                pass
            story.settled_s = time.monotonic() - healed
        left = [story for story in left if not story.done]
        time.sleep(0.1 if left else 0)
    return left


OPEN_REFUND = ("FROM payapi.provider_calls c JOIN payapi.payments p USING (payment_id) WHERE p.provider = 'paystack'"
               " AND c.operation = 'refund' AND c.finished_at IS NULL AND c.maybe_executed AND p.order_id = ANY(%s)")


def left_to_humans(payapi, stories):
    """The stories whose refund may have been made although no list shows it: a day later a human is asked."""
    orders = [story.order for story in stories]
    payapi.rows("UPDATE payapi.provider_calls SET started_at = started_at - interval '24 h', next_at = now()"
                f" WHERE call_id IN (SELECT c.call_id {OPEN_REFUND})", orders)
    wait_until(lambda: payapi.rows(f"SELECT 1 {OPEN_REFUND} AND NOT p.needs_review", orders) == [], 120, "the questions")
    asked = {order for (order,) in payapi.rows(f"SELECT p.order_id {OPEN_REFUND}", orders)}
    return [story for story in stories if story.order in asked]
