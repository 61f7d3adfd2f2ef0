"""Follows a stream of Server-Sent Events as `curl -N` does, and reads it event by event."""
import json
import socket
import time


class EventStream:
    """One request. HTTP/1.0, so that the body comes as it is, without chunks."""

    def __init__(self, port, path, headers=None):
        lines = [f"GET {path} HTTP/1.0", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=40)
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.received = b""
        self.comments = 0
        self.ids = []                       # of every event read so far
        self.retry_ms = None
        head = self.read_block(b"\r\n\r\n", 40)
        first, *rest = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def close(self):
        self.socket.close()

    def read_block(self, end, seconds):
        """What comes before the mark; None when the stream ended before it."""
        deadline = time.monotonic() + seconds
        while end not in self.received:
            left = deadline - time.monotonic()
            assert left > 0, f"nothing within {seconds} s after {self.received!r}"
            self.socket.settimeout(left)
            more = self.socket.recv(65536)
            if not more:
                return None
            self.received += more
        block, _, self.received = self.received.partition(end)
        return block

    def rest(self):
        """The rest of the body, for an answer that is no stream."""
        while more := self.socket.recv(65536):
            self.received += more
        return self.received

    def next(self, seconds=30):
        """The next event's data; None when the stream ended."""
        while True:
            block = self.read_block(b"\n\n", seconds)
            if block is None:
                return None
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line)
            self.comments += block == b":"
            if "retry" in fields:
                self.retry_ms = int(fields["retry"])
            if "data" in fields:
                self.ids.append(int(fields["id"]))
                return json.loads(fields["data"])

    def until(self, status, seconds=30):
        """The first event in which the payment has that status."""
        deadline = time.monotonic() + seconds
        while True:
            data = self.next(deadline - time.monotonic())
            assert data is not None, f"the stream ended before {status}"
            if data.get("status", data.get("state")) == status:
                return data
