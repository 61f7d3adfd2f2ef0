"""The peer under load: a PostgreSQL made by ./dev, a sandbox, and the program in both its variants."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg2

from clients import as_service
from payapi_instance import Connection, Instance, free_ports, wait_until
from peer_rows import PeerRows
from provider import Provider
from side import Target

PROCESSES = os.cpu_count()
VARIANTS = ["express", "fastify"]


class Peer:
    """What the variants share. `secrets` is payapi's instance: both sides take the same tokens and signatures."""

    def __init__(self, prefix, folder, secrets, quick):
        self.prefix = prefix
        self.folder = folder
        self.secrets = secrets
        self.server = Instance("peer", PAYAPI_PREFIX=str(prefix))
        self.provider = None
        self.variants = [Variant(name, self, quick) for name in VARIANTS]

    def up(self):
        started = self.server.dev("up", "--database", check=False)
        assert started.returncode == 0, started.stdout
        self.run_alone("CREATE DATABASE peer OWNER payapi")
        self.provider = Provider(self.prefix, self.server.port + 1)
        self.program = self.readable()
        for variant in self.variants:
            variant.start()
        self.rows = PeerRows(self.connect)
        self.completed = self.rows.fill("completed", self.variants[0].history)
        for variant in self.variants:
            variant.prepare()
        self.rows.settle()
        return self

    def readable(self):
        """The program where the daemons' user can read it."""
        if subprocess.run(as_service(["test", "-r", f"{self.folder}/dist/main.js"]), check=False).returncode == 0:
            return Path(self.folder)
        copy = self.server.var / "peer"
        shutil.copytree(self.folder, copy, symlinks=True)
        return copy

    def connect(self, database="peer"):
        settings = self.server.settings
        return psycopg2.connect(host=settings["DATABASE_HOST"], port=settings["DATABASE_PORT"], dbname=database,
                                user="dev")

    def run_alone(self, statement):
        connection = self.connect("postgres")
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()

    def row(self, sql):
        connection = self.connect()
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchone()
        connection.close()
        return found

    def books(self):
        """As Provider.books has them."""
        sessions, = self.row("SELECT count(*) FROM payments WHERE \"sessionId\" LIKE 'cs\\_test\\_%'")
        refunds, minor = self.row("SELECT count(*), coalesce(sum(\"amountMinor\"), 0)::bigint FROM refunds"
                                  " WHERE status = 'succeeded'")
        return {"sessions": sessions, "refunds": refunds, "refunded_minor": minor}

    def down(self):
        for variant in self.variants:
            variant.down()
        self.server.down()
        if self.provider:
            self.provider.down()


class Variant(Target):
    def __init__(self, name, peer, quick):
        super().__init__(quick)
        self.name = name
        self.peer = peer
        self.payapi = peer.secrets
        self.port = free_ports(1)
        self.process = None

    def start(self):
        """The log goes to a file: a peer that writes errors is read there."""
        database, provider = self.peer.server.settings, self.peer.provider
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            as_service(["node", str(self.peer.program / "dist" / "main.js")]), cwd="/", stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
            env={"PATH": os.environ["PATH"], "NODE_ENV": "production", "PEER_HTTP": self.name, "PORT": str(self.port),
                 "PROCESSES": str(PROCESSES), "JWT_SECRET": self.payapi.settings["JWT_SECRET"], "DATABASE_USER": "payapi",
                 "DATABASE_HOST": database["DATABASE_HOST"], "DATABASE_NAME": "peer", **provider.settings})
        self.connection = Connection(self.port)
        wait_until(self.answers, 60, f"the peer on {self.name}")

    def answers(self):
        assert self.process.poll() is None, self.said()
        try:
            return self.connection.request("GET", "/api/v1/transactions").status == 401
        except OSError:
            return False

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-3000:]

    @property
    def rows(self):
        return self.peer.rows

    @property
    def provider(self):
        return self.peer.provider

    @property
    def completed(self):
        return self.peer.completed

    def row(self, sql):
        return self.peer.row(sql)

    def prepare(self):
        for kind in self.kinds:
            kind.prepare()

    def replace_intents(self, intents):
        self.peer.rows.replace_intents(intents)

    @property
    def parts(self):
        return {"app": [self.process.pid], "PostgreSQL": [self.peer.server.master_pid("postgres")],
                "sandbox": [self.provider.process.pid]}

    def down(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()
        self.folder.cleanup()
