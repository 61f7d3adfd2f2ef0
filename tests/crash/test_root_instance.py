"""Root's instance against its own service user, who must get root to read, write, run or kill nothing for it.

An attacker who takes over a program is that user. This test needs root (./dev crash root).
"""
import os
import pathlib
import pwd
import shutil
import subprocess

import pytest

from payapi_instance import Instance, lives

SERVICE = "payapi"


@pytest.fixture(scope="module")
def rooted():
    instance = Instance("root")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture
def state(rooted):
    return (rooted.var / "var").resolve()


@pytest.fixture
def target(tmp_path):
    """A file of root's, in a folder that the service user may enter."""
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)
    path = tmp_path / "of-root"
    path.write_text("untouched")
    path.chmod(0o600)
    return path


def as_service(*command, check=True):
    return subprocess.run(["setpriv", f"--reuid={SERVICE}", f"--regid={SERVICE}", "--init-groups", *map(str, command)],
                          cwd="/", check=check, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def is_untouched(path):
    about = path.stat()
    return (path.read_text(), about.st_uid, about.st_mode & 0o777) == ("untouched", 0, 0o600)


SECRETS = {"JWT_SECRET", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "PAYSTACK_SECRET_KEY", "AUTHORSHIP_KEY"}


def test_only_the_sandbox_has_secrets_in_its_environment(rooted):
    for program in ("postgres", "nginx", "fast", "provider", "jobs"):
        environment = pathlib.Path(f"/proc/{rooted.master_pid(program)}/environ").read_bytes().decode()
        assert [name for name in SECRETS if rooted.settings[name] in environment] == [], program


@pytest.mark.parametrize("folder", ["", "log", "pid", "inst", "nginx", "www"])
def test_it_changes_nothing_where_root_reads_and_writes(state, target, folder):
    assert as_service("ln", "-s", target, state / folder / "planted", check=False).returncode != 0
    for entry in (state / folder).iterdir():
        if entry.name not in ("db", "run", "sandbox", "tmp", "nginx-access.log", "nginx-error.log", "audit.key",
                              "audit.key.pub"):
            assert as_service("test", "-w", entry, check=False).returncode != 0, entry
        assert as_service("mv", "-T", entry, f"{entry}.away", check=False).returncode != 0, entry


def test_settings_that_it_wrote_are_not_read(rooted, state, target):
    """Settings owned by the service user, as in an instance that an earlier ./dev made."""
    settings = state / "payapi.env"
    text = settings.read_text()
    owner = pwd.getpwnam(SERVICE)
    os.chown(settings, owner.pw_uid, owner.pw_gid)
    as_service("sh", "-c", f"echo \"JWT_ISSUER='\\$(rm {target})'\" >>{settings}")
    try:
        for verb in ("status", "token", "admin", "psql", "down", "up"):
            if verb != "down":
                answer = rooted.dev(verb, check=False)
                assert answer.returncode == 1 and "it is not read" in answer.stdout, verb
    finally:
        settings.write_text(text)
        os.chown(settings, 0, owner.pw_gid)
    assert is_untouched(target)


def test_a_version_of_its_own_starts_no_program_of_its_own(rooted, state, target):
    tools = target.parent / "15" / "bin"
    tools.mkdir(parents=True)
    for name in ("postgres", "pg_isready", "createdb", "initdb"):
        (tools / name).write_text(f"#!/bin/sh\nrm -f {target}\n")
        (tools / name).chmod(0o755)
    version = state / "db" / "PG_VERSION"
    text = version.read_text()
    as_service("sh", "-c", f"echo ../../../..{tools.parent} >{version}")
    try:
        answer = rooted.dev("up", "--no-demo", check=False)
    finally:
        as_service("sh", "-c", f"echo {text.strip()} >{version}")
    assert answer.returncode == 1 and "which is not installed" in answer.stdout
    assert is_untouched(target)


def test_the_socket_tells_who_calls(rooted, state):
    query = ["psql", "-X", "-At", "-h", state / "run", "-d", "payment_db", "-c", "SELECT current_user"]
    refused = as_service(*query, "-U", "dev", check=False)
    assert refused.returncode != 0 and "Peer authentication failed" in refused.stdout
    assert as_service(*query, "-U", "payapi").stdout == "payapi\n"
    assert rooted.dev("psql", "-At", "-c", "SELECT current_user").stdout == "dev\n"
    # The service user may edit the pg_hba.conf among the data, but PostgreSQL does not use that one.
    as_service("sh", "-c", f"echo local all all trust >{state}/db/pg_hba.conf")
    as_service("sh", "-c", f"kill -HUP $(head -1 {state}/db/postmaster.pid)")
    rooted.rows("SELECT pg_sleep(0)")
    assert rooted.row("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'peer'") == (0,)
    assert as_service(*query, "-U", "dev", check=False).returncode != 0


def test_links_in_its_own_folders_lead_root_nowhere(rooted, state, target):
    folder = target.parent / "folder-of-root"
    folder.mkdir(mode=0o700)
    for link in ("run/dev.lock", "run/sandbox.port", "run/nginx.port", "run/nginx.print", "sandbox/state.json.new",
                 "db/pg_hba.conf.new", "nginx/tmp/planted"):
        as_service("ln", "-sfn", target, state / link)
    for link in ("nginx/tmp/body", "nginx/tmp/uwsgi"):
        as_service("rm", "-rf", state / link)
        as_service("ln", "-sfn", folder, state / link)
    rooted.dev("down")
    rooted.dev("up", "--no-demo", check=False)              # the instance's own programs may fail on the links
    as_service("find", state, "-type", "l", "-user", SERVICE, "-delete")
    assert is_untouched(target)
    about = folder.stat()
    assert list(folder.iterdir()) == [] and (about.st_uid, about.st_mode & 0o777) == (0, 0o700)
    rooted.up()


def test_a_record_of_its_own_gets_no_process_of_roots_killed(rooted, state):
    with subprocess.Popen(["sleep", "600"], cwd=state) as bystander:
        started = pathlib.Path(f"/proc/{bystander.pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
        as_service("sh", "-c", f"echo {bystander.pid} {started} >{state}/run/sandbox.pid")
        try:
            rooted.dev("down")
            assert lives(bystander.pid)
            rooted.up()
            assert lives(bystander.pid)
        finally:
            bystander.kill()


# --- An instance that an earlier ./dev made ---------------------------------------------------------

def test_a_folder_that_was_the_service_users_is_taken_over_without_what_was_planted(rooted, state, target):
    order = rooted.create_order()
    rooted.dev("down")
    settings = state / "payapi.env"
    for path in (state, state / "log", settings):
        shutil.chown(path, SERVICE, SERVICE)
    settings.chmod(0o600)
    shutil.rmtree(state / "pid")
    as_service("sh", "-c", f"cd {state} && for name in dev.lock pid audit.new log/dev-migrate.log log/fast.log"
                           f" log/nginx-access.log; do rm -rf $name; ln -sfn {target} $name; done;"
                           " mkdir www.new; mkfifo log/fifo")
    status = rooted.dev("status", check=False)
    assert status.returncode == 1 and "up takes it over" in status.stdout
    refusal = rooted.dev("up", "--no-demo", check=False)
    assert refusal.returncode == 1 and "it is not read" in refusal.stdout
    fix = refusal.stdout.splitlines()[-1].partition("are yours, then: ")[2]
    subprocess.run(["sh", "-c", fix], check=True)
    rooted.up()
    assert is_untouched(target) and state.stat().st_uid == (state / "log").stat().st_uid == 0
    assert not list(entry for entry in state.rglob("*") if entry.is_symlink() and entry.resolve() == target
                    and entry.parent != state / "run")
    assert settings.stat().st_uid == 0 and rooted.get(f"/api/v1/orders/{order}").status == 200
