"""A payapi-worker beside an instance's own pools, started as systemd starts it: no nginx, no spawn-fcgi.

Its standard input is the listening socket, its standard error is a pipe that the test reads when it wants,
and NOTIFY_SOCKET is the test's socket.
"""
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import tempfile

import payapi_instance

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6       # FastCGI 1.0, section 8


def record(kind, content=b""):
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def name_value(name, value):
    def length(text):
        return struct.pack("!B", len(text)) if len(text) < 128 else struct.pack("!I", len(text) | 1 << 31)

    name, value = name.encode(), value.encode()
    return length(name) + length(value) + name + value


class WorkerPool:
    def __init__(self, payapi, *options, pool="fast", config=None, environment=None):
        self.folder = tempfile.TemporaryDirectory(prefix="payapi-pool-")
        self.path = os.path.join(self.folder.name, "socket")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(128)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(os.path.join(self.folder.name, "notify"))
        self.manager.settimeout(20)
        self.log, log_end = os.pipe()
        worker = next(p for p in pathlib.Path(payapi.var / "var" / "inst").glob("*/payapi-worker"))
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PAYAPI_", "DATABASE_"))}
        self.process = subprocess.Popen(
            [str(worker), "--pool", pool, "--config", str(config or payapi.var / "var" / "payapi.env"),
             *options], stdin=self.listener, stderr=log_end,
            env={**inherited, "NOTIFY_SOCKET": os.path.join(self.folder.name, "notify"),
                 **(environment or {})})
        os.close(log_end)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
        self.process.wait()
        self.listener.close()
        self.manager.close()
        os.close(self.log)
        self.folder.cleanup()

    def hear(self, words):
        """Waits until the service manager gets a message that begins with these words."""
        while True:
            said = self.manager.recv(4096).decode()
            if said.startswith(words):
                return said

    def resize_log(self, size):
        fcntl.fcntl(self.log, fcntl.F_SETPIPE_SZ, size)

    def log_lines(self):
        """The log lines that are in the pipe now."""
        os.set_blocking(self.log, False)
        text = b""
        try:
            while block := os.read(self.log, 65536):
                text += block
        except BlockingIOError:
            pass
        return [json.loads(line) for line in text.splitlines()]

    def request(self, method, path, token=None):
        """One request on a connection of its own; the status and the body."""
        params = {"REQUEST_METHOD": method, "REQUEST_URI": path, "DOCUMENT_URI": path,
                  "QUERY_STRING": "", "TRACE_ID": "0123456789abcdef0123456789abcdef"}
        if token:
            params["HTTP_AUTHORIZATION"] = "Bearer " + token
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(self.path)
            connection.sendall(record(BEGIN, struct.pack("!HB5x", 1, 0))
                               + record(PARAMS, b"".join(name_value(*p) for p in params.items()))
                               + record(PARAMS) + record(STDIN))
            stream = connection.makefile("rb")
            output = b""
            while True:
                head = stream.read(8)
                assert len(head) == 8, "the worker broke off"
                kind, size, padding = struct.unpack("!xBxxHBx", head)
                content = stream.read(size + padding)[:size]
                if kind == STDOUT:
                    output += content
                if kind == END:
                    break
        head, _, body = output.partition(b"\r\n\r\n")
        return int(head.split(b"Status: ")[1].split()[0]), body

    def pids(self):
        return payapi_instance.children_of(self.process.pid)
