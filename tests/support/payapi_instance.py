"""A whole private payapi for tests: nginx, worker pools, PostgreSQL and sandbox, started by ./dev up.

PAYAPI_PREFIX names the installed programs under test; everything else (ports, folder) is private, so
that instances can run side by side. Nothing here depends on how ./dev works, only on what it promises.
"""
import base64
import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import canaries
import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]


AUTHORSHIP_KEY = "the-authorship-key-of-all-tests-which-is-no-secret"


def metadata_of(payment, provider=None, key=AUTHORSHIP_KEY):
    """The metadata that an instance writes on a payment's page: its ids, and the proof of authorship."""
    text = "|".join(["payapi-1", provider or payment["provider"], payment["id"], payment["orderId"],
                     str(payment["amountMinor"]), payment["currency"]])
    mac = hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {"payment_id": payment["id"], "order_id": payment["orderId"],
            "payapi_proof": f"{hashlib.sha256(key.encode()).hexdigest()[:8]}.{mac[:32]}"}


reserved = []           # lives as long as this process


def free_ports(count):
    """The first of `count` adjacent free loopback ports, which no other test process will choose.

    The programs that use them start later. So they are outside the range that the kernel gives to outgoing
    connections, and an abstract socket name marks them as taken.
    """
    outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    candidates = range(16384, outgoing if outgoing > 20000 else 60000, count)
    while True:
        base = random.SystemRandom().choice(candidates)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0payapi-test-ports-{base}")
            for port in range(base, base + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        reserved.append(name)
        return base


def wait_until(condition, seconds=10, what="the condition"):
    """Polls until condition() is truthy and returns its value; fails when the time is up."""
    deadline, pause_s = time.monotonic() + seconds, 0.02
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.3, 0.2)       # a look at the database costs a connection


def at_once(count, work):
    """The answers to count clients that start together. A full queue turns some away (503); they try again."""
    def patiently(number):
        def answered():
            answer = work(number)
            return None if getattr(answer, "status", answer) == 503 else [answer]
        return wait_until(answered, 60, "an answer besides 503")[0]
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(patiently, range(count)))


