"""Rules of the whole tree: layers, sizes, no leftovers, true documentation."""
import re
import runpy

from tree import ROOT, functions, tracked


def sources(*folders):
    return tracked(folders or ("src", "include"), (".c", ".h", ".def"))


def test_domain_and_application_know_no_library():
    foreign = re.compile(r"#include *<(libpq-fe|jansson|curl/|openssl/|fcgiapp|fcgi_stdio|jwt|microhttpd)")
    inner = sources("src/base", "src/domain", "src/application", "include")
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


def test_a_store_function_stands_in_the_file_that_its_header_names():
    """Whoever looks for a function that store_orders.h declares opens store_orders.c."""
    elsewhere = []
    for header in tracked("include/application/store", ".h"):
        source = ROOT / "src/infrastructure/postgres" / f"{header.stem}.c"
        declared = re.findall(r"\b(store_\w+)\(", re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S))
        defined = re.findall(r"^\w.*\b(store_\w+)\(", source.read_text(), flags=re.M) if declared else []
        elsewhere += [f"{header.name}: {name}" for name in declared if name not in defined]
    assert elsewhere == []


def test_each_deliberate_bug_still_has_its_place():
    """./dev mutations takes long and is run rarely, so check here that its patterns still fit the sources."""
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
    assert [f"{path.relative_to(ROOT)}:{first}" for path in sources("src")
            for first, last in functions(path) if last - first > 70] == []


def test_no_line_runs_off_the_screen():
    wide = [f"{p.relative_to(ROOT)}:{n}" for p in sources()
            if p.suffix in (".c", ".h") for n, line in enumerate(p.read_text().splitlines(), 1)
            if len(line) > 100]
    assert wide == []


# --- Providers ------------------------------------------------------------------------------------------

ADAPTERS = "src/infrastructure/providers"
PROVIDERS = re.findall(r"^PROVIDER\(\w+, (\w+),", (ROOT / "include/application/providers.def").read_text(), re.M)


def test_a_provider_is_told_once():
    """Besides its adapter and its sandbox, only providers.def and the build's list name it. Comments use Stripe."""
    assert {p.name for p in (ROOT / ADAPTERS).iterdir() if p.is_dir()} == {*PROVIDERS, "shared"}
    places = {"include/application/providers.def", f"{ADAPTERS}/local.mk",
              *(str(p.relative_to(ROOT)) for name in PROVIDERS for p in tracked(f"{ADAPTERS}/{name}"))}
    named = {str(p.relative_to(ROOT)) for p in tracked("src", "include")
             if re.search("|".join(PROVIDERS[1:]), p.read_text(), re.I)
             and not str(p.relative_to(ROOT)).startswith(("src/sandbox/", "src/bin/sandbox.c"))}
    assert named - places == set()


# --- Settings ---------------------------------------------------------------------------------------

CONFIG = (ROOT / "src/infrastructure/config.c").read_text()
EXAMPLE = (ROOT / "etc/payapi.env.example").read_text()
SETTING = re.compile(r'\{ "([A-Z0-9_]+)",\s+([A-Z_]+),\s+AT\(\w+\),\s+"([^"]*)",\s+(\w+), (\w+), \w+ \}')
PROVIDER_SETTING = re.compile(r'^PROVIDER_SETTING\(\w+, "([A-Z0-9_]+)", (\w+), \w+, "([^"]*)", (\w+), (\w+)\)$', re.M)


def settings():
    """name: (kind, default, least, most), as config.c and providers.def have them."""
    of_providers = (ROOT / "include/application/providers.def").read_text()
    rows = SETTING.findall(CONFIG) + PROVIDER_SETTING.findall(of_providers)
    assert len(rows) == len(re.findall(r",\s+AT\(\w+\)", CONFIG)) + of_providers.count("\nPROVIDER_SETTING(")
    numbers = dict(re.findall(r"^#define (\w+) +(\d+)$", CONFIG, re.M))
    return {name: (kind, default, numbers.get(least, least), numbers.get(most, most))
            for name, kind, default, least, most in rows}


def examples():
    """name: (default, the comment above)."""
    found = {}
    for comment, lines in re.findall(r"((?:^# .*\n)+)((?:^#?[A-Z][A-Z0-9_]+=.*\n)+)", EXAMPLE, re.M):
        found |= {name: (default, comment) for name, default in re.findall(r"^#?(\w+)=(.*)$", lines, re.M)}
    return found


def test_the_example_has_every_setting_and_no_other():
    others = re.search(r"names_of_others\[\] = \{(.*?)\};", CONFIG, re.S)[1]
    render = (ROOT / "nginx/render").read_text()
    of_render = {*re.findall(r"\$\{([A-Z][A-Z_]+)[:-]", render), *re.findall(r"\(needed ([A-Z_]+) ", render)}
    assert set(examples()) == {*settings(), *re.findall(r'"(\w+)"', others)}
    assert of_render - set(examples()) == {"SWAGGER_UI", "NGINX_VERSION"}      # not for a file of settings


def test_the_example_has_the_defaults_and_ranges_of_the_program():
    wrong = []
    for name, (kind, default, least, most) in settings().items():
        shown, comment = examples()[name]
        if shown != default:
            wrong.append(f"{name}={shown}, not {default}")
        if kind == "INTEGER" and (least, most) not in [("1", "65535"), ("0", "1000000")] \
                and f"{least} to {most}" not in comment.replace("\n#", ""):
            wrong.append(f"{name}: {least} to {most}")
    assert wrong == []
