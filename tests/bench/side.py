"""One instance under load: its rows, its kinds of requests, its recorded statements, its slices."""
import http.client
import tempfile
from pathlib import Path

import machine
from kinds import KINDS, POOL, Refund, as_form
from clients import PROCESSES, Statements, run_wrk, worker_memory
from payapi_instance import Connection, Instance
from pgscript import Script
from recorder import Recorder, rows_written, wal_position
from rows import OWNER, Rows

LEADERS = {"nginx": ["nginx"], "workers": ["fast", "provider"], "PostgreSQL": ["postgres"], "sandbox": ["sandbox"],
           "jobs": ["jobs"]}
FIRST_GUESS = 1500              # requests per second, where nothing is known yet


class Side:
    def __init__(self, prefix, quick, settings=None, rows=Rows):
        pools = {f"{pool.upper()}_WORKERS": str(count) for pool, count in PROCESSES.items()}
        # No reading of a provider's lists while commits are counted, the one at the start apart.
        self.payapi = Instance("bench", PAYAPI_PREFIX=str(prefix), EVENTS_PULL_INTERVAL_S="86400",
                               **{**pools, **(settings or {})})
        self.make_rows = rows               # of the schema that these programs bring
        self.folder = tempfile.TemporaryDirectory(prefix="payapi-load-")
        self.pool = 32 if quick else POOL
        self.history = 2000 if quick else 100000
        self.rates = {}
        self.kinds = [kind(self) for kind in KINDS]

    def up(self):
        self.payapi.up()
        self.payapi.webhook_settings(delivery="off")
        self.connection = self.payapi.connect(OWNER)
        self.provider = Connection(self.payapi.sandbox_port)
        self.rows = self.make_rows(self.payapi)
        self.completed = self.rows.fill("completed", self.history)
        for kind in self.kinds:
            kind.prepare()
        self.rows.settle()
        return self

    def down(self):
        self.payapi.down()
        self.folder.cleanup()

    @property
    def parts(self):
        return {part: [self.payapi.master_pid(name) for name in names] for part, names in LEADERS.items()}

    # --- Single requests ------------------------------------------------------------------------
    def send(self, request):
        method, path, body, headers, token = request
        try:
            answer = self.connection.request(method, path, body, headers, token=token)
        except http.client.RemoteDisconnected:      # nginx has rested: once more is safe, keys are set
            answer = self.connection.request(method, path, body, headers, token=token)
        assert 200 <= answer.status < 300, answer
        return answer

    def paid_intent(self, bill):
        """A payment that only the provider knows so far."""
        secret = self.payapi.settings["STRIPE_SECRET_KEY"]
        session = self.provider.request("POST", "/v1/checkout/sessions", as_form(bill), token=secret,
                                        headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert session.status == 200, session
        paid = self.provider.request("POST", f"/_sandbox/sessions/{session.json['id']}/pay", {})
        return paid.json["payment_intent"]

    def replace_intents(self, intents):
        connection = self.payapi.database()
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.executemany("UPDATE payapi.payments SET provider_intent = %s WHERE payment_id = %s", intents)
        connection.close()

    # --- Statements -------------------------------------------------------------------------------
    def record(self):
        """For each kind its statements as a pgbench script, proved to write the same rows."""
        self.recorded, self.written, self.statements = {}, {}, {}
        with Recorder(self.payapi) as recorder:
            for kind in self.kinds:
                self.record_kind(recorder, kind)
            self.prove_same_work()

    def record_kind(self, recorder, kind):
        if isinstance(kind, Refund):
            numbers, request = kind.pool[-2:], kind.recorded
        elif kind.stage:
            numbers, request = self.rows.fill(kind.stage, 2), kind.request
        else:
            numbers, request = kind.shared()[:2], kind.request
        pending = iter(numbers)
        trips, written = recorder.record(lambda: self.send(request(next(pending))))
        self.recorded[kind.name], self.written[kind.name] = trips, written
        script = Script(trips, numbers[1], kind.stage is not None, kind.aliases(numbers[1]))
        file = Path(self.folder.name) / f"{type(kind).__name__}.sql"
        self.statements[kind.name] = Statements(self.payapi, script, file)

    def prove_same_work(self):
        for kind in self.kinds:
            numbers = self.rows.fill(kind.stage, 1) if kind.stage else kind.shared()
            before = wal_position(self.payapi)
            self.statements[kind.name].run(numbers[:1], clients=1)
            written = rows_written(self.payapi, before)
            assert written == self.written[kind.name], (
                f"{kind.name}: the program wrote {dict(self.written[kind.name])}, its statements {dict(written)}")

    # --- Slices -----------------------------------------------------------------------------------
    def rate(self, kind, side):
        return self.rates.get((kind.name, side), FIRST_GUESS)

    def requests(self, kind, seconds):
        if kind.stage is None:
            return [kind.request(number) for number in kind.shared()[:2000]]
        count = int(self.rate(kind, "product") * 1.5 * (seconds + 0.5))
        return [kind.request(number) for number in kind.numbers(count)]

    def load(self, kind, seconds, ours=()):
        """A slice of the product under wrk; None when the prepared requests did not suffice."""
        requests = self.requests(kind, seconds)
        with machine.Slice(self.parts, ours) as slice_:
            told = run_wrk(self.folder.name, self.payapi.port, requests, seconds)
        told["rate"] = told["requests"] / told["seconds"]
        self.rates[kind.name, "product"] = max(told["rate"], self.rate(kind, "product") / 2)
        if kind.stage and told["repeated"]:
            self.rates[kind.name, "product"] = 2 * told["rate"]
            return self.load(kind, seconds, ours)
        told["cpu_ms"] = {part: 1000 * spent / told["requests"] for part, spent in slice_.cpu.items()}
        told["pss_kib"] = worker_memory(self.payapi, self.pool_of(kind))
        return told, slice_

    def ceiling(self, kind, seconds, ours=()):
        """A slice of the same statements under pgbench."""
        if kind.stage:
            count = max(64, int(self.rate(kind, "pgbench") * seconds))
            numbers, limit = self.rows.fill(kind.stage, count), None
        else:
            numbers, limit = kind.shared(), seconds
        with machine.Slice(self.parts, ours) as slice_:
            rate = self.statements[kind.name].run(numbers, limit)
        self.rates[kind.name, "pgbench"] = rate
        return rate, slice_

    @staticmethod
    def pool_of(kind):
        return "provider" if kind.name.startswith(("checkout", "refund")) else "fast"
