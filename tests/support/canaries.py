"""Searches what an instance leaves behind for data that must not be there: secrets, personal and card data.

Canaries are values that the whole suite uses: the instance's own secrets, every token it signed, the client
secrets of the provider's objects, the API keys that the tests made, the e-mail address of every order, a card
number.
"""
import base64
import hashlib
import re
import subprocess
import urllib.parse

EMAIL = "canary.customer@personal.example"
CARD = "4242424242424242"
CLIENT_SECRET = "_secret_sandbox"       # the end of each client_secret that the sandbox gives

# Where personal data belong: the order, the provider's requests and events, the answer stored for a repeat.
EXPECTED = {
    ("orders", "customer_email"): {"email"},
    ("provider_calls", "request_body"): {"email"},
    ("webhook_events", "body"): {"email", "client secret"},
    ("idempotency_keys", "answer_body"): {"email"},
}


def forms_of(value):
    """The value itself, and as an address or a header encodes it."""
    raw = value.encode()
    return {raw, urllib.parse.quote(value, safe="").encode(), base64.b64encode(raw).rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode()}


class Canaries:
    def __init__(self, payapi):
        self.payapi = payapi
        settings = payapi.settings
        values = [("jwt secret", settings["JWT_SECRET"]), ("secret key", settings["STRIPE_SECRET_KEY"]),
                  ("webhook secret", settings["STRIPE_WEBHOOK_SECRET"]),
                  ("authorship key", settings["AUTHORSHIP_KEY"]), ("email", EMAIL), ("card", CARD),
                  ("card", " ".join(re.findall("....", CARD))), ("client secret", CLIENT_SECRET)]
        # The signature stands for the token: nobody can guess it.
        values += [("token", token.rsplit(".", 1)[1]) for token in payapi.tokens.values()]
        # The key's random part; its digest stands in the database alone, as bytes.
        values += [("api key", key.rsplit("_", 1)[1]) for key in payapi.api_keys]
        values += [("api key", hashlib.sha256(key.encode()).hexdigest()) for key in payapi.api_keys]
        self.needles = [(name, form) for name, value in values for form in forms_of(value)]

    def in_bytes(self, content):
        return {name for name, needle in self.needles if needle in content}

    def in_logs(self):
        return {(path.name, name) for path in self.payapi.log_dir.glob("*")
                for name in self.in_bytes(path.read_bytes())}

    def in_answers(self):
        """An order's owner may be told its e-mail address, and whoever makes a key that key; no other answer may hold
        a canary."""
        return {(path, name) for path, status, content in self.payapi.heard
                for name in self.in_bytes(content)
                if not (name == "email" and status < 300 and path.startswith("/api/v1/orders"))
                and not (name == "api key" and status == 201 and path == "/api/v1/api-keys")}

    def in_database(self):
        hits, table, columns = set(), None, []
        for line in self.dump().split(b"\n"):
            copy = re.match(rb"COPY payapi\.(\w+) \((.*)\) FROM stdin;$", line)
            if copy:
                table, columns = copy[1].decode(), copy[2].decode().split(", ")
            elif line == b"\\.":
                table = None
            elif table:
                for column, value in zip(columns, line.split(b"\t")):
                    if value.startswith(b"\\\\x"):
                        value = bytes.fromhex(value[3:].decode())
                    hits |= {(table, column, name) for name in
                             self.in_bytes(value) - EXPECTED.get((table, column), set())}
        return hits

    def dump(self):
        settings = self.payapi.settings
        return subprocess.run(["pg_dump", "-h", settings["DATABASE_HOST"], "-p", settings["DATABASE_PORT"],
                               "-U", "dev", "--schema=payapi", settings["DATABASE_NAME"]],
                              check=True, stdout=subprocess.PIPE).stdout

    def everywhere(self):
        return self.in_logs() | self.in_answers() | self.in_database()
