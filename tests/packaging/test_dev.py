"""./dev as people use it: wrong settings are refused by name and first, hints can be pasted, logs are found."""
import os
import pathlib
import re
import shlex
import socket
import subprocess
import urllib.request

import pytest

from payapi_instance import ROOT, free_ports, lives

PROGRAMS = ["postgres", "sandbox", "fast", "provider", "jobs", "deliver", "stream", "nginx"]

# A setting, and what the refusal says is allowed.
JUDGED_BY_DEV = [
    ("PORT", "abc", "a port from 1024 to 65535"),
    ("PORT", "0x1000", "a port from 1024 to 65535"),
    ("PORT", "03000", "a port from 1024 to 65535"),
    ("PORT", "80", "a port from 1024 to 65535"),
    ("PORT", "65536", "a port from 1024 to 65535"),
    ("SANDBOX_PORT", "-1", "a port from 1024 to 65535"),
    ("FAST_WORKERS", "abc", "a whole number from 1 to 180"),
    ("PROVIDER_WORKERS", "0", "a whole number from 1 to 180"),
    ("PROVIDER_WORKERS", "181", "a whole number from 1 to 180"),
    ("RATE_LIMITS", "maybe", "on or off"),
    ("WEBHOOK_SOURCES", "/not/there", "off, listed, or the name of a file that can be read"),
    ("DATABASE_NAME", "shop'; --", "up to 63 letters, digits and underscores, not beginning with a digit"),
    ("JWT_SECRET_FILE", "/not/there", "the name of a file that can be read"),
    ("PAYAPI_PREFIX", "/not/there", "a folder where payapi is installed"),
]
JUDGED_BY_THE_PROGRAMS = [
    ("JWT_SECRET", "short", "at least 32 bytes"),
    ("PAYMENT_PROVIDER", "paypal", "not 'paypal'"),
    ("LOG_LEVEL", "loud", "error, warn, info or debug, not 'loud'"),
    ("CHECKOUT_TTL_MIN", "30", "from 31 to 1439, not '30'"),
    ("PUBLIC_BASE_URL", "example.com", "an http or https address, not 'example.com'"),
]


class Place:
    """A folder for an instance that is not there yet."""

    def __init__(self, folder, port):
        self.var = folder / "var"
        self.environment = {**os.environ, "VAR_DIR": str(self.var), "PORT": str(port)}

    def dev(self, *arguments, **settings):
        return subprocess.run([str(ROOT / "dev"), *arguments], env={**self.environment, **settings}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, free_ports(2))


@pytest.mark.parametrize("name, value, allowed", JUDGED_BY_DEV)
def test_what_dev_acts_on_is_refused_before_anything_happens(place, name, value, allowed):
    answer = place.dev("up", **{name: value})
    refusal, fix = answer.stdout.splitlines()
    assert answer.returncode == 1
    assert refusal == f"{name} is '{value}', but must be {allowed}. Nothing was changed."
    assert "environment" in fix and "reset" not in fix
    assert not place.var.exists()


@pytest.mark.parametrize("name, value, allowed", JUDGED_BY_THE_PROGRAMS)
def test_every_other_setting_is_refused_before_anything_is_saved_or_started(place, name, value, allowed):
    answer = place.dev("up", **{name: value})
    first, *_ = answer.stdout.splitlines()
    assert answer.returncode == 1 and first.startswith("[1/") and "checking the settings" in first
    assert name in answer.stdout and allowed in answer.stdout
    assert "nothing was saved" in answer.stdout and "reset" not in answer.stdout
    assert not (place.var / "payapi.env").exists() and not (place.var / "db").exists()


@pytest.mark.parametrize("settings, why", [
    ({"FAST_WORKERS": "100", "PROVIDER_WORKERS": "100"}, "FAST_WORKERS + PROVIDER_WORKERS is '200'"),
    ({"PORT": "20000", "SANDBOX_PORT": "20000"}, "PORT and SANDBOX_PORT are both 20000"),
    ({"PORT": "65535"}, "SANDBOX_PORT is '65536'")])
def test_settings_that_do_not_go_together_are_refused(place, settings, why):
    answer = place.dev("up", **settings)
    assert answer.returncode == 1 and why in answer.stdout
    assert not (place.var / "payapi.env").exists()


def test_a_hint_can_be_pasted_whatever_the_folder_is_called(tmp_path):
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    place = Place(folder, free_ports(2))
    with socket.create_server(("127.0.0.1", int(place.environment["PORT"]))):
        answer = place.dev("up")
    fix = answer.stdout.splitlines()[-1].removeprefix("    Fix: ")
    port, var, *command = shlex.split(fix)
    assert answer.returncode == 1 and "is taken by another program" in answer.stdout
    assert port.startswith("PORT=") and var == f"VAR_DIR={place.var}"
    assert command == [str(ROOT / "dev"), "up"]


