"""What `make install` brings besides programs, and what configure says when something is missing."""
import filecmp
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path(os.environ["PAYAPI_PREFIX"])
DOCUMENTS = PREFIX / "share/doc/payapi"


def test_documents_and_the_example_are_installed():
    documents = [*(ROOT / f"{each}.md" for each in ("README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY")), ROOT / "LICENSE",
                 *(path for path in [ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*")] if path.is_file())]
    for path in documents:
        assert filecmp.cmp(path, DOCUMENTS / path.relative_to(ROOT), shallow=False), path
    assert filecmp.cmp(ROOT / "etc/payapi.env.example", DOCUMENTS / "examples/payapi.env.example", shallow=False)


def test_only_the_invariants_of_this_version_are_installed():
    """payapi-admin checks each file in that folder; one of an earlier version would ask for tables that are gone."""
    installed = PREFIX / "share/payapi/sql/invariants"
    assert sorted(p.name for p in installed.iterdir()) == sorted(p.name for p in (ROOT / "sql/invariants").iterdir())


# --- The example as it is meant to be used ----------------------------------------------------------

def test_the_example_is_taken_with_every_line_switched_on(tmp_path):
    """What has no # there is what everybody must fill in."""
    text = (DOCUMENTS / "examples/payapi.env.example").read_text()
    filled, secrets = re.subn(r"^([A-Z][A-Z0-9_]*)=$", r"\1=a_value_of_at_least_32_bytes_for_\1", text, flags=re.M)
    lines, defaults = re.subn(r"^#([A-Z][A-Z0-9_]*=)", r"\1", filled, flags=re.M)
    assert secrets >= 3 and defaults > 40
    file = tmp_path / "payapi.env"
    file.write_text(lines)
    file.chmod(0o600)
    answer = subprocess.run([PREFIX / "bin/payapi-admin", "--config", file, "config", "check"], env={}, text=True,
                            capture_output=True)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "OK\n", "")


# --- The site ---------------------------------------------------------------------------------------

def rendered(program, folder, *options):
    environment = {"PATH": os.environ["PATH"], "NGINX_VERSION": "1.26.3", "SERVER_NAME": "pay.example.com",
                   "TLS_CERTIFICATE": "/tls/fullchain.pem", "TLS_CERTIFICATE_KEY": "/tls/privkey.pem"}
    subprocess.run([program, *options, folder], env=environment, check=True)
    return {str(path.relative_to(folder)): path.read_text().replace(str(folder), "STATE")
            for path in folder.rglob("*") if path.is_file()}


def test_the_installed_program_makes_the_same_site_as_the_source_tree(tmp_path):
    for options in [], ["--production"]:
        installed = rendered(PREFIX / "sbin/payapi-render-site", tmp_path / "installed", *options)
        assert installed == rendered(ROOT / "nginx/render", tmp_path / "source", *options)
        assert {"nginx/nginx.conf", "nginx/limits.conf", "www/docs/openapi.json", "www/errors/index.html"} <= set(installed)


def test_a_moved_prefix_still_makes_a_site(tmp_path):
    moved = tmp_path / "moved"
    subprocess.run(["cp", "-a", PREFIX, moved], check=True)
    assert rendered(moved / "sbin/payapi-render-site", tmp_path / "site")["nginx/nginx.conf"]


# --- configure --------------------------------------------------------------------------------------

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
    text = (ROOT / "dev.d" / "packages.sh").read_text()
    packages = set(re.search(r"^build_packages='(.*?)'", text, re.M | re.S)[1].split())
    assert packages - {"autoconf", "automake", "autoconf-archive"} == LIBRARIES | TOOLS
