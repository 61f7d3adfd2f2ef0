"""A receiver of webhooks on 127.0.0.1: keeps what came, and answers as it is told."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time


class Received:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body, self.at = path, dict(headers), body, time.time()

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def json(self):
        return json.loads(self.body)

    def is_signed(self, secret):
        """As Standard Webhooks 1.0.0 says: one of the signatures fits."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return expected in self.headers["webhook-signature"].split(" ")


class Receiver:
    """answers: called with what came; returns (status, headers, body), or None after it answered by itself."""

    def __init__(self, answer=None, tls=None):
        self.received, self.answer = [], answer or (lambda received: (200, {}, b"ok"))
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                received.connection = self.connection
                receiver.received.append(received)
                answer = receiver.answer(received)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, text = answer
                self.send_response_only(status)
                for name, value in {"Content-Length": len(text), "Connection": "close", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *arguments: None      # a client that left is no news
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}/hook"

    def of(self, event_id):
        return [received for received in list(self.received) if received.id == event_id]

    def of_type(self, event_type):
        return [received for received in list(self.received) if received.json["type"] == event_type]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *arguments):
        self.stop()