@pytest.mark.parametrize("value", ["a\nDATABASE_URL=postgresql://elsewhere", "a\tb"])
def test_a_value_of_several_lines_makes_no_second_setting(place, value):
    answer = place.dev("up", JWT_ISSUER=value)
    assert answer.returncode == 1 and "JWT_ISSUER is 'a?" in answer.stdout and "one line of text" in answer.stdout
    assert not place.var.exists()


def test_a_database_of_the_callers_is_not_used_and_that_is_said(place):
    with socket.create_server(("127.0.0.1", int(place.environment["PORT"]))):
        answer = place.dev("up", DATABASE_URL="postgresql://elsewhere/shop", DATABASE_USER="boss")
    assert answer.stdout.startswith("Not used: DATABASE_USER DATABASE_URL. This instance has a PostgreSQL of its own")


# --- With an instance ------------------------------------------------------------------------------

@pytest.fixture
def saved(instance):
    """The file of settings; put back after the test."""
    path = instance.var / "var" / "payapi.env"
    text = path.read_text()
    yield path
    path.write_text(text)


def test_settings_of_the_database_are_the_instances_own(instance):
    assert "other" not in [instance.settings.get(name) for name in instance.environment
                           if name.startswith("DATABASE_")]
    assert "DATABASE_URL" not in instance.settings and instance.settings["DATABASE_OWNER_USER"] == "dev"


def test_what_runs_is_asked_whatever_the_environment_says(instance, monkeypatch):
    monkeypatch.setitem(instance.environment, "JWT_SECRET_FILE", "/not/there")
    assert instance.dev("status").returncode == 0 and instance.dev("token").returncode == 0


def test_a_refused_value_leaves_the_instance_as_it_is(instance, saved, monkeypatch):
    before, master = saved.read_bytes(), instance.master_pid("fast")
    monkeypatch.setitem(instance.environment, "JWT_SECRET", "short")
    answer = instance.dev("up", "--no-demo", check=False)
    assert answer.returncode == 1 and "JWT_SECRET must have at least 32 bytes" in answer.stdout
    assert saved.read_bytes() == before and lives(master)
    assert instance.get("/health/ready", sub=None).status == 200


@pytest.mark.parametrize("line, why", [
    ("RATE_LIMITS=maybe", "RATE_LIMITS is 'maybe'"), ("FAST_WORKERS=08", "FAST_WORKERS is '08'"),
    ("CHECKOUT_TTL=60", "there is no setting CHECKOUT_TTL"), ("LOG_LEVEL=loud", "not 'loud'")])
def test_a_line_that_somebody_wrote_into_the_file_is_judged_too(instance, saved, line, why):
    with saved.open("a") as file:
        file.write(line + "\n")
    answer = instance.dev("up", "--no-demo", check=False)
    assert answer.returncode == 1 and why in answer.stdout and str(saved) in answer.stdout
    assert saved.read_text().splitlines()[-1] == line


@pytest.mark.parametrize("line", ["JWT_ISSUER='$(touch %s)'", "JWT_ISSUER=''; touch '%s'", "JWT_ISSUER=`touch %s`",
                                  "x[$(touch %s)]=1"])
def test_the_file_of_settings_is_read_and_not_run(instance, saved, tmp_path, line):
    with saved.open("a") as file:
        file.write(line % (tmp_path / "ran") + "\n")
    assert instance.dev("status").returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["status", "token", "up"])
def test_a_file_of_settings_that_others_may_write_is_not_read(instance, saved, verb):
    mode = saved.stat().st_mode
    saved.chmod(0o660)
    try:
        answer = instance.dev(verb, check=False)
    finally:
        saved.chmod(mode)
    assert answer.returncode == 1 and "others may write it: it is not read" in answer.stdout


def test_a_file_of_settings_leads_to_no_other_database(instance, saved):
    with saved.open("a") as file:
        file.write("DATABASE_URL=postgresql://127.0.0.1:9/other\n")
    for verb in (["up", "--no-demo"], ["admin", "migrate"], ["psql", "-c", "SELECT 1"]):
        answer = instance.dev(*verb, check=False)
        assert answer.returncode == 1 and "names another database" in answer.stdout


SECRETS = {"JWT_SECRET", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "PAYSTACK_SECRET_KEY", "AUTHORSHIP_KEY"}


