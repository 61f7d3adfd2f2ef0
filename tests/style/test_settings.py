"""A setting is described in several places: config.c's table is the truth, and the others must agree with it.

payapi.env(5) is made from etc/payapi.env.example (man/settings.awk), so the example stands for both.
"""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / "etc/payapi.env.example").read_text()
DOCUMENT = (ROOT / "docs/configuration.md").read_text()
RENDER = (ROOT / "nginx/render").read_text()
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.c")))
DEV = "\n".join(path.read_text() for path in [ROOT / "dev", *sorted((ROOT / "dev.d").glob("*.sh"))])


def preprocessed():
    """config.c with its constants expanded, wherever they are defined."""
    done = subprocess.run(["cc", "-E", "-P", "-D_GNU_SOURCE", "-Iinclude", "-Isrc", "src/infrastructure/config.c"],
                          cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def number(text):
    assert re.fullmatch(r"[\d\s()*+-]+", text), text
    return eval(text)


def read_table(code):
    """name -> kind, member of struct config, default, least and most"""
    rows = re.findall(r'\{\s*"([A-Z0-9_]+)",\s*(\w+),\s*__builtin_offsetof\s*\(\s*struct config,\s*(.*?)\),\s*'
                      r'"([^"]*)",\s*([^,]+),\s*([^,]+),[^}]*\}', code)
    return {name: (kind, member, default, number(least), number(most))
            for name, kind, member, default, least, most in rows}


CODE = preprocessed()
TABLE = read_table(CODE)
OTHERS = re.findall(r'"([A-Z_]+)"', re.search(r"names_of_others\[\] = \{(.*?)\}", CODE, re.S)[1])


def entries():
    """name -> default and the comment above it (settings in a row share one), as on the manual page"""
    found, comment, names_seen = {}, [], False
    for line in EXAMPLE[EXAMPLE.index("# --- "):].splitlines():
        setting = re.match(r"#?([A-Z][A-Z0-9_]*)=(.*)$", line)
        if setting:
            found[setting[1]] = (setting[2].strip("'"), " ".join(comment))
            names_seen = True
        elif line.startswith("# ---"):
            comment = []
        elif line.startswith("# "):
            comment = [line[2:]] if names_seen else [*comment, line[2:]]
            names_seen = False
    return found


ENTRIES = entries()
MISSING = ("not in etc/payapi.env.example", "not in etc/payapi.env.example")
each_setting = pytest.mark.parametrize("name", sorted(TABLE))


def test_the_example_has_every_setting_and_no_other():
    rows = re.search(r" settings\[\] = \{(.*?)\};", CODE, re.S)[1].count("__builtin_offsetof")
    assert len(TABLE) == rows > 40 and len(OTHERS) > 10
    assert {*TABLE, *OTHERS} - set(ENTRIES) == set(), "add it to etc/payapi.env.example"
    assert set(ENTRIES) - {*TABLE, *OTHERS} == set(), "no program reads it: see config.c"


@each_setting
def test_the_example_tells_the_default(name):
    assert ENTRIES.get(name, MISSING)[0] == TABLE[name][2]


@each_setting
def test_the_example_tells_what_is_allowed(name):
    kind, _, _, least, most = TABLE[name]
    comment = ENTRIES.get(name, MISSING)[1]
    told = {"INTEGER": rf"\b{least} to {most}\b", "SWITCH": r"\bon\b.*\boff\b", "LEVEL": "error, warn, info or debug"}
    assert re.search(told.get(kind, ""), comment), comment
    if kind.startswith("SECRET") and least > 0:
        assert re.search(rf"at least {least} bytes", comment, re.I), comment
    if kind == "SECRET_LIST":
        assert f"everal ({most}" in comment, comment


@each_setting
def test_somebody_reads_it(name):
    """Code outside the table uses its member of struct config; or nginx's site reads it, and programs only check it."""
    member = TABLE[name][1].rpartition(".")[2]
    read = re.search(rf"(?:\.|->|\bstruct \w+, ){member}\b", SOURCES) or re.search(rf"\b{name}\b", RENDER)
    assert read, f"nobody reads {member} of struct config"


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_the_programs_do_not_read_the_site_or_dev_does(name):
    assert re.search(rf"\b{name}\b", RENDER + DEV)


def test_the_site_has_the_defaults_that_the_example_tells():
    """The development site has fewer workers and connections than the production site, which is described."""
    told = {}
    for name, default in re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", RENDER):
        told.setdefault(name, set()).add(default)
    judged = {name: defaults for name, defaults in told.items() if name in ENTRIES and defaults - {""}}
    assert len(judged) >= 12
    assert {name: defaults for name, defaults in judged.items() if ENTRIES[name][0] not in defaults} == {}


def test_the_site_reads_no_other_setting():
    read = {*re.findall(r"\$\{([A-Z][A-Z_]+)[:-]", RENDER), *re.findall(r"\(needed ([A-Z_]+) ", RENDER)}
    assert read - set(ENTRIES) == {"SWAGGER_UI", "NGINX_VERSION"}       # not for a file of settings


@pytest.mark.parametrize("name", ["PORT", "RATE_LIMITS", "DATABASE_PORT", "DATABASE_NAME", "FAST_WORKERS",
                                  "PROVIDER_WORKERS"])
def test_dev_has_the_defaults_that_the_example_tells(name):
    assert re.search(rf"^ +{name}\) echo (.*) ;;$", DEV, re.M)[1] == ENTRIES[name][0]


def test_the_document_names_no_other_setting():
    names = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`", DOCUMENT))
    assert len(names) > 10
    assert {name for name in names if name.removesuffix("_FILE") not in ENTRIES and name not in ENTRIES} == set()


def test_the_document_tells_the_same_limits_and_defaults():
    told = {name: int(least) for name, least in re.findall(r"^\| `([A-Z_]+)` \| at least (\d+) bytes", DOCUMENT, re.M)}
    assert told == {name: least for name, (kind, _, _, least, _) in TABLE.items()
                    if kind.startswith("SECRET") and least > 0}
    assert f"| `{TABLE['JWT_ALGORITHM'][2]}` (default) |" in DOCUMENT
