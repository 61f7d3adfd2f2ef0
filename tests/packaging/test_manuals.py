"""The installed manual pages: whole as groff prints them, true to the programs, and leading to each other."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = pathlib.Path(os.environ["PAYAPI_PREFIX"])
PAGES = {path.name: path for path in (PREFIX / "share/man").glob("man?/*")}
PROGRAMS = {path.name: path for folder in ("bin", "sbin") for path in (PREFIX / folder).iterdir()}
each_page = pytest.mark.parametrize("page", sorted(PAGES))


def printed(page):
    """Plain text, wide enough that no tag is folded; and what groff has to complain about."""
    done = subprocess.run(["groff", "-ww", "-man", "-Tascii", "-rLL=200n", "-P-cbou", str(PAGES[page])],
                          capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def tags(page):
    """What stands at the left edge of a section's text, as the tags of its paragraphs do."""
    return re.findall(r"^ {7}(\S.*)$", printed(page)[0], re.M)


def options_in(text):
    return set(re.findall(r"(?<![\w-])(?:--[a-z][a-z-]+|-h\b)", text))


def usage_of(program, *command):
    """What -h says; --help says the same."""
    texts = {subprocess.run([str(PROGRAMS[program]), *command, asked], capture_output=True, text=True, check=True).stdout
             for asked in ("-h", "--help")}
    [text] = texts
    return text


def described_options(page):
    return options_in("\n".join(tag for tag in tags(page) if tag.startswith("-")))


def commands_of_admin():
    """As the summary lists them: "audit verify [--checkpoints FILE]"."""
    return re.findall(r"^  ([a-z].*)$", re.sub(r"\n {12}", " ", usage_of("payapi-admin")), re.M)


def test_every_program_has_a_page_and_so_have_the_settings():
    assert {page.rpartition(".")[0] for page in PAGES} == {*PROGRAMS, "payapi.env"}


@each_page
def test_groff_has_nothing_to_complain_about(page):
    text, complaints = printed(page)
    assert complaints == ""
    for section in ("NAME", "DESCRIPTION", "SEE ALSO"):
        assert re.search(rf"^{section}$", text, re.M), section


@each_page
def test_no_tag_is_broken(page):
    broken = [tag for tag in tags(page) if tag.count("[") != tag.count("]") or tag.count("{") != tag.count("}")]
    assert len(tags(page)) > 5 and broken == []


@each_page
def test_pages_lead_to_each_other(page):
    """To all of ours, to no other of that name, sorted by section and name."""
    named = re.findall(r"([\w.-]+)\((\d)\)", re.sub(r"-\n\s+", "-", printed(page)[0].split("\nSEE ALSO\n")[1]
                                                    .rpartition("\npayapi ")[0]))
    ours = {(name, section) for name, _, section in (other.rpartition(".") for other in PAGES if other != page)}
    assert ours <= set(named)
    assert {name for name, _ in named if name.startswith("payapi")} == {name for name, _ in ours}
    assert named == sorted(named, key=lambda other: (other[1], other[0]))


@pytest.mark.parametrize("program", sorted(set(PROGRAMS) - {"payapi-admin"}))
def test_a_page_has_the_options_of_its_program(program):
    page = next(page for page in PAGES if page.startswith(f"{program}."))
    described = described_options(page)
    assert described == options_in(usage_of(program)) and {"-h", "--help", "--version"} <= described


def test_the_page_of_payapi_admin_has_its_commands():
    commands = commands_of_admin()
    assert len(commands) >= 14
    assert [tag for tag in tags("payapi-admin.1") if tag in commands] == commands


def test_the_page_of_payapi_admin_has_every_option_of_every_command():
    """The tag of a command names its options; those that all commands have stand among the options."""
    common = {"--config", "-h", "--help", "--version"}
    assert common <= described_options("payapi-admin.1")
    for tag in commands_of_admin():
        name = re.match(r"[a-z]+(?: [a-z]+)*", tag)[0].split()
        assert options_in(usage_of("payapi-admin", *name)) == options_in(tag) | common, tag


def test_the_page_of_payapi_admin_has_every_verdict():
    code = (ROOT / "src/application/commands/review_payment.c").read_text()
    verdicts = set(re.findall(r"^ +\[REVIEW_VERDICT_[A-Z_]+\] += \{ \"(\w+)\"", code, re.M))
    described = set(re.findall(r"^ {14}([a-z_]+)(?: |$)", printed("payapi-admin.1")[0], re.M))
    assert len(verdicts) >= 6 and verdicts <= described


def test_statuses_of_a_wrong_command_line_and_setting_are_told():
    for page in sorted(PAGES):
        if page != "payapi.env.5":
            assert {"64", "78"} <= {tag.split()[0] for tag in tags(page)}, page


# --- The settings -----------------------------------------------------------------------------------

EXAMPLE = (ROOT / "etc/payapi.env.example").read_text()


def test_the_page_of_the_settings_has_them_all_with_their_defaults():
    listed = [tag for tag in tags("payapi.env.5") if re.match(r"[A-Z][A-Z0-9_]+( \(|$)", tag)]
    assert len(listed) > 50
    assert listed == [f"{name} ({default})" if default else name
                      for name, default in re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, re.M)]


def test_the_page_of_the_settings_explains_each_of_them():
    words = " ".join(printed("payapi.env.5")[0].split())
    comments = EXAMPLE[EXAMPLE.index("# --- "):]
    for line in re.findall(r"^# ([^-].*)$", comments, re.M):
        assert line.replace("`", "") in words, line
