#!/usr/bin/python3
"""Ten incidents on an instance of its own, and what health, log and API say of each: ./dev incidents [NAME...].

Each incident begins, is looked at from outside until /health and the log have said it, ends, and must heal
without a hand: a new payment is paid, those that were begun meanwhile go on, and no invariant is broken.
Exit status 1 when something was not said in time or did not heal. As root also the disk that is full.
"""
import argparse
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
from typing import Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from payapi_instance import Instance, children_of, lives, wait_until  # noqa: E402

SAID_WITHIN_S = 15
HEALED_WITHIN_S = 60
LIVE_WITHIN_S = 1         # once the workers know that the database is silent
SETTINGS = {"PROVIDER_BREAKER_FAILURES": "5", "STRIPE_TIMEOUT_MS": "3000", "EVENTS_PULL_INTERVAL_S": "5",
            "FAST_WORKERS": "4", "PROVIDER_WORKERS": "4"}
LOGS = ("fast", "provider", "jobs")


# --- Looking from outside ------------------------------------------------------------------------

@dataclasses.dataclass
class Look:
    at: float               # seconds since the incident began
    status: int             # of HTTP; 0: no answer
    body: dict
    took: float


def ask(payapi, path):
    """A Look without its time. Whoever waits for longer than 12 s has no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", payapi.port, timeout=12)
    began = time.monotonic()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body[:1] == b"{" else {}, time.monotonic() - began
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}, time.monotonic() - began
    finally:
        connection.close()


class Watch:
    """Asks for health and liveness, and tries to pay, as long as it lasts."""

    def __init__(self, payapi, customers=1):
        self.payapi, self.began, self.began_at = payapi, time.monotonic(), time.time()
        self.health, self.live, self.api, self.begun = [], [], [], []
        self.over = threading.Event()
        self.offsets = {name: len(payapi.log(name)) for name in LOGS}
        parts = [(self.look, "/health", self.health, 0.3), (self.look, "/health/live", self.live, 0.3)]
        self.threads = [threading.Thread(target=self.repeat, args=part) for part in parts]
        self.threads += [threading.Thread(target=self.repeat, args=(self.order, None, self.api, 1))
                         for _ in range(customers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def repeat(self, what, argument, found, pause):
        while not self.over.is_set():
            found.append(what(argument))
            self.over.wait(pause)

    def look(self, path):
        status, body, took = ask(self.payapi, path)
        return Look(time.monotonic() - self.began, status, body, took)

    def order(self, _):
        """What a customer of Stripe's meets: the status of the order, or of its checkout."""
        try:
            answer = self.payapi.post("/api/v1/orders", {"amountMinor": 500, "currency": "USD"})
            if answer.status != 201:
                return answer.status
            order = answer.data["id"]
            status = self.payapi.checkout(order).status
            if status in (201, 202):
                self.begun.append(order)
            return status
        except (OSError, http.client.HTTPException):
            return 0

    def health_said(self, part, reason):
        """The first look that names this reason for the part, with a reason that a person understands."""
        for look in list(self.health):
            state = look.body.get(part) or look.body.get("providers", {}).get(part, {})
            if state.get("status") in ("degraded", "error") and re.search(reason, state.get("reason", "")):
                return look, state["reason"]
        return None

    def log_said(self, pattern):
        for name in LOGS:
            for line in self.payapi.log(name)[self.offsets[name]:].splitlines():
                if re.search(pattern, line) and ('"level":"error"' in line or '"level":"warn"' in line):
                    told = json.loads(line)
                    return at_of(told["ts"]) - self.began_at, told
        return None


