"""Walks through docs/production.md and docs/RUNBOOK.md on a bare Debian: every command block, in its order, as root.

    walk.py packages    the apt-get commands, with a network
    walk.py walk        all others, without one

Between the steps a shop takes a payment, so that what the documents set up is known to work. What a document leaves to
its reader is filled in here: where the repository is, the two secrets of Stripe, the moment of a recovery, and that
the provider is the sandbox. Runs in the chroot that tests/production/run makes.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
SECRETS = {"stripe_secret_key": "sk_test_of_the_walk", "stripe_webhook_secret": "whsec_of_the_walk",
           "paystack_secret_key": "sk_test_of_paystack"}
SANDBOX = "http://127.0.0.1:3001"
API = "https://pay.example.com/api/v1"
MOMENT = "2026-11-30 09:30:00+00"


class Step:
    """A command block, with the heading it stands under and the words behind ```sh."""

    def __init__(self, heading, label, text):
        self.heading, self.label, self.text = heading, label, text

    def without_packages(self):
        return re.sub(r"^apt-get .*?(?<!\\)\n", "", self.text, flags=re.M | re.S)

    def packages(self):
        return re.findall(r"^apt-get .*?(?<!\\)\n", self.text, re.M | re.S)


def steps_of(name):
    heading, steps = "", []
    for part in re.finditer(r"^#+ (.*)$|^```sh *(.*)\n((?:.*\n)*?)```$", (HERE / name).read_text(), re.M):
        if part[1]:
            heading = part[1]
        else:
            steps.append(Step(heading, part[2], part[3]))
    return steps


def run(title, script, **options):
    """Ends everything when a command fails, as a reader would stop there."""
    begun = time.monotonic()
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd="/root", text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    print(f"{time.monotonic() - begun:7.1f} s  {title}", flush=True)
    if done.returncode != 0:
        print(f"--- failed with status {done.returncode}:\n{script}--- it said:\n{done.stdout[-4000:]}")
        sys.exit(1)
    return done.stdout


def fill_in(text, moment=None):
    text = text.replace("<this repository>", "file:///root/payapi.git")
    text = re.sub(r"^install -m 0600 /dev/stdin (\w+)$", lambda found: f"{found[0]} <<<'{SECRETS[found[1]]}'", text, flags=re.M)
    return text.replace(MOMENT, moment) if moment else text


def do(step, moment=None):
    script = fill_in(step.without_packages(), moment)
    return run(f"{step.heading}: {script.strip().splitlines()[0][:70]}", script) if script.strip() else ""


# --- What stands in for the world -------------------------------------------------------------------

def start_provider():
    subprocess.Popen(["/usr/local/bin/payapi-sandbox", "--webhook-url", f"{API}/webhooks/stripe", "--paystack-webhook-url",
                      f"{API}/webhooks/paystack"], stdin=subprocess.DEVNULL, stdout=open("/var/log/sandbox.log", "wb"),
                     stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"], **{
                         name.upper(): value for name, value in SECRETS.items()}})


def call(method, path, body=None):
    token = run_quietly("payapi token --sub walker --role user")
    request = urllib.request.Request(API + path, method=method, data=json.dumps(body).encode() if body is not None else None,
                                     headers={"Authorization": "Bearer " + token.strip(), "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=40) as answer:
        return json.load(answer)["data"]


def run_quietly(script):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd="/", check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def take_a_payment(provider="stripe"):
    """Order, checkout, the button on the provider's page, and the webhook that comes over TLS."""
    begun = time.monotonic()
    order = call("POST", "/orders", {"amount": 100, "currency": "NGN" if provider == "paystack" else "USD",
                                     "customerEmail": "walker@example.com"})["id"]
    page = call("POST", f"/orders/{order}/checkout", {"provider": provider})["checkoutUrl"]
    subprocess.run(["curl", "-fsS", "-o", "/dev/null", "-X", "POST", page + "/pay"], check=True)
    wait_for_payment(order)
    print(f"{time.monotonic() - begun:7.1f} s  a payment by {provider}", flush=True)
    return order


def wait_for_payment(order, seconds=60):
    limit = time.monotonic() + seconds
    while call("GET", f"/orders/{order}/payment-status")["status"] != "completed":
        if time.monotonic() > limit:
            sys.exit(f"order {order} was not paid within {seconds} s")
        time.sleep(0.2)


# --- The walk ---------------------------------------------------------------------------------------

def fetch_packages():
    for step in steps_of("production.md"):
        for command in step.packages():
            run(f"{step.heading}: {' '.join(command.split())[:70]}", command.replace("apt-get install", "apt-get install -y", 1))


def walk():
    run_quietly("systemctl start postgresql nginx")         # as their packages do where systemd runs
    orders = []
    steps = steps_of("production.md")
    for number, step in enumerate(steps):
        do(step)
        if step.heading.startswith("2."):
            start_provider()
        if "cat >/etc/payapi/payapi.env" in step.text:
            with open("/etc/payapi/payapi.env", "a", encoding="utf-8") as settings:
                settings.write(f"STRIPE_API_BASE={SANDBOX}\nPAYSTACK_BASE_URL={SANDBOX}\n")
        is_last = number + 1 == len(steps) or steps[number + 1].heading != step.heading
        if is_last and step.heading.startswith(("8.", "9.", "10.", "Paystack")):
            orders.append(take_a_payment("paystack" if step.heading == "Paystack" else "stripe"))
        if step.heading.startswith("8."):
            run_quietly("git -C /root/payapi.git update-ref refs/heads/main $(git -C /root/payapi.git -c user.name=w"
                        " -c user.email=w@localhost commit-tree -p main -m next main^{tree})")      # step 9 pulls it
    restore("restore-dump", orders)
    run("a new base backup", base_backup())
    restore("restore-point", orders)


def base_backup():
    [step] = [step for step in steps_of("production.md") if "pg_basebackup" in step.text]
    return "rm -rf /var/backups/payapi/base\n" + re.search(r"^su .*pg_basebackup.*$", step.text, re.M)[0]


def restore(kind, orders):
    """The runbook, by one of its two ways; a payment of after the backup comes back from the provider."""
    steps = [step for step in steps_of("RUNBOOK.md") if step.label in ("restore", kind)]
    moment = run_quietly("su postgres -c \"psql -XAtc 'SELECT clock_timestamp()'\"").strip()
    orders.append(take_a_payment())
    orders.append(take_a_payment("paystack"))
    run_quietly("su postgres -c \"psql -Xc 'SELECT pg_switch_wal()'\"; sleep 2")
    for step in steps:
        do(step, moment)
    for payment in ownerless():
        run_quietly(f"payapi payment review --id {payment} --verdict give_owner --owner walker --reason 'of the walk'")
    for order in orders:
        wait_for_payment(order)
    print(f"           {len(orders)} orders are there, with their owner and their money", flush=True)


def ownerless():
    lines = run_quietly("payapi payment list --needs-review").splitlines()
    return [json.loads(line)["id"] for line in lines]


if sys.argv[1:] == ["packages"]:
    fetch_packages()
else:
    begun_at = time.monotonic()
    walk()
    print(f"{time.monotonic() - begun_at:7.1f} s  everything, without the packages")
