"""How each installed program is called: help, version, and a wrong command line, which is 64 everywhere."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path(os.environ["PAYAPI_PREFIX"])
VERSION = re.search(r"AC_INIT\(\[payapi\], \[(.+?)\]", (ROOT / "configure.ac").read_text())[1]
MISUSED = 64

PROGRAMS = {path.name: path for folder in ("bin", "sbin") for path in (PREFIX / folder).iterdir()}


def run(*words):
    """A call such as run("payapi-admin", "token"); with no settings but what finds the programs."""
    program = PROGRAMS.get(words[0], ROOT / words[0])
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.run([str(program), *words[1:]], env=environment, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=30)


def commands():
    """Each command of payapi-admin with its arguments, as its help lists them; long ones are folded."""
    usage = re.sub(r"\n {12}", " ", run("payapi-admin", "--help").stdout)
    listed = re.findall(r"^  ((?:[a-z]+ ?)+)(?<! )(?: (.*))?$", usage, re.M)
    return {("payapi-admin", *name.split()): arguments for name, arguments in listed}


COMMANDS = commands()
# The first word of several commands, unless it is one itself.
GROUPS = sorted({command[:2] for command in COMMANDS if len(command) == 3} - set(COMMANDS))
CALLS = [("nginx/render",), *((name,) for name in sorted(PROGRAMS)), *GROUPS, *COMMANDS]
each_call = pytest.mark.parametrize("call", CALLS, ids=" ".join)


def refused(call, *words):
    """The complaint: one line on standard error, which leads to the help."""
    answer = run(*call, *words)
    assert (answer.returncode, answer.stdout) == (MISUSED, ""), answer
    assert answer.stderr.startswith(f"{call[0]}: ") and answer.stderr.endswith(" --help)\n"), answer
    assert answer.stderr.count("\n") == 1
    return answer.stderr


def test_all_programs_and_commands_are_here():
    assert set(PROGRAMS) == {"payapi-admin", "payapi-deliver", "payapi-jobs", "payapi-render-site", "payapi-sandbox", "payapi-stream",
                             "payapi-worker"}
    known = re.findall(r'\.name = "(.+)",', "".join(path.read_text() for path in
                                                    (ROOT / "src/infrastructure/cli").glob("*.c")))
    assert {" ".join(command[1:]) for command in COMMANDS} == set(known) and len(known) >= 14
    assert GROUPS == [("payapi-admin", group) for group in ("audit", "config", "endpoint", "key", "payment",
                                                              "webhook")]


@each_call
def test_help_goes_to_standard_output(call):
    long, short = run(*call, "--help"), run(*call, "-h")
    assert (long.returncode, long.stderr) == (0, "")
    assert (short.returncode, short.stdout, short.stderr) == (0, long.stdout, "")
    assert long.stdout.startswith(f"Usage: {call[0]} ") and "--version" in long.stdout
    assert "Exit status: 64 for a wrong command line" in long.stdout
    assert max(map(len, long.stdout.splitlines())) <= 100
    if len(call) > 1:
        assert " ".join(call[1:]) in long.stdout


@each_call
def test_the_version_is_that_of_the_release(call):
    answer = run(*call, "--version")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"{call[0]} {VERSION}\n", "")


@each_call
def test_a_wrong_option_is_named_without_its_value(call):
    assert "unknown option --fly (" in refused(call, "--fly")
    assert "unknown option -x (" in refused(call, "-x")
    if "render" not in call[0]:                         # whose options have no values
        assert "unknown option --fly (" in refused(call, "--fly=secret")


def options_with_value():
    """Each call with each of its own options, as lines of its help begin with them."""
    return [(call, option) for call in CALLS
            for option in re.findall(r"^  (--[a-z-]+) [A-Za-z]\S*  ", run(*call, "--help").stdout, re.M)
            if option != "--config" or len(call) == 1]


def test_an_option_without_its_value_is_named():
    found = options_with_value()
    assert len(found) >= 28 and (("payapi-admin", "token"), "--role") in found
    for call, option in found:
        assert f"{option} needs a value (" in refused(call, option)


@pytest.mark.parametrize("call, option", [(("payapi-worker",), "--check"), (("payapi-jobs",), "--check"),
                                          (("payapi-stream",), "--check"), (("payapi-deliver",), "--check"),
                                          (("payapi-admin", "webhook", "replay"), "--dry-run"),
                                          (("payapi-admin", "payment", "list"), "--needs-review")])
def test_a_value_without_its_option_is_refused(call, option):
    assert f"{option} takes no value (" in refused(call, f"{option}=secret")


@each_call
def test_an_argument_too_many_is_named(call):
    if call == ("payapi-admin",) or call in GROUPS:
        assert "unknown command '" in refused(call, "fly")
        return
    takes_one = "render" in call[0] or re.search(r"(^|\] |[A-Z] )[A-Z]+$", COMMANDS.get(call, ""))
    words = ["one"] if takes_one else []
    assert "unexpected argument 'surplus'" in refused(call, *words, "surplus")


@pytest.mark.parametrize("call, missing", [
    ("nginx/render", "STATE, the folder to write, is missing"),
    ("payapi-render-site --production", "STATE, the folder to write, is missing"),
    ("payapi-worker", "--pool fast or --pool provider is missing"),
    ("payapi-admin", "a command is missing"),
    ("payapi-admin audit", "a second word is missing after 'audit'"),
    ("payapi-admin token --role user", "--sub SUBJECT is missing"),
    ("payapi-admin token --sub alice", "--role user, shop or admin is missing"),
    ("payapi-admin audit keygen", "FILE is missing"),
    ("payapi-admin payment sync", "--id PAYMENT is missing"),
    ("payapi-admin payment review --reason x", "--id PAYMENT is missing"),
    ("payapi-admin payment review --id pay_1", "--reason TEXT is missing"),
    ("payapi-admin webhook show", "EVENT is missing"),
    ("payapi-admin webhook replay --dry-run", "EVENT is missing"),
])
def test_what_is_missing_is_named(call, missing):
    words = call.split()
    assert f": {missing} (" in refused(words[:1], *words[1:])


@pytest.mark.parametrize("call, complaint", [
    (["payapi-worker", "--pool", "slow"], "--pool must be fast or provider, not 'slow'"),
    (["payapi-worker", "--pool", "fast", "--workers", "0"], "--workers must be a whole number from 1 to 512, not '0'"),
    (["payapi-worker", "--pool", "fast", "--recycle", "1x"], "--recycle must be a whole number from 1 to"),
    (["payapi-worker", "--pool", "fast", "--recycle-memory", ""], "--recycle-memory must be a whole number from 1 to"),
    (["payapi-admin", "token", "--role", "king"], "--role must be user, shop or admin, not 'king'"),
    (["payapi-admin", "token", "--ttl", "1w"], "--ttl must be like 90s, 15m, 1h or 30d, not '1w'"),
    (["payapi-admin", "audit", "export", "--to", "now"], "--to must be like 2026-11-23T09:15:27Z, not 'now'"),
    (["payapi-admin", "audit", "verify", "--checkpoints", "/dev/null"], "'/dev/null' cannot be read, or has no"),
])
def test_a_wrong_value_is_named(call, complaint):
    assert complaint in refused(call[:1], *call[1:])


@pytest.mark.parametrize("call", ["payapi-worker --pool fast --check", "payapi-jobs --check", "payapi-sandbox",
                                  "payapi-admin config check", "payapi-render-site --production /nonexistent/site"])
def test_a_missing_setting_is_named_with_another_status(call):
    answer = run(*call.split())
    assert (answer.returncode, answer.stdout) == (78, "")
    assert re.match(rf"{call.split()[0]}: \S*.*\b[A-Z]+(_[A-Z]+)+\)?:? is missing.*\n$", answer.stderr), answer.stderr