@pytest.mark.parametrize("program, allowed", [
    ("postgres", set()), ("nginx", set()),
    ("sandbox", {"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "PAYSTACK_SECRET_KEY"})])
def test_a_secret_is_in_the_environment_of_who_reads_it_there(instance, program, allowed):
    environment = pathlib.Path(f"/proc/{instance.master_pid(program)}/environ").read_bytes().decode()
    for name in SECRETS - allowed:
        assert instance.settings[name] not in environment, name
    for name in allowed:
        assert f"{name}={instance.settings[name]}\0" in environment


def test_nobody_is_a_superuser_of_the_database_by_asking(instance):
    rules = instance.rows("SELECT type, auth_method, options FROM pg_hba_file_rules")
    assert rules == [("local", "peer", ["map=dev"])] * 2
    assert {row[0] for row in instance.rows("SELECT DISTINCT pg_username FROM pg_ident_file_mappings")} \
        == {"dev", "payapi", "payapi_jobs", "payapi_stream", "payapi_delivery"}


def test_logs_show_the_programs_in_their_order_and_no_steps(instance):
    instance.get("/api/v1/orders")
    answer = instance.dev("logs")
    shown = [line.removeprefix("==> ").removesuffix(".log <==") for line in answer.stdout.splitlines()
             if line.startswith("==> ")]
    assert [name.split("-")[0] for name in shown] == [name for name in PROGRAMS if name != "nginx"] + ["nginx"]
    assert answer.stdout.splitlines()[-1].endswith(
        "check_settings migrate prepare_site start_database start_nginx start_sandbox start_workers")


@pytest.mark.parametrize("name, file", [
    *[(name, f"{name}.log") for name in PROGRAMS if name != "nginx"], ("nginx", "nginx-access.log"),
    ("nginx-access", "nginx-access.log"), ("migrate", "dev-migrate.log"), ("dev-migrate", "dev-migrate.log")])
def test_logs_follow_each_by_its_name(instance, name, file):
    newest = (instance.log_dir / file).read_text().splitlines()[-1]
    with subprocess.Popen(["timeout", "20", str(ROOT / "dev"), "logs", name], env=instance.environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as follower:
        assert newest + "\n" in iter(follower.stdout.readline, "")
        follower.terminate()


@pytest.mark.parametrize("name", ["worker-name", "../payapi", "", "*"])
def test_an_unknown_log_lists_what_there_is(instance, name):
    answer = instance.dev("logs", name, check=False)
    assert answer.returncode == 1 and f'There is no log "{name}".' in answer.stdout
    assert " ".join(PROGRAMS) in answer.stdout and "migrate" in answer.stdout


def test_psql_finds_the_tables_by_their_names(instance):
    order = instance.create_order()
    answer = instance.dev("psql", "-At", "-c", f"SELECT status FROM orders WHERE order_id = '{order}'")
    assert answer.stdout == "open\n"


@pytest.mark.parametrize("arguments, sub, role", [
    ([], "alice", "shop"), (["--role", "admin"], "alice", "admin"), (["--sub", "bob"], "bob", "user"),
    (["--sub", "carol", "--role", "admin"], "carol", "admin")])
def test_a_token_is_alices_unless_told_otherwise(instance, arguments, sub, role):
    token = instance.dev("token", *arguments).stdout.strip()
    order = instance.post("/api/v1/orders", {"amount": 5, "currency": "USD"}, token=token).data["id"]
    assert instance.get(f"/api/v1/orders/{order}", sub=sub).status == 200
    assert instance.get("/api/v1/payments", token=token).status == (200 if role == "admin" else 403)


@pytest.mark.parametrize("verb", ["down", "reset", "status", "build"])
def test_a_verb_without_arguments_does_nothing_when_it_gets_one(instance, verb):
    asked, mistaken = instance.dev(verb, "--help"), instance.dev(verb, "everything", check=False)
    assert asked.stdout.startswith("./dev up ") and mistaken.returncode == 1
    assert 'takes no "everything"' in mistaken.stdout
    assert instance.get("/health/ready", sub=None).status == 200


def test_a_payment_outlives_down_and_up(instance):
    order = instance.create_order()
    payment = instance.checkout(order).data
    instance.dev("down")
    instance.up()
    with urllib.request.urlopen(payment["checkoutUrl"]) as page:
        assert page.status == 200
    instance.sandbox_do(payment["externalId"], "pay")
    instance.wait_for_status(order, "completed")


def test_what_an_earlier_dev_started_and_noted_elsewhere_is_stopped_and_not_doubled(instance):
    state = (instance.var / "var").resolve()
    before = [instance.master_pid(name) for name in PROGRAMS]
    for note in list(state.glob("pid/*")):
        note.rename(state / "run" / note.name)
    instance.up()
    assert [pid for pid in before if lives(pid)] == []
    assert list(state.glob("run/*.p*")) == [] and instance.get("/health/ready", sub=None).status == 200


def test_the_address_of_the_sandbox_opens_a_page_that_explains_it(instance):
    [address] = re.findall(r"^sandbox .* (http://\S+)$", instance.dev("status").stdout, re.M)
    with urllib.request.urlopen(address) as page:
        assert page.headers.get_content_type() == "text/html" and "/_sandbox/" in page.read().decode()