def lives(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(parent):
    """The pids of its living children."""
    pids = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(status[1]) == parent and status[0] != "Z":
            pids.append(int(entry.name))
    return pids


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


def first_event(response):
    """A stream of events lasts for minutes: its first one is enough, as it was sent."""
    lines = []
    while not lines or not lines[-1].startswith(b"data: "):
        lines.append(response.readline())
        assert lines[-1], lines
    return b"".join(lines)


class Connection:
    """One keep-alive HTTP connection; every answer is read completely."""

    def __init__(self, port, token=None, heard=None):
        self.heard = heard if heard is not None else []
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
        self.token = token

    def request(self, method, path, body=None, headers=None, token=None):
        sent = dict(headers or {})
        if token or self.token:
            sent.setdefault("Authorization", "Bearer " + (token or self.token))
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        try:
            self.http.request(method, path, body=body, headers=sent)
            response = self.http.getresponse()
            if response.headers.get_content_type() == "text/event-stream" and method != "HEAD":
                content = first_event(response)
                self.http.close()
            else:
                content = response.read()
        except (http.client.HTTPException, OSError):
            self.http.close()
            raise
        self.heard.append((path, response.status, bytes(response.headers) + content))
        return Answer(response.status, response.headers, content)

    def close(self):
        self.http.close()


# A text that only a real checkout's request contains. To see whether a failed provider is back, payapi-jobs sends
# an empty request at any time; it must not trigger the fault that a test plans for its own request.
OF_A_CHECKOUT = {"/v1/checkout/sessions": "line_items", "/transaction/initialize": "reference"}


class Instance:
    def __init__(self, name, **settings):
        self.port = free_ports(2)
        self.var = pathlib.Path(tempfile.mkdtemp(prefix=f"payapi-{name}-"))
        self.var.chmod(0o755)
        self.environment = {**os.environ, "VAR_DIR": str(self.var / "var"), "PORT": str(self.port),
                            "DEV_QUIET": "1", "RATE_LIMITS": "off", "AUTHORSHIP_KEY": AUTHORSHIP_KEY,
                            # Hundreds of injected faults must not count as an outage.
                            "PROVIDER_BREAKER_FAILURES": "0", **settings}
        self.tokens = {}
        self.api_keys = []
        self.heard = []                       # every answer of the API: (path, status, bytes)

    # --- life -------------------------------------------------------------------------------
    def dev(self, *arguments, check=True, **options):
        return subprocess.run([str(ROOT / "dev"), *arguments], env=self.environment, check=check,
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)

    def up(self):
        started = self.dev("up", "--no-demo", check=False)
        assert started.returncode == 0, started.stdout + self.tail_of_logs()
        return self

    def down(self):
        self.dev("down", check=False)
        keep = os.environ.get("PAYAPI_KEEP_LOGS")
        if keep:
            shutil.copytree(self.log_dir, pathlib.Path(keep) / self.var.name, dirs_exist_ok=True)
        state = (self.var / "var").resolve()
        shutil.rmtree(state, ignore_errors=True)
        shutil.rmtree(self.var, ignore_errors=True)

    @property
    def log_dir(self):
        return self.var / "var" / "log"

    def log(self, name):
        return (self.log_dir / f"{name}.log").read_text(errors="replace")

    def events(self, event, *programs):
        """The log lines of these programs with that event, each as an object."""
        return [json.loads(line) for program in programs for line in self.log(program).splitlines()
                if f'"event":"{event}"' in line]

    def tail_of_logs(self):
        parts = []
        for path in sorted(self.log_dir.glob("*.log")) if self.log_dir.is_dir() else []:
            parts.append(f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}")
        return "\n".join(parts)

    @property
    def settings(self):
        values = {}
        for line in (self.var / "var" / "payapi.env").read_text().splitlines():
            name, separator, value = line.partition("=")
            if separator and not line.startswith("#"):
                values[name.removeprefix("export ").strip()] = value.strip().strip("'\"")
        return values

    # --- the API ----------------------------------------------------------------------------
    def api_key(self, *scopes, **members):
        """A new key with these scopes, by an admin: its text and its id. The canaries look for it."""
        made = self.post("/api/v1/api-keys", {"name": "a test", "scopes": list(scopes), **members}, sub="boss",
                         role="admin")
        assert made.status == 201, made
        self.api_keys.append(made.data["key"])
        return made.data["key"], made.data["id"]

    def token(self, sub="alice", role="shop"):
        """A token like payapi-admin's, but made here, which needs no process for each."""
        if (sub, role) not in self.tokens:
            self.tokens[sub, role] = self.sign_token({"sub": sub, "role": role,
                                                      "exp": int(time.time()) + 7200})
        return self.tokens[sub, role]

    def sign_token(self, claims, header=None, secret=None):
        def part(value):
            text = value if isinstance(value, (bytes, str)) else json.dumps(value)
            text = text.encode() if isinstance(text, str) else text
            return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

        signed = part(header or {"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
        key = (secret if secret is not None else self.settings["JWT_SECRET"]).encode()
        return signed + "." + part(hmac.new(key, signed.encode(), hashlib.sha256).digest())

    def connect(self, sub="alice", role="shop"):
        return Connection(self.port, self.token(sub, role) if sub else None, self.heard)

    def request(self, method, path, body=None, headers=None, sub="alice", role="shop", token=None):
        connection = Connection(self.port, token or (self.token(sub, role) if sub else None),
                                self.heard)
        try:
            return connection.request(method, path, body, headers)
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def raw(self, data, read_all=True):
        """Sends raw bytes to nginx; returns the whole answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(data)
            received = b""
            while read_all:
                try:
                    block = connection.recv(65536)
                except ConnectionResetError:    # nginx does not wait for the rest of what it refused
                    break
                if not block:
                    break
                received += block
            return received

    # --- small stories ----------------------------------------------------------------------
    def create_order(self, amount="99.99", currency="USD", sub="alice", **members):
        """customerEmail=None: without one."""
        members.setdefault("customerEmail", canaries.EMAIL)
        members = {name: value for name, value in members.items() if value is not None}
        body = '{"amount":%s,"currency":"%s"%s}' % (
            amount, currency, "".join(f',"{k}":{json.dumps(v)}' for k, v in members.items()))
        answer = self.post("/api/v1/orders", body, sub=sub)
        assert answer.status == 201, answer
        return answer.data["id"]

    def checkout(self, order, sub="alice", **options):
        return self.post(f"/api/v1/orders/{order}/checkout", {}, sub=sub, **options)

    def payment_of(self, order, sub="alice"):
        answer = self.get(f"/api/v1/orders/{order}/payment-status", sub=sub)
        assert answer.status == 200, answer
        return answer.data

    def wait_for_status(self, order, status, sub="alice", seconds=15):
        return wait_until(lambda: (lambda p: p if p["status"] == status else None)(
            self.payment_of(order, sub)), seconds, f"order {order} to be {status}")

    # --- the sandbox ------------------------------------------------------------------------
    @property
    def sandbox_port(self):
        return int(self.settings["SANDBOX_PORT"])

    def sandbox(self, method, path, body=None):
        connection = Connection(self.sandbox_port)
        try:
            return connection.request(method, path, body)
        finally:
            connection.close()

    def sandbox_do(self, session, action):
        answer = self.sandbox("POST", f"/_sandbox/sessions/{session}/{action}", {})
        assert answer.status < 300, answer

    def fault(self, action, method="POST", path="/v1/checkout/sessions", times=1, order=None, **options):
        """order: whose checkout it is for; without it, another order that is being recovered may meet it."""
        match = {"method": method, "path": path}
        if method == "POST" and path in OF_A_CHECKOUT and 0 < times < 1000:
            match["contains"] = order or OF_A_CHECKOUT[path]
        answer = self.sandbox("POST", "/_sandbox/faults",
                              {"match": match, "times": times, "action": action, **options})
        assert answer.status < 300, answer

    def clear_faults(self):
        self.sandbox("DELETE", "/_sandbox/faults")

    @property
    def ledger(self):
        return self.sandbox("GET", "/_sandbox/ledger").json

    def webhook_settings(self, **settings):
        answer = self.sandbox("POST", "/_sandbox/webhooks/settings", settings)
        assert answer.status < 300, answer

    def session_of(self, payment_id):
        return self.row("SELECT provider_ref FROM payapi.payments WHERE payment_id = %s",
                        payment_id)[0]

    # --- events made here -------------------------------------------------------------------
    def stripe_signature(self, body, secret=None, at=None):
        moment = int(time.time()) if at is None else at
        key = (secret or self.settings["STRIPE_WEBHOOK_SECRET"].split(",")[0]).encode()
        mac = hmac.new(key, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={moment},v1={mac}"

    def deliver(self, event, signature=None):
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.post("/api/v1/webhooks/stripe", body, sub=None,
                         headers={"Stripe-Signature": signature or self.stripe_signature(body)})

    # --- the database -----------------------------------------------------------------------
    def database(self):
        settings = self.settings
        return psycopg2.connect(host=settings["DATABASE_HOST"], port=settings["DATABASE_PORT"],
                                dbname=settings["DATABASE_NAME"], user="dev")

    def rows(self, sql, *arguments):
        connection = self.database()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, arguments)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def row(self, sql, *arguments):
        return self.rows(sql, *arguments)[0]

    def admin(self, *arguments):
        return self.dev("admin", *arguments, check=False)

    def assert_invariants(self):
        report = self.admin("invariants")
        assert report.returncode == 0, report.stdout

    # --- processes --------------------------------------------------------------------------
    def worker_pids(self, pool):
        """The forked workers of a pool: children of its master."""
        return children_of(self.master_pid(pool))

    def master_pid(self, program):
        """The pid that ./dev started; for a pool that is its master, because spawn-fcgi -n executes it."""
        return int((self.var / "var" / "pid" / f"{program}.pid").read_text().split()[0])

    def kill(self, pid, how=signal.SIGKILL):
        os.kill(pid, how)

    def kill_jobs(self):
        """Returns when payapi-jobs has ended, because ./dev starts only what is not running."""
        pid = self.master_pid("jobs")
        if lives(pid):
            self.kill(pid)
        wait_until(lambda: not lives(pid), 20, "the end of payapi-jobs")
