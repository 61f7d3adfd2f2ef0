"""PgBouncer between an instance's workers and PostgreSQL, set up as docs/production.md says.

Debian 12's PgBouncer (1.18) forgets prepared statements between transactions. There each client keeps its connection.
"""
import os
import pathlib
import re
import signal
import subprocess

from payapi_instance import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/production.md").read_text()
PGBOUNCER = "/usr/sbin/pgbouncer"
PORT = 6432


def block(language):
    """That block of the chapter about PgBouncer."""
    chapter = DOCUMENT[DOCUMENT.index("## PgBouncer"):]
    return re.search(rf"```{language}\n(.*?)```", chapter, re.S)[1]


def knows_prepared_statements():
    said = subprocess.run([PGBOUNCER, "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", said).groups())) >= (1, 21)


def reload_workers(payapi):
    before = set(payapi.worker_pids("fast") + payapi.worker_pids("provider"))
    for pool in ("fast", "provider"):
        os.kill(payapi.master_pid(pool), signal.SIGHUP)
    wait_until(lambda: not before & set(payapi.worker_pids("fast") + payapi.worker_pids("provider"))
               and payapi.request("GET", "/health/ready").status == 200, 60, "other workers")


class PgBouncer:
    """connections: to PostgreSQL. as_user: who runs it; None: who calls."""

    def __init__(self, payapi, folder, connections, as_user=None):
        self.payapi, self.folder, self.process, self.as_user = payapi, folder, None, as_user
        self.shares = knows_prepared_statements()
        settings = payapi.settings
        text = block("ini").replace("payapi = host=127.0.0.1 port=5432",
                                    "%(DATABASE_NAME)s = host=%(DATABASE_HOST)s port=%(DATABASE_PORT)s" % settings)
        here = {"listen_addr": "", "listen_port": PORT, "auth_type": "trust", "auth_file": folder / "users",
                "default_pool_size": connections}
        if not self.shares:
            here |= {"pool_mode": "session", "default_pool_size": 200, "max_prepared_statements": None}
        for name, value in here.items():
            text, count = re.subn(rf"(?m)^{name} = .*\n", "" if value is None else f"{name} = {value}\n", text)
            assert count == 1, name
        (folder / "ini").write_text(text + f"unix_socket_dir = {folder}\n")
        (folder / "users").write_text('"payapi" ""\n')
        for statement in filter(str.strip, block("sql").split(";")):
            payapi.rows(statement)

    def start(self):
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen([PGBOUNCER, str(self.folder / "ini")], stdout=log, stderr=log, user=self.as_user)
        wait_until((self.folder / f".s.PGSQL.{PORT}").exists, 10, "PgBouncer")

    def kill(self):
        self.process.kill()
        self.process.wait()
        (self.folder / f".s.PGSQL.{PORT}").unlink(missing_ok=True)

    def reload_the_workers(self):
        """They read the file when they are reloaded, and never again. Everything else stays connected directly."""
        file = self.payapi.var / "var" / "payapi.env"
        direct = text = file.read_text()
        for name, value in (("DATABASE_HOST", self.folder), ("DATABASE_PORT", PORT)):
            text, count = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", text)
            assert count == 1, name
        file.write_text(text)
        reload_workers(self.payapi)
        file.write_text(direct)
