"""A restore drill: the database goes back in time, the money does not. docs/RUNBOOK.md has the same steps for a human.

Between the backup and the loss, both providers took money, refunded it and had disputes. After the restore nothing
is paid or refunded a second time, and our books agree with the providers' again.
"""
import os
import shutil
import subprocess
import uuid

import pytest

import paystack_play
from cross_invariants import contradictions
from lost_rows import hurry
from payapi_instance import Instance, wait_until
from reconciling import reconcile


@pytest.fixture(scope="module")
def payapi():
    instance = Instance("restore")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


# --- What happens at the providers ------------------------------------------------------------------

class Sale:
    """An order of alice's, its payment, and its requests with their keys."""

    def __init__(self, payapi, provider, paid=True):
        self.payapi, self.provider = payapi, provider
        currency = "NGN" if provider == "paystack" else "USD"
        self.order = payapi.create_order("100.00", currency, customerEmail="alice@example.com")
        self.payment = paystack_play.checkout(payapi, self.order, provider).data
        if paid:
            self.pay()
            payapi.wait_for_status(self.order, "completed")

    def pay(self):
        if self.provider == "paystack":
            paystack_play.act(self.payapi, self.payment, "pay")
        else:
            self.payapi.sandbox_do(self.payment["externalId"], "pay")

    def refund(self, key):
        return self.payapi.post(f"/api/v1/payments/{self.payment['id']}/refund", {"amountMinor": 2500}, sub="boss",
                                role="admin", headers={"Idempotency-Key": key})

    def dispute(self):
        if self.provider == "paystack":
            return paystack_play.act(self.payapi, self.payment, "dispute")
        made = self.payapi.sandbox("POST", f"/_sandbox/payment_intents/{self.charge['payment_intent']}/dispute", {})
        assert made.status < 300, made
        return made.json

    @property
    def charge(self):
        [charge] = [c for c in self.payapi.ledger["charges"] if c["metadata"].get("payment_id") == self.payment["id"]]
        return charge

    def refunds_there(self):
        return [r["amount"] for r in self.payapi.ledger["refunds"] if r["charge"] == self.charge["id"]]

    def is_disputed(self):
        shown = self.payapi.get(f"/api/v1/payments/{self.payment['id']}/disputes", sub="boss", role="admin")
        return shown.status == 200 and len(shown.data) == 1


class Trade:
    """Sales from before and after the backup, and what happened to them after it."""

    def __init__(self, payapi, provider):
        self.payapi, self.provider = payapi, provider
        self.refunded, self.disputed, self.untouched = (Sale(payapi, provider) for _ in range(3))
        self.open = Sale(payapi, provider, paid=False)

    def go_on(self):
        """What the database will lose."""
        self.new, self.new_refunded = Sale(self.payapi, self.provider), Sale(self.payapi, self.provider)
        self.keys = {sale: uuid.uuid4().hex for sale in (self.refunded, self.new_refunded)}
        self.refund_ids = {}
        for sale, key in self.keys.items():
            made = sale.refund(key)
            assert made.status == 201, made
            self.refund_ids[sale] = made.data["id"]
        self.open.pay()
        self.payapi.wait_for_status(self.open.order, "completed")
        self.disputed.dispute()
        wait_until(self.disputed.is_disputed, 30, "the dispute")

    @property
    def sales(self):
        return [self.refunded, self.disputed, self.untouched, self.open, self.new, self.new_refunded]


# --- Two kinds of backup ----------------------------------------------------------------------------

