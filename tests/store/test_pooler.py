"""A pooler between the programs and PostgreSQL: programs refuse it with a clear message and run nothing through it."""
import os
import pathlib
import socket
import struct
import subprocess
import threading

import pytest

from conftest import ROOT

PREFIX = os.environ.get("PAYAPI_PREFIX")
ADMIN = pathlib.Path(PREFIX) / "bin/payapi-admin" if PREFIX else ROOT / "build/payapi-admin"
PORT = 6432


class Pooler:
    """Treats the startup message like PgBouncer: refuses options, or drops them if configured so."""

    def __init__(self, server, folder, forgets):
        self.server, self.forgets = server, forgets
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.{PORT}")
        self.listener.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connect(client)

    def connect(self, client):
        size, version = struct.unpack("!II", client.recv(8, socket.MSG_WAITALL))
        words = client.recv(size - 8, socket.MSG_WAITALL).split(b"\0")
        pairs = dict(zip(words[0::2], words[1::2]))
        assert pairs.pop(b"options")
        if not self.forgets:
            text = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
            client.sendall(b"E" + struct.pack("!I", len(text) + 4) + text)
            return client.close()
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(f"{self.server.folder}/.s.PGSQL.5432")
        body = b"".join(name + b"\0" + value + b"\0" for name, value in pairs.items() if name) + b"\0"
        upstream.sendall(struct.pack("!II", len(body) + 8, version) + body)
        for source, target in ((client, upstream), (upstream, client)):
            threading.Thread(target=forward, args=(source, target), daemon=True).start()
        return None


def forward(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    target.close()


@pytest.mark.parametrize("forgets, words", [(False, 'says "unsupported startup parameter: options"'),
                                            (True, "drops the settings of our connections")])
def test_a_pooler_is_refused_with_a_word_that_says_so(server, own_database, tmp_path, forgets, words):
    pooler = Pooler(server, tmp_path, forgets)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "PG"))}
    answer = subprocess.run([str(ADMIN), "payment", "list"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={
        **environment, "DATABASE_HOST": str(tmp_path), "DATABASE_PORT": str(PORT), "DATABASE_USER": "postgres",
        "DATABASE_NAME": own_database.name})
    pooler.listener.close()
    assert answer.returncode != 0 and answer.stdout == ""
    assert f"a pooler stands before PostgreSQL and {words}: set it up as docs/production.md says" in answer.stderr
