"""The two sides of a comparison: wrk on a site, pgbench on its database; and the empty site."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import machine
from kinds import on_the_wire
from payapi_instance import ROOT, free_ports, wait_until

HERE = Path(__file__).resolve().parent
CONNECTIONS = 16
THREADS = 2
PROCESSES = {"fast": 8, "provider": 16}     # as ./dev starts them; of the empty site's pools too


def as_service(command):
    """./dev starts root's programs as this user; the empty site is no different."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=payapi", "--regid=payapi", "--init-groups", "--", *command]


class EmptySite:
    """The same nginx, with workers that do nothing behind both pools' sockets."""

    def __init__(self, settings):
        self.port = free_ports(1)
        self.folder = Path(tempfile.mkdtemp(prefix="payapi-empty-"))
        self.folder.chmod(0o755)
        for each in ("run", "log"):
            (self.folder / each).mkdir()
        environment = {**os.environ, **settings, "PORT": str(self.port), "NGINX_WORKERS": str(os.cpu_count())}
        subprocess.run([ROOT / "nginx" / "render", self.folder], check=True, env=environment)
        worker = self.folder / "empty_worker"
        subprocess.run(["gcc", "-O2", "-o", worker, HERE / "empty_worker.c", "-lfcgi"], check=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-hR", "payapi:payapi", self.folder], check=True)
        self.pools = [self.start_pool(worker, pool, count) for pool, count in PROCESSES.items()]
        self.nginx = self.start("nginx", "-p", f"{self.folder}/nginx/", "-c", "nginx.conf", "-e",
                                self.folder / "log" / "nginx-error.log", "-g", "daemon off;")

    def start_pool(self, worker, pool, count):
        socket = self.folder / "run" / f"{pool}.sock"
        started = self.start("spawn-fcgi", "-n", "-s", socket, "-M", "0600", "-b", "128", "--", worker, str(count))
        wait_until(socket.exists, what=f"the empty {pool} workers' socket")
        return started

    def start(self, *command):
        return subprocess.Popen(as_service([str(word) for word in command]), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                                env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})

    @property
    def parts(self):
        return {"nginx": [self.nginx.pid], "workers": [pool.pid for pool in self.pools]}

    def down(self):
        for program in (self.nginx, *self.pools):
            program.send_signal(signal.SIGTERM)
            program.wait()
        shutil.rmtree(self.folder)


def run_wrk(folder, port, requests, seconds, connections=CONNECTIONS):
    """What wrk.lua tells, and "failed": answers that are none, or not 2xx or 3xx."""
    prepared = Path(folder) / "requests"
    for thread in range(THREADS):
        share = requests[thread::THREADS] or requests
        Path(f"{prepared}.{thread}").write_bytes(b"\0".join(on_the_wire(r, port) for r in share))
    began = time.monotonic()
    run = subprocess.run(["wrk", "-t", str(THREADS), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
                          "-s", HERE / "wrk.lua", f"http://127.0.0.1:{port}/"], check=True, text=True,
                         stdout=subprocess.PIPE, env={**os.environ, "BENCH_REQUESTS": str(prepared)})
    told = json.loads(re.search(r"^BENCH (.*)$", run.stdout, re.M)[1])
    told["failed"] = sum(told["errors"].values())
    told["wall_s"] = time.monotonic() - began
    return told


class PgBench:
    """pgbench with a script. It would give up at what the product tries again: a lock that takes a second."""

    def __init__(self, payapi, file, options=(), database=None):
        settings = payapi.settings
        path = "public" if database else "payapi,pg_temp"
        self.command = ["pgbench", "-n", "-M", "prepared", "-f", file, *options, "-D", "i=-1"]
        self.environment = {**os.environ, "PGHOST": settings["DATABASE_HOST"], "PGPORT": settings["DATABASE_PORT"],
                            "PGUSER": "payapi", "PGDATABASE": database or settings["DATABASE_NAME"],
                            "PGOPTIONS": f"-c statement_timeout=60s -c lock_timeout=30s -c search_path={path}"
                                         " -c TimeZone=UTC -c enable_seqscan=off -c jit=off"
                                         " -c plan_cache_mode=force_generic_plan"}

    def run(self, numbers, seconds=None, clients=CONNECTIONS):
        """Each of the numbers once, or for some seconds any of them; transactions per second."""
        limit = ["-T", str(seconds)] if seconds else ["-t", str(len(numbers) // clients)]
        run = subprocess.run([*self.command, *limit, "-c", str(clients), "-j", str(min(THREADS, clients)),
                              "-D", f"first={numbers[0]}", "-D", f"last={numbers[-1]}", "-D", f"clients={clients}"],
                             env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert run.returncode == 0, run.stdout[-3000:]
        return float(re.search(r"^tps = ([0-9.]+)", run.stdout, re.M)[1])


def worker_memory(payapi, pool):
    return machine.mean(machine.pss_kib(pid) for pid in payapi.worker_pids(pool))
