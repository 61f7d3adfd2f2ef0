"""The installed units: sound, tight, and no tighter than the programs' own sandbox needs."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path(os.environ["PAYAPI_PREFIX"])
UNITS = PREFIX / "lib/systemd/system"
SERVICES = ("payapi-worker@.service", "payapi-jobs.service", "payapi-stream.service",
            "payapi-deliver.service")
EXPOSURE_MAX = 2.0


def analyze(*arguments, check=True):
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], check=check, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def exposure(unit):
    report = analyze("security", "--offline=true", str(unit))
    return float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", report)[1])


def settings_of(text, name):
    return re.findall(rf"^{name}=(.*)$", text, re.M)


def test_every_unit_is_installed_with_the_paths_of_the_configuration():
    names = {path.name for path in UNITS.iterdir()}
    assert names == {"payapi-worker@.service", "payapi-worker@.socket", "payapi-jobs.service",
                     "payapi-deliver.service", "payapi-stream.service", "payapi-stream.socket", "payapi.target"}
    for service in SERVICES:
        text = (UNITS / service).read_text()
        assert not re.search(r"@\w+@", text), service
        program = pathlib.Path(settings_of(text, "ExecStart")[0].split()[0])
        assert program.is_file() and os.access(program, os.X_OK), program
        assert program.parent.parent == PREFIX.resolve() or program.parent.parent == PREFIX
    assert (PREFIX / "lib/sysusers.d/payapi.conf").read_text().splitlines()[-1].startswith("u payapi ")


def test_systemd_finds_no_fault_in_them():
    units = [UNITS / "payapi-worker@fast.service", UNITS / "payapi-worker@provider.service",
             UNITS / "payapi-worker@fast.socket", UNITS / "payapi-jobs.service",
             UNITS / "payapi-deliver.service", UNITS / "payapi-stream.service", UNITS / "payapi-stream.socket", UNITS / "payapi.target"]
    assert analyze("verify", "--man=no", *map(str, units)).strip() == ""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_hardly_exposed(service, tmp_path):
    assert exposure(UNITS / service) <= EXPOSURE_MAX
    # And the measure measures: without the fence it is another service.
    text = (UNITS / service).read_text()
    bare = tmp_path / service
    bare.write_text(text[:text.index("NoNewPrivileges=")] + text[text.index("[Install]"):])
    assert exposure(bare) > 5


def test_nginx_and_nobody_else_may_connect():
    for name in ("payapi-worker@", "payapi-stream"):
        text = (UNITS / f"{name}.socket").read_text()
        assert settings_of(text, "SocketMode") == ["0660"] and settings_of(text, "SocketGroup") == ["www-data"]
        assert settings_of((UNITS / f"{name}.service").read_text(), "StandardInput") == ["socket"]


def test_every_secret_is_a_credential_and_none_is_in_the_environment():
    for service in SERVICES:
        text = (UNITS / service).read_text()
        loaded = {value.split(":")[0] for value in settings_of(text, "LoadCredential")}
        named = dict(value.split("=", 1) for value in settings_of(text, "Environment") if "_FILE=" in value)
        assert {path.removeprefix("%d/") for path in named.values()} == loaded
        assert not [value for value in settings_of(text, "Environment")
                    if re.match(r"\w*(SECRET|KEY|PASSWORD)\w*=", value) and "_FILE=" not in value]


# --- The fence and the sandbox within it ------------------------------------------------------------

def calls_of(names):
    """Groups, with groups in them, to the names of system calls."""
    calls = set()
    for name in names:
        if name.startswith("@"):
            lines = analyze("syscall-filter", name).splitlines()[1:]
            calls |= calls_of([line.strip() for line in lines if line.strip() and "#" not in line])
        else:
            calls.add(name)
    return calls


def test_the_fence_lets_through_what_the_sandbox_does():
    code = (ROOT / "src/infrastructure/hardening/seccomp.c").read_text()
    tables = code[code.index("int allowed[]"):code.index("int allowed_to_writers[]")]
    needed = set(re.findall(r"SCMP_SYS\((\w+)\)", tables)) | set(re.findall(r"  RULE\((\w+),", code))
    # To confine itself; and the master: forks, waits, signals, becomes its successor.
    needed |= {"prctl", "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
               "clone", "clone3", "execve", "wait4", "kill", "rt_sigtimedwait", "alarm", "dup2", "tgkill"}
    assert len(needed) > 80
    for service in SERVICES:
        allowed, refused = [value.split() for value in
                            settings_of((UNITS / service).read_text(), "SystemCallFilter")]
        assert refused[0].startswith("~")
        refused = calls_of([refused[0][1:], *refused[1:]])
        assert needed - (calls_of(allowed) - refused) == set()
