"""One instance under load: its rows, its kinds of requests, its recorded statements, its slices."""
import tempfile
from pathlib import Path

import machine
from clients import PROCESSES, PgBench, run_wrk, worker_memory
from kinds import KINDS, POOL
from payapi_instance import Instance
from pgscript import Script
from provider import WEBHOOK_SECRET, Provider
from recorder import Recorder, rows_written, wal_position
from rows import OWNER, Rows

LEADERS = {"nginx": ["nginx"], "workers": ["fast", "provider"], "PostgreSQL": ["postgres"], "jobs": ["jobs"]}


class BenchInstance(Instance):
    """An instance whose provider is started by the benchmark."""

    def up(self):
        started = self.dev("up", "--no-demo", "--no-sandbox", check=False)
        assert started.returncode == 0, started.stdout + self.tail_of_logs()
        return self


class Target:
    """What can be put under load: kinds of requests, and slices of them.

    A subclass has port, connection, rows, provider, parts, payapi (whose tokens and secrets all sides share).
    """

    def __init__(self, quick):
        self.folder = tempfile.TemporaryDirectory(prefix="payapi-load-")
        self.pool = 32 if quick else POOL
        self.history = 2000 if quick else 100000
        self.rates = {}
        self.kinds = [kind(self) for kind in KINDS]

    def token(self, sub, role):
        return self.payapi.token(sub, role)

    def stripe_signature(self, body):
        return self.payapi.stripe_signature(body, WEBHOOK_SECRET)

    def send(self, request):
        method, path, body, headers, token = request
        try:
            answer = self.connection.request(method, path, body, headers, token=token)
        except ConnectionError:     # the server has rested: once more is safe, keys are set
            answer = self.connection.request(method, path, body, headers, token=token)
        assert 200 <= answer.status < 300, answer
        return answer

    # --- Slices -----------------------------------------------------------------------------------
    def rate(self, kind, side):
        return self.rates.get((kind.name, side), kind.first_guess)

    def requests(self, kind, seconds):
        if kind.stage is None:
            return [kind.request(number) for number in kind.shared()[:2000]]
        count = int(self.rate(kind, "product") * 1.5 * (seconds + 0.5))
        return [kind.request(number) for number in kind.numbers(count)]

    def load(self, kind, seconds, ours=()):
        """A slice of the product under wrk; once more, longer prepared, when the requests did not suffice."""
        requests = self.requests(kind, seconds)
        begin = self.wal_bytes()
        with machine.Slice(self.parts, ours) as slice_:
            told = run_wrk(self.folder.name, self.port, requests, seconds)
        told["wal_bytes"] = (self.wal_bytes() - begin) / told["requests"]
        told["rate"] = told["requests"] / told["seconds"]
        self.rates[kind.name, "product"] = max(told["rate"], self.rate(kind, "product") / 2)
        if kind.stage and told["repeated"]:
            self.rates[kind.name, "product"] = 2 * told["rate"]
            return self.load(kind, seconds, ours)
        told["cpu_ms"] = {part: 1000 * spent / told["requests"] for part, spent in slice_.cpu.items()}
        told["pss_kib"] = self.memory(kind)
        return told, slice_

    def memory(self, kind):
        """Of one process that served these requests, in KiB; None where it is not asked."""
        return None

    def wal_bytes(self):
        """How much its PostgreSQL has written to the log so far."""
        return int(self.row("SELECT pg_current_wal_insert_lsn() - '0/0'")[0])


class Side(Target):
    """payapi itself."""

    def __init__(self, prefix, quick, settings=None, rows=Rows):
        super().__init__(quick)
        self.prefix = prefix
        self.pools = {f"{pool.upper()}_WORKERS": str(count) for pool, count in PROCESSES.items()}
        # No reading of a provider's lists while commits are counted, the one at the start apart.
        self.payapi = BenchInstance("bench", PAYAPI_PREFIX=str(prefix), EVENTS_PULL_INTERVAL_S="86400",
                                    **{**self.pools, **(settings or {})})
        self.port = self.payapi.port
        self.make_rows = rows               # of the schema that these programs bring
        self.provider = None

    def up(self):
        self.provider = Provider(self.prefix, self.port + 1)
        self.payapi.environment.update(self.provider.settings)
        self.payapi.up()
        self.connection = self.payapi.connect(OWNER)
        self.rows = self.make_rows(self.payapi)
        self.completed = self.rows.fill("completed", self.history)
        for kind in self.kinds:
            kind.prepare()
        self.rows.settle()
        return self

    def down(self):
        self.payapi.down()
        if self.provider:
            self.provider.down()
        self.folder.cleanup()

    @property
    def parts(self):
        leaders = {part: [self.payapi.master_pid(name) for name in names] for part, names in LEADERS.items()}
        return {**leaders, "sandbox": [self.provider.process.pid]}

    def row(self, sql):
        return self.payapi.row(sql)

    def memory(self, kind):
        return worker_memory(self.payapi, self.pool_of(kind))

    def replace_intents(self, intents):
        """[(payment id, intent that the provider knows), ...]"""
        connection = self.payapi.database()
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE payapi.payments SET provider_intent = made.intent"
                           "  FROM unnest(%s, %s) AS made (payment, intent) WHERE payment_id = made.payment",
                           [list(column) for column in zip(*intents)])
        connection.close()

    def books(self):
        """As Provider.books has them."""
        sessions, = self.payapi.row("SELECT count(*) FROM payapi.payments WHERE provider_ref LIKE 'cs\\_test\\_%%'")
        refunds, minor = self.payapi.row("SELECT count(*), coalesce(sum(amount_minor), 0)::bigint FROM payapi.refunds"
                                         " WHERE status = 'succeeded'")
        return {"sessions": sessions, "refunds": refunds, "refunded_minor": minor}

    # --- Statements -------------------------------------------------------------------------------
    def record(self):
        """For each kind its statements as a pgbench script, proved to write the same rows."""
        self.recorded, self.written, self.statements = {}, {}, {}
        with Recorder(self.payapi) as recorder:
            for kind in self.kinds:
                self.record_kind(recorder, kind)
            self.prove_same_work()

    def record_kind(self, recorder, kind):
        numbers = kind.numbers(2) if kind.stage else kind.shared()[:2]
        pending = iter(numbers)
        trips, written = recorder.record(lambda: self.send(kind.request(next(pending))))
        self.recorded[kind.name], self.written[kind.name] = trips, written
        script = Script(trips, numbers[1], kind.stage is not None, kind.aliases(numbers[1]))
        file = Path(self.folder.name) / f"{type(kind).__name__}.sql"
        file.write_text(script.text)
        self.statements[kind.name] = PgBench(self.payapi, file, script.options())

    def prove_same_work(self):
        for kind in self.kinds:
            numbers = self.rows.fill(kind.stage, 1) if kind.stage else kind.shared()
            before = wal_position(self.payapi)
            self.statements[kind.name].run(numbers[:1], clients=1)
            written = rows_written(self.payapi, before)
            assert written == self.written[kind.name], (
                f"{kind.name}: the program wrote {dict(self.written[kind.name])}, its statements {dict(written)}")

    # --- Ceilings ---------------------------------------------------------------------------------
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
