"""What the tree promises: layers, sizes, no leftovers, documentation that is true."""
import pathlib
import re
import runpy
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tracked(*patterns):
    if (ROOT / ".git").exists():
        names = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", *patterns],
                               cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout.split()
        return [ROOT / name for name in names]
    return [p for pattern in patterns for p in (ROOT / pattern).rglob("*") if p.is_file()]


def sources(*folders):
    return [p for p in tracked("src", "include") if p.suffix in (".c", ".h", ".def")
            and any(str(p.relative_to(ROOT)).startswith(f) for f in folders or ("src", "include"))]


def test_domain_and_application_know_no_library():
    foreign = re.compile(r"#include *<(libpq-fe|jansson|curl/|openssl/|fcgiapp|fcgi_stdio|jwt|microhttpd)")
    inner = sources("src/base", "src/domain", "src/application", "include/")
    assert inner and [p for p in inner if foreign.search(p.read_text())] == []


def test_includes_only_point_inwards():
    rank = {"base": 0, "domain": 1, "application": 2, "infrastructure": 3}
    wrong = []
    for path in sources():
        layer = path.relative_to(ROOT).parts[1]
        for included in re.findall(r'#include "(\w+)/', path.read_text()):
            if rank.get(included, 0) > rank.get(layer, 9):
                wrong.append(f"{path.relative_to(ROOT)} includes {included}")
    assert wrong == []


def test_each_deliberate_bug_still_has_its_place():
    """./dev mutations is long and seldom run: what it breaks must stand where it says."""
    names = runpy.run_path(str(ROOT / "tests/mutations/mutations.py"))
    lost = [m.name for m in names["MUTATIONS"] if (ROOT / m.file).read_text().count(m.before) != 1]
    assert len(names["MUTATIONS"]) > 40 and lost == []


def test_no_markers_are_left_behind():
    marker = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|not implemented")
    assert [p for p in sources() if marker.search(p.read_text())] == []


def test_no_binary_floating_point_outside_the_sandbox():
    number = re.compile(r"\b(double|float|strtod|atof|json_real_value)\b")
    found = [p for p in sources() if "src/sandbox" not in str(p)
             and number.search(re.sub(r"/\*.*?\*/|//[^\n]*", "", p.read_text(), flags=re.S))]
    assert found == []


def test_the_trace_id_has_one_name_in_answers_and_logs():
    assert [p for p in sources() if re.search(r'LOG_TEXT\("trace_?id"', p.read_text())] == []


def test_functions_fit_on_a_screen():
    long_ones = []
    for path in sources("src"):
        start = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start > 70:
                    long_ones.append(f"{path.relative_to(ROOT)}:{start}")
                start = None
    assert long_ones == []


def test_no_line_runs_off_the_screen():
    wide = [f"{p.relative_to(ROOT)}:{n}" for p in sources()
            if p.suffix in (".c", ".h") for n, line in enumerate(p.read_text().splitlines(), 1)
            if len(line) > 120]
    assert wide == []


def test_every_program_has_a_man_page_that_names_its_options():
    for program in ("payapi-worker", "payapi-admin", "payapi-sandbox"):
        pages = list((ROOT / "man").glob(f"{program}.[18]"))
        assert len(pages) == 1, program


def test_every_setting_stands_in_the_example():
    text = (ROOT / "src/infrastructure/config.c").read_text()
    names = set(re.findall(r'"([A-Z]{4,}|[A-Z]+_[A-Z0-9_]+)"', text))
    example = (ROOT / "etc/payapi.env.example").read_text()
    listed = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.M))
    assert names and names - listed == set()
