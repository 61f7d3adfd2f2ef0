"""An issuer of tokens: openssl makes its keys when they are needed and signs tokens like any issuer's."""
import base64
import json
import subprocess

OPTIONS = {"RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
           "EdDSA": ["ED25519"]}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value):
    text = value if isinstance(value, (bytes, str)) else json.dumps(value)
    return base64url(text.encode() if isinstance(text, str) else text)


def from_der(signature):
    """Extracts ECDSA's two numbers from SEQUENCE { INTEGER r, INTEGER s }, 32 bytes each."""
    length = signature[3]
    r, s = signature[4:4 + length], signature[6 + length:]
    return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in (r, s))


class Issuer:
    def __init__(self, folder, algorithm, name):
        self.algorithm, self.name = algorithm, name
        self.pair = folder / f"{algorithm}-{name}.pem"
        self.public = folder / f"{algorithm}-{name}.pub"
        self.run("genpkey", "-algorithm", *OPTIONS[algorithm], "-out", self.pair)
        self.run("pkey", "-in", self.pair, "-pubout", "-out", self.public)
        self.public.chmod(0o644)

    @staticmethod
    def run(*arguments, data=b""):
        return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    @property
    def pem(self):
        return self.public.read_text()

    @property
    def jwk(self):
        der = self.run("pkey", "-pubin", "-in", self.public, "-outform", "DER")
        common = {"kid": self.name, "use": "sig", "alg": self.algorithm}
        if self.algorithm == "EdDSA":
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url(der[-32:]), **common}
        if self.algorithm == "ES256":
            return {"kty": "EC", "crv": "P-256", "x": base64url(der[-64:-32]), "y": base64url(der[-32:]), **common}
        modulus = self.run("rsa", "-pubin", "-in", self.public, "-noout", "-modulus").split(b"=")[1].strip()
        return {"kty": "RSA", "n": base64url(bytes.fromhex(modulus.decode())), "e": "AQAB", **common}

    def der_signature(self, content, digest="sha256"):
        if self.algorithm != "EdDSA":
            return self.run("dgst", f"-{digest}", "-sign", self.pair, data=content)
        file = self.pair.with_suffix(".content")        # Ed25519 reads its text twice
        file.write_bytes(content)
        return self.run("pkeyutl", "-sign", "-rawin", "-inkey", self.pair, "-in", file)

    def signature(self, content, digest="sha256"):
        signature = self.der_signature(content, digest)
        return from_der(signature) if self.algorithm == "ES256" else signature

    def token(self, claims, signature=None, **header):
        """header: members besides alg and typ; None removes one. signature: a function of the content."""
        members = {"alg": self.algorithm, "typ": "JWT", **header}
        content = part({k: v for k, v in members.items() if v is not None}) + "." + part(claims)
        return content + "." + base64url((signature or self.signature)(content.encode()))
