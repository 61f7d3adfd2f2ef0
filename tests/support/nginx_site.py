"""A separate nginx in front of an instance's pools, or of none: the site as nginx/render makes it."""
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import tempfile

from payapi_instance import ROOT, free_ports, wait_until

NAME = "pay.example.com"
ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}


def make_certificate(folder, name=NAME):
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
                   check=True, stderr=subprocess.DEVNULL)
    return certificate, key


class NginxSite:
    """sockets: the folder of an instance's pools; without it there are no workers behind nginx."""

    def __init__(self, sockets=None, production=False, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="payapi-site-"))
        self.folder.chmod(0o755)
        self.production = production
        first = free_ports(2)
        self.port, self.http_port = first, first + 1
        (self.folder / "log").mkdir()
        (self.folder / "run").mkdir()
        self.settings = {"PORT": str(first), "NGINX_WORKERS": "2"}
        if production:
            certificate, key = make_certificate(self.folder)
            self.settings |= {
                "SERVER_NAME": NAME, "TLS_CERTIFICATE": certificate, "TLS_CERTIFICATE_KEY": key,
                "METRICS_LISTEN": "off", "LISTEN_ADDRESSES": "127.0.0.1", "HTTPS_PORT": str(first),
                "HTTP_PORT": str(first + 1), "SOCKET_DIR": sockets or self.folder / "run",
                "NGINX_USER": owner_of(sockets), "NGINX_LOG_DIR": self.folder / "log",
                "NGINX_TMP_DIR": self.folder, "NGINX_PID": self.folder / "nginx.pid"}
        self.settings |= settings
        self.process = None

    def render(self):
        arguments = ["--production"] if self.production else []
        environment = {**ENVIRONMENT, **{name: str(value) for name, value in self.settings.items()}}
        return subprocess.run([ROOT / "nginx/render", *arguments, self.folder], env=environment,
                              check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def configuration(self, name):
        return self.folder / "nginx" / name

    def edit(self, name, pattern, replacement):
        """Changes a rendered file where a test needs a site other than the shipped one."""
        path = self.configuration(name)
        text, count = re.subn(pattern, replacement, path.read_text(), flags=re.M)
        assert count, f"{name} has no {pattern}"
        path.write_text(text)

    def leave_out_tls(self):
        """The production site without TLS, for tests that send raw bytes."""
        self.edit("servers.conf", r"(listen .*?) ssl(?: http2)?", r"\1")

    def take_address_from(self, header):
        """Takes the client's address from a header, as behind a balancer: loopback has no such addresses."""
        self.edit("log.conf", r"\A", f"set_real_ip_from 127.0.0.1;\nreal_ip_header {header};\n")

    def command(self, *more):
        return ["nginx", "-p", f"{self.folder}/nginx/", "-c", "nginx.conf",
                "-e", str(self.folder / "log" / "nginx-error.log"), *more]

    def check(self):
        """The result of nginx -t, warnings included."""
        return subprocess.run(self.command("-t"), env=ENVIRONMENT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def start(self):
        self.process = subprocess.Popen(self.command("-g", "daemon off;"), env=ENVIRONMENT)
        wait_until(self.answers, what="nginx")
        return self

    def up(self):
        self.render()
        return self.start()

    def answers(self):
        assert self.process.poll() is None, self.log("nginx-error")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def down(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, name):
        return (self.folder / "log" / f"{name}.log").read_text(errors="replace")


def owner_of(sockets):
    """The user who may open the workers' sockets; "" without root, as only root's nginx can choose a user."""
    if os.geteuid() != 0:
        return ""
    return pwd.getpwuid(os.stat(sockets or "/").st_uid).pw_name
