"""What configure says when something is missing."""
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def configure(folder, **environment):
    folder.mkdir()
    answer = subprocess.run([ROOT / "configure", "--quiet"], cwd=folder, env={**os.environ, **environment}, text=True,
                            capture_output=True)
    assert answer.returncode == 1
    return set(re.search(r"^configure: error: missing or too old, on Debian: apt-get install (.*)$", answer.stderr,
                         re.M)[1].split())


LIBRARIES = {"libpq-dev", "libssl-dev", "libjansson-dev", "libcurl4-openssl-dev", "libjwt-dev", "libmicrohttpd-dev",
             "libseccomp-dev", "libcmocka-dev"}
TOOLS = {"gcc", "libc6-dev", "libfcgi-dev", "make", "pkg-config"}


def test_configure_names_the_packages_of_all_missing_libraries_at_once(tmp_path):
    assert configure(tmp_path / "build", PKG_CONFIG_LIBDIR=str(tmp_path / "nothing")) == LIBRARIES


def test_configure_names_missing_tools_beside_them(tmp_path):
    """A machine without compiler, make and pkg-config: only what the shell of configure needs is in its path."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("awk", "basename", "cat", "chmod", "cp", "date", "diff", "dirname", "echo", "env", "expr", "grep",
                 "hostname", "install", "ln", "ls", "mawk", "mkdir", "mv", "rm", "rmdir", "sed", "sh", "sleep", "sort",
                 "touch", "tr", "uname"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    assert configure(tmp_path / "build", PATH=str(tools), CC="") == LIBRARIES | TOOLS


def test_configure_knows_the_packages_that_dev_installs():
    text = (ROOT / "dev").read_text()
    packages = set(re.search(r"^build_packages='(.*?)'", text, re.M | re.S)[1].split())
    assert packages - {"autoconf", "automake", "autoconf-archive"} == LIBRARIES | TOOLS