def at_of(timestamp):
    seconds, milliseconds = timestamp.rstrip("Z").split(".")
    return time.mktime(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")) - time.timezone + int(milliseconds) / 1000


# --- The incidents -------------------------------------------------------------------------------

@dataclasses.dataclass
class Incident:
    name: str
    begin: Callable
    end: Callable
    health: tuple | None            # the part of /health, and a pattern of its reason; None: all is well there
    log: str | None                 # a pattern of the line that says it; None: said after its end
    api: set                        # what a customer may be answered meanwhile
    lasts_s: float = 0              # at least
    needs_root: bool = False
    customers: int = 1
    after: Callable | None = None   # what must be true when it is over, besides that all is healed


def end_postgres(payapi):
    pid = payapi.master_pid("postgres")
    os.kill(pid, signal.SIGQUIT)
    wait_until(lambda: not lives(pid), 20, "the end of PostgreSQL")


def start_all(payapi):
    started = payapi.dev("up", "--no-demo", check=False)
    assert started.returncode == 0, started.stdout


def freeze(payapi, how):
    postmaster = payapi.master_pid("postgres")
    for pid in [postmaster, *children_of(postmaster)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)


def set_standby(payapi, name):
    with contextlib.closing(payapi.database()) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            cursor.execute("SELECT pg_reload_conf()")


def fill_disk(payapi):
    with open(payapi.var / "filler", "wb", buffering=0) as file:
        for size in (1 << 16, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def free_disk(payapi):
    (payapi.var / "filler").unlink()
    start_all(payapi)                           # a supervisor's part: PostgreSQL may have ended


def break_stripe(action, methods=("POST", "GET"), **options):
    def begin(payapi):
        for method in methods:
            payapi.fault(action, method=method, path="/v1/*", times=1000000, **options)
    return begin


def deliver_at_another_time(payapi):
    """Their clock or ours is an hour off: the signature is right, for another time."""
    event = {"id": "evt_clock", "object": "event", "type": "customer.created", "created": int(time.time()),
             "livemode": False, "data": {"object": {"id": "cus_1", "object": "customer"}}}
    body = json.dumps(event).encode()
    off = payapi.deliver(body, payapi.stripe_signature(body, at=int(time.time()) - 3600))
    assert off.status == 400, off
    payapi.clock_event = body


def deliver_in_time(payapi):
    assert payapi.deliver(payapi.clock_event).status == 200


def wrong_secret(payapi):
    payapi.webhook_settings(provider="stripe", secret="whsec_of_somebody_else")
    order = payapi.create_order(customerEmail=None)
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payapi.paid_meanwhile = order


def right_secret(payapi):
    payapi.webhook_settings(provider="stripe", secret=payapi.settings["STRIPE_WEBHOOK_SECRET"].split(",")[0])
    payapi.sandbox("POST", "/_sandbox/webhooks/flush", {})      # their next try, now
    payapi.wait_for_status(payapi.paid_meanwhile, "completed", seconds=HEALED_WITHIN_S)


def limit_logs(payapi, room):
    """Each program's log may grow by so much: then it is full. None: as much as it wants."""
    for name in LOGS:
        size = (payapi.log_dir / f"{name}.log").stat().st_size
        most = "unlimited" if room is None else size + room
        master = payapi.master_pid(name)
        for pid in [master, *children_of(master)]:
            as_its_user(pid, ["prlimit", f"--pid={pid}", f"--fsize={most}:"])


def as_its_user(pid, command):
    """Root may be without the right to change others' limits."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    uid, gid = (int(re.search(rf"{kind}:\s+(\d+)", status)[1]) for kind in ("Uid", "Gid"))
    other = {"user": uid, "group": gid, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, **other)


def logs_are_whole(payapi, watch):
    """No half line, and the first one afterwards counts what is missing."""
    def dropped():
        return [told for told in (json.loads(line) for name in LOGS
                                  for line in payapi.log(name)[watch.offsets[name]:].splitlines()
                                  if line.startswith("{")) if told.get("dropped", 0) > 0]
    wait_until(dropped, 90, "a line that counts the lost ones")
    for name in LOGS:
        for line in payapi.log(name)[watch.offsets[name]:].splitlines():
            assert not line.startswith("{") or json.loads(line)
    return f"dropped={sum(told['dropped'] for told in dropped())}"


INCIDENTS = [
    Incident("database down", end_postgres, start_all, ("database", "does not answer"),
             r'"(database_unavailable|health_lost)"', {503}),
    Incident("database frozen", lambda payapi: freeze(payapi, signal.SIGSTOP),
             lambda payapi: freeze(payapi, signal.SIGCONT), ("database", "does not answer"),
             r'"(database_unavailable|health_lost)"', {0, 503, 504}, lasts_s=14, customers=8),
    Incident("disk full", fill_disk, free_disk, ("database", "refuses to write|does not answer"),
             r'"cause":"[^"]*(53100|No space)|"database_unavailable"', {0, 201, 202, 503}, needs_root=True),
    Incident("standby gone", lambda payapi: set_standby(payapi, "nobody"),
             lambda payapi: set_standby(payapi, ""), ("database", "commits wait for a synchronous standby"),
             r'"health_lost".*commits wait', {0, 503, 504}),
    Incident("provider hangs", break_stripe("hang", methods=["POST"], seconds=20), Instance.clear_faults,
             ("stripe", "does not answer checkouts"), r'"health_lost".*"part":"stripe"', {202, 502}),
    Incident("provider 401", break_stripe("status", status=401), Instance.clear_faults,
             ("stripe", "refuses our key"), r'"level":"error".*"provider_fails".*refuses our key', {202, 502}),
    Incident("provider 503 for 90 s", break_stripe("status", status=503), Instance.clear_faults,
             ("stripe", "HTTP 503"), r'"health_lost".*"part":"stripe"', {202, 502}, lasts_s=90),
    Incident("wrong webhook secret", wrong_secret, right_secret, None,
             r'"webhooks?_rejected".*matches none of our secrets', {201}),
    Incident("clock off", deliver_at_another_time, deliver_in_time, None,
             r'"webhooks?_rejected".*not within 300 s', {201}),
    Incident("jobs dead", Instance.kill_jobs, start_all, ("jobs", "got nothing done"),
             r'"health_lost".*"part":"jobs"', {201}),
    Incident("log disk full", lambda payapi: limit_logs(payapi, 30), lambda payapi: limit_logs(payapi, None),
             None, None, {201}, lasts_s=5, after=logs_are_whole),
]


# --- Playing one ---------------------------------------------------------------------------------

@dataclasses.dataclass
class Outcome:
    incident: Incident
    health: str = ""
    log: str = ""
    api: str = ""
    live: str = ""
    healed: str = ""
    faults: list = dataclasses.field(default_factory=list)


def is_well(payapi):
    status, body, _ = ask(payapi, "/health")
    parts = [body.get("database", {}), body.get("jobs", {}), body.get("providers", {}).get("stripe", {})]
    return status == 200 and all(part.get("status") == "ok" for part in parts)


def pays(payapi):
    try:
        order = payapi.create_order(customerEmail=None)
        checkout = payapi.checkout(order)
        if checkout.status != 201:
            return False
        payapi.sandbox_do(checkout.data["externalId"], "pay")
        return payapi.wait_for_status(order, "completed")
    except (AssertionError, OSError, http.client.HTTPException):
        return False


def goes_on(payapi, order):
    """What was begun has a page now, or its end."""
    return payapi.payment_of(order)["status"] != "pending"


def observe(payapi, incident, watch, outcome, within_s):
    def all_said():
        health = incident.health is None or watch.health_said(*incident.health)
        return health and (incident.log is None or watch.log_said(incident.log))
    with contextlib.suppress(AssertionError):
        wait_until(all_said, max(within_s, incident.lasts_s) + 5, "it to be said")
    time.sleep(max(0.0, incident.lasts_s - (time.monotonic() - watch.began)))
    judge_health(incident, watch, outcome, within_s)
    judge_log(incident, watch, outcome, within_s)


def judge_health(incident, watch, outcome, within_s):
    if incident.health is None:
        worst = [look for look in watch.health if look.status != 200]
        outcome.health = "ok" if not worst else f"{worst[0].status}"
        outcome.faults += ["health was not 200 though nothing that it knows is lost"] if worst else []
        return
    said = watch.health_said(*incident.health)
    if said is None:
        outcome.health = "never"
        outcome.faults.append(f"health never said it: {watch.health[-1:]}")
        return
    look, reason = said
    outcome.health = f"{look.at:.1f} s: {look.body['status']} {look.status}, {reason}"
    if look.at > within_s:
        outcome.faults.append(f"health said it after {look.at:.1f} s")


def judge_log(incident, watch, outcome, within_s):
    said = watch.log_said(incident.log) if incident.log else None
    if said is None:
        outcome.log = "never" if incident.log else "full"
        outcome.faults += ["the log never said it"] if incident.log else []
        return
    at, line = said
    outcome.log = f"{at:.1f} s: {line['program']} {line['level']} {line['event']}, {line.get('cause', '')}"
    if at > within_s:
        outcome.faults.append(f"the log said it after {at:.1f} s")


def judge_api(incident, watch, outcome):
    counts = {status: watch.api.count(status) for status in sorted(set(watch.api))}
    outcome.api = ", ".join(f"{count} x {status}" for status, count in counts.items())
    late = [look.took for look in watch.live]
    outcome.live = f"{max(late):.1f} s, then {late[-1]:.2f} s" if late else "-"
    if late and late[-1] > LIVE_WITHIN_S:
        outcome.faults.append(f"liveness takes {late[-1]:.1f} s")
    strange = set(counts) - incident.api - {201}
    if strange:
        outcome.faults.append(f"the API answered {sorted(strange)}")


def heal(payapi, incident, watch, outcome, healed_within_s):
    began = time.monotonic()
    incident.end(payapi)
    wait_until(lambda: is_well(payapi) and pays(payapi), healed_within_s * 2, "health and a payment")
    wait_until(lambda: all(goes_on(payapi, order) for order in watch.begun), healed_within_s * 2,
               "what was begun to go on")
    took = time.monotonic() - began
    extra = incident.after(payapi, watch) if incident.after else ""
    outcome.healed = f"{took:.1f} s {extra}".strip()
    if took > healed_within_s:
        outcome.faults.append(f"healed after {took:.1f} s")
    payapi.assert_invariants()


def play(payapi, incident, within_s=SAID_WITHIN_S, healed_within_s=HEALED_WITHIN_S):
    outcome = Outcome(incident)
    try:
        with Watch(payapi, incident.customers) as watch:
            incident.begin(payapi)
            observe(payapi, incident, watch, outcome, within_s)
        judge_api(incident, watch, outcome)
        heal(payapi, incident, watch, outcome, healed_within_s)
    except AssertionError as fault:
        outcome.faults.append(str(fault)[:2000])
    return outcome


# --- All of them ---------------------------------------------------------------------------------

def told(outcome):
    lines = [f"{outcome.incident.name}: {'FAILED' if outcome.faults else 'ok'}",
             f"    health   {outcome.health}", f"    log      {outcome.log}",
             f"    API      {outcome.api}   (liveness took at most {outcome.live})",
             f"    healed   {outcome.healed or 'no'}"]
    return "\n".join(lines + [f"    FAULT    {fault}" for fault in outcome.faults])


def table(outcomes):
    def seconds(text):
        return text.split(" s")[0] if " s" in text else text
    rows = [("incident", "health said", "log said", "API meanwhile", "healed", "")]
    rows += [(o.incident.name, seconds(o.health), seconds(o.log), o.api, seconds(o.healed) or "no",
              "FAILED" if o.faults else "ok") for o in outcomes]
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


@contextlib.contextmanager
def instance():
    payapi = Instance("incidents", **SETTINGS)
    small_disk = os.geteuid() == 0
    if small_disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m,mode=0755", "tmpfs", str(payapi.var)], check=True)
    try:
        yield payapi.up()
    finally:
        payapi.down()
        if small_disk:
            subprocess.run(["umount", "-l", str(payapi.var)], check=False)
            payapi.var.rmdir()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="those whose names contain one of these; none: all")
    names = parser.parse_args().names
    chosen = [incident for incident in INCIDENTS
              if not names or any(name in incident.name for name in names)]
    outcomes = []
    with instance() as payapi:
        for incident in chosen:
            if incident.needs_root and os.geteuid() != 0:
                print(f"{incident.name}: not played, a small file system takes root", flush=True)
                continue
            outcomes.append(play(payapi, incident))
            print(told(outcomes[-1]), flush=True)
    print("\n" + table(outcomes))
    return 1 if not outcomes or any(outcome.faults for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
