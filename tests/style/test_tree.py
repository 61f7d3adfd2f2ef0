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


def test_every_statement_is_in_the_list_at_the_end_of_its_file():
    """Whatever is not in a list is not prepared."""
    missing, found = [], 0
    for path in (ROOT / "src/infrastructure/postgres").glob("store_*.c"):
        text = path.read_text()
        lists = "".join(re.findall(r"\*const \w+_statements\[\] = \{(.*?)\};", text, re.S))
        defined = re.findall(r"^static const struct pg_statement (\w+) = \{", text, re.M)
        missing += [f"{path.name}: &{name}" for name in defined if not re.search(rf"&{name}\b", lists)]
        found += len(defined)
    assert found > 100 and missing == []


def test_nginx_sends_what_may_wait_for_a_provider_to_that_pool():
    """What routes.c gives to POOL_PROVIDER, and nothing else, has the location and the limits of that pool."""
    text = (ROOT / "src/infrastructure/api/endpoints/routes.c").read_text()
    routes = re.findall(r'\{ "([A-Z]+)", +"(/[^"]+)",\s+AUTH_\w+,\s+(POOL_\w+)', text)
    site, limits = [(ROOT / "nginx" / name).read_text() for name in ("site.inc.in", "limits.conf")]
    location = re.search(r"^location ~ (\S+) \{(?:[^}]*)fastcgi_pass provider;", site, re.M)[1]
    money = re.search(r'^ +"~(\S+)" +money;$', limits, re.M)[1]
    wrong = []
    for method, path, pool in routes:
        path = path.replace(":id", "a-1")
        if (pool == "POOL_PROVIDER") != bool(re.search(location, path)):
            wrong.append(f"{pool}: {path} in nginx/site.inc.in")
        if (pool == "POOL_PROVIDER") != bool(re.search(money, f"{method}:{path}")):
            wrong.append(f"{pool}: {method} {path} in nginx/limits.conf")
    assert len(routes) > 20 and wrong == []


def test_the_manual_page_names_what_periodic_jobs_log():
    source = (ROOT / "src/infrastructure/jobs/jobs_periodic.c").read_text()
    page = (ROOT / "man/payapi-jobs.8").read_text()
    for_humans = (ROOT / "docs/operations.md").read_text()
    logged = re.findall(r'log_event\(([^"]*?), "(\w+)"', source)
    assert len(logged) > 2
    assert [event for _, event in logged if not re.search(rf"\b{event}\b", page)] == []
    assert [event for level, event in logged if "ERROR" in level and f"`{event}`" not in for_humans] == []


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
