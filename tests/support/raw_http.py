"""HTTP as raw bytes, for requests that no client library would send. Answers are read strictly."""
import json
import re
import socket
import ssl
import struct


class RawAnswer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers              # lower-case name -> list of values
        self.body = body

    def header(self, name):
        return ", ".join(self.headers.get(name.lower(), []))

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


def answers_in(received, head_only=False):
    """All answers in the bytes from a connection; fails on bytes that belong to none."""
    found = []
    while received:
        head, separator, rest = received.partition(b"\r\n\r\n")
        assert separator, f"no end of the headers in {received[:200]!r}"
        lines = head.decode("latin-1").split("\r\n")
        status = re.fullmatch(r"HTTP/1\.1 (\d{3})(?: .*)?", lines[0])
        assert status, f"no status line: {lines[0]!r}"
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            assert colon, f"no header: {line!r}"
            headers.setdefault(name.lower(), []).append(value.strip())
        if int(status[1]) == 100:
            received = rest
            continue
        body, received = body_in(headers, b"" if head_only else rest)
        found.append(RawAnswer(int(status[1]), headers, body))
    return found


def body_in(headers, rest):
    if headers.get("transfer-encoding") == ["chunked"]:
        body = b""
        while True:
            size, _, rest = rest.partition(b"\r\n")
            count = int(size, 16)
            body, rest = body + rest[:count], rest[count + 2:]
            if count == 0:
                return body, rest
    if "content-length" in headers:
        count = int(headers["content-length"][0])
        return rest[:count], rest[count:]
    return rest, b""


def exchange(port, data, seconds=20, source="127.0.0.1"):
    """Sends the bytes, then reads until nginx closes. No half-close: that would look like a client that left."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds,
                                  source_address=(source, 0)) as connection:
        return send_and_read(connection, data)


def send_and_read(connection, data):
    try:
        connection.sendall(data)
    except OSError:                         # refused before the end; the answer says why
        pass
    received = b""
    while True:
        try:
            block = connection.recv(65536)
        except ConnectionResetError:
            return received
        if not block:
            return received
        received += block


def request(method, path, headers=(), body=b"", version="HTTP/1.1", host="payapi.test", close=True):
    """A request as bytes; headers are (name, value) pairs in order, and values may be bytes."""
    lines = [f"{method} {path} {version}"] + ([f"Host: {host}"] if host else [])
    data = b"".join(as_bytes(line) + b"\r\n" for line in lines)
    for name, value in headers:
        data += as_bytes(name) + b": " + as_bytes(value) + b"\r\n"
    if body and not any(str(name).lower() in ("content-length", "transfer-encoding")
                        for name, _ in headers):
        data += b"Content-Length: %d\r\n" % len(body)
    if close:
        data += b"Connection: close\r\n"
    return data + b"\r\n" + as_bytes(body)


def as_bytes(text):
    return text if isinstance(text, bytes) else str(text).encode("latin-1")


# --- HTTP/2, as much as an attacker needs (RFC 9113, RFC 7541 without Huffman) ----------------------

DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
END_STREAM, END_HEADERS = 1, 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A never-indexed header field with literal name and value."""
    name, value = as_bytes(name), as_bytes(value)
    return b"\x10" + integer(len(name)) + name + integer(len(value)) + value


def integer(number):
    if number < 127:
        return bytes([number])
    octets, number = [127], number - 127
    while number >= 128:
        octets.append(number % 128 + 128)
        number //= 128
    return bytes(octets + [number])


class Http2:
    """One TLS connection; a request is (fields, body) exactly as given, pseudo-headers included."""

    def __init__(self, port, name, seconds=10):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.tls = context.wrap_socket(plain, server_hostname=name)
        assert self.tls.selected_alpn_protocol() == "h2"
        self.tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
        self.received = b""

    def send(self, fields, body=b"", stream=1, whole=True):
        block = b"".join(literal(name, value) for name, value in fields)
        self.tls.sendall(frame(HEADERS, END_HEADERS | (0 if body else END_STREAM), stream, block))
        if body:
            self.tls.sendall(frame(DATA, END_STREAM if whole else 0, stream, body))

    def outcome(self):
        """("body", bytes), ("reset", code) or ("goaway", code): how the first stream ended."""
        body = b""
        while True:
            kind, flags, payload = self.read_frame()
            if kind == DATA:
                body += payload
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return "body", body
            if kind == RST_STREAM:
                return "reset", struct.unpack(">I", payload)[0]
            if kind == GOAWAY:
                return "goaway", struct.unpack(">I", payload[4:8])[0]

    def read_frame(self):
        head = self.read_bytes(9)
        size = struct.unpack(">I", b"\0" + head[:3])[0]
        return head[3], head[4], self.read_bytes(size)

    def read_bytes(self, count):
        while len(self.received) < count:
            block = self.tls.recv(65536)
            assert block, "the connection ended in the middle of a frame"
            self.received += block
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def close(self):
        self.tls.close()
