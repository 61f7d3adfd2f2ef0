"""Two hosts in DATABASE_HOST, the standby first: programs use whichever accepts writes."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import psycopg2
import pytest

from conftest import given_shop, other
from test_admin import GOOD, admin, sql_option, wait_until

BIN = pathlib.Path(subprocess.run(["pg_config", "--bindir"], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout.strip())
AS_SERVER_USER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def as_server_user(program, *arguments):
    ran = subprocess.run([*AS_SERVER_USER, str(BIN / program), *arguments], cwd="/", text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert ran.returncode == 0, ran.stdout


class Standby:
    """A copy that follows the primary, with its socket in a separate folder."""

    def __init__(self, primary):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="payapi-pg-"))
        if AS_SERVER_USER:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o755)
        as_server_user("pg_basebackup", "-h", primary.folder, "-U", "postgres", "-D", f"{self.folder}/data",
                       "-R", "-c", "fast", "-X", "stream")
        self.control("start", "-o", f"-c unix_socket_directories={self.folder}")

    def control(self, verb, *arguments):
        as_server_user("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-s", "-w", verb, *arguments)

    def stop(self):
        self.control("stop", "-m", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture()
def standby(server, own_database):
    given_shop(own_database)
    own_database.run("UPDATE webhook_events SET body = '{}'")
    running = Standby(server)
    yield running
    running.stop()


def attempts(folder, name):
    connection = psycopg2.connect(host=str(folder), dbname=name, user="postgres")
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM payapi.webhook_attempts")
    count = cursor.fetchone()[0]
    connection.close()
    return count


def write_at(name, *hosts):
    """Replays an event, which has to write its outcome."""
    return admin("webhook", "replay", other("whe", 1), DATABASE_HOST=",".join(str(host) for host in hosts),
                 DATABASE_PORT="5432", DATABASE_USER="payapi", DATABASE_NAME=name, **GOOD)


def test_writes_find_the_primary_before_and_after_a_failover(server, own_database, standby, tmp_path):
    name, gone = own_database.name, tmp_path
    first = write_at(name, standby.folder, server.folder)
    assert first.returncode == 0, first.stdout + first.stderr
    count = attempts(server.folder, name)
    assert count > 0
    migrated = admin("migrate", *sql_option(), DATABASE_HOST=f"{standby.folder},{server.folder}", DATABASE_NAME=name,
                     DATABASE_OWNER_USER="postgres")
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    wait_until(lambda: attempts(standby.folder, name) == count, "the standby to have followed")

    assert write_at(name, standby.folder, gone).returncode == 69        # the primary is gone: no host accepts writes
    standby.control("promote")
    assert write_at(name, gone, standby.folder).returncode == 0
    assert (attempts(standby.folder, name), attempts(server.folder, name)) == (2 * count, count)