class Backup:
    def __init__(self, payapi, folder):
        self.payapi, self.folder = payapi, folder
        self.var = (payapi.var / "var").resolve()

    def run(self, program, *arguments):
        folder = max(os.scandir("/usr/lib/postgresql"), key=lambda entry: int(entry.name)).path
        done = subprocess.run([f"{folder}/bin/{program}", "-h", self.var / "run", "-U", "dev", *arguments],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout

    def lose_the_data(self):
        self.payapi.dev("down")
        shutil.rmtree(self.var / "db")


class Dump(Backup):
    """pg_dump, and pg_restore into a fresh cluster."""

    def begin(self):
        pass

    def finish(self):
        self.run("pg_dump", "--format=custom", f"--file={self.folder}/payapi.dump", "payment_db")

    def restore(self):
        self.lose_the_data()
        self.payapi.dev("up", "--database")             # makes a cluster with its roles; its database is dropped
        self.run("dropdb", "payment_db")
        self.run("pg_restore", "--create", "--exit-on-error", "--dbname=postgres", f"{self.folder}/payapi.dump")


class PointInTime(Backup):
    """pg_basebackup and the archived log, up to a moment after the backup."""

    def __init__(self, payapi, folder):
        super().__init__(payapi, folder)
        (folder / "wal").mkdir()
        for setting in ("archive_mode = on", f"archive_command = 'cp %p {folder}/wal/%f'"):
            payapi.dev("psql", "-c", f"ALTER SYSTEM SET {setting}")
        payapi.dev("down")
        payapi.up()

    def begin(self):
        self.run("pg_basebackup", "--checkpoint=fast", f"--pgdata={self.folder}/base")

    def finish(self):
        self.moment = self.payapi.row("SELECT clock_timestamp()::text")[0]

    def restore(self):
        [last] = self.payapi.row("SELECT pg_walfile_name(pg_switch_wal())")
        wait_until((self.folder / "wal" / last).exists, 60, "the last piece of the log")
        self.lose_the_data()
        shutil.copytree(self.folder / "base", self.var / "db")
        (self.var / "db").chmod(0o700)
        with (self.var / "db" / "postgresql.auto.conf").open("a") as file:
            file.write(f"restore_command = 'cp {self.folder}/wal/%f %p'\nrecovery_target_time = '{self.moment}'\n"
                       "recovery_target_action = 'promote'\n")
        (self.var / "db" / "recovery.signal").touch()
        self.payapi.dev("up", "--database")


# --- The drill --------------------------------------------------------------------------------------

def differences(payapi):
    """Contradictions with the provider's books. X4 does not count: an event whose row was lost comes again only if needed."""
    return [each for each in contradictions(payapi) if not each.startswith("X4")]


def caught_up(payapi):
    """Nothing waits, and both sides agree."""
    hurry(payapi)
    return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE status = 'received'") == (0,) \
        and differences(payapi) == []


def give_owners(payapi):
    """The human's part: only the shop knows whose an order is."""
    ownerless = payapi.rows("SELECT payment_id FROM payapi.payments JOIN payapi.orders USING (order_id)"
                            " WHERE needs_review AND owner_id NOT IN ('alice')")
    for (payment,) in ownerless:
        done = payapi.admin("payment", "review", "--id", payment, "--verdict", "give_owner", "--owner", "alice",
                            "--reason", "restored; the shop's books say whose it is")
        assert done.returncode == 0, done.stdout
    return len(ownerless)


@pytest.mark.parametrize("kind", [Dump, PointInTime])
def test_after_a_restore_nothing_is_paid_or_given_back_twice(payapi, tmp_path, kind):
    tmp_path.chmod(0o755)
    backup = kind(payapi, tmp_path)
    backup.begin()
    trades = [Trade(payapi, provider) for provider in ("stripe", "paystack")]
    backup.finish()
    for trade in trades:
        trade.go_on()
    charged = len(payapi.ledger["charges"])
    backup.restore()
    assert payapi.row("SELECT count(*) FROM payapi.refunds WHERE refund_id = ANY(%s)",
                      [i for trade in trades for i in trade.refund_ids.values()]) == (0,)
    payapi.up()
    for trade in trades:                                    # while the services catch up
        again = trade.refunded.refund(trade.keys[trade.refunded])
        assert again.status in (201, 202) and again.data["id"] == trade.refund_ids[trade.refunded], again
    wait_until(lambda: caught_up(payapi), 120, "both sides to agree")
    assert give_owners(payapi) == 4                         # the new ones, of both providers
    for trade in trades:
        for sale, key in trade.keys.items():
            again = sale.refund(key)
            assert again.status in (200, 201) and again.data["id"] == trade.refund_ids[sale], again
            assert sale.refunds_there() == [2500]
        assert trade.disputed.is_disputed()
        for sale in trade.sales:
            assert payapi.payment_of(sale.order)["status"] in ("completed", "partially_refunded")
            assert payapi.checkout(sale.order).status == 409
            again = payapi.post("/api/v1/orders", {"id": sale.order, "amount": 5, "currency": "EUR"})
            assert (again.status, again.json["slug"]) == (409, "order-already-exists"), again
    assert len(payapi.ledger["charges"]) == charged
    assert differences(payapi) == []
    payapi.assert_invariants()
    for provider in ("stripe", "paystack"):
        assert reconcile(payapi, provider=provider)["open"] == 0
