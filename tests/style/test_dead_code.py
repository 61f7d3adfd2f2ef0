"""The product uses everything it declares: a function that only tests call must be maintained for nothing."""
import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Tests measure with these, or use them to walk a table that they could not see otherwise.
FOR_TESTS = {"arena_footprint_bytes", "currency_table", "merkle_path_leads_to", "store_commits", "store_round_trips"}


def without_comments(path):
    return re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", " ", path.read_text(), flags=re.S)


def files(*suffixes):
    return [path for folder in ("include", "src") for path in sorted((ROOT / folder).rglob("*"))
            if path.suffix in suffixes]


def declared_functions():
    """Functions declared in headers at the left edge; those that a macro declares are not among them."""
    declaration = re.compile(r"^(?!typedef|static|#|extern)\w[\w \t*]*?\b(\w+)\([^;{]*\)[^;{]*;", re.M)
    return {name for path in files(".h") for name in declaration.findall(without_comments(path))}


def words_in(texts):
    return collections.Counter(word for text in texts for word in re.findall(r"\w+", text))


def test_every_declared_function_has_a_caller_in_the_product():
    """A name occurs once where the function is defined, and once more where it or a macro calls it."""
    macros = [macro for path in files(".h") for macro in re.findall(r"^#define(?:.*\\\n)*.*", path.read_text(), re.M)]
    words = words_in([without_comments(path) for path in files(".c", ".def")] + macros)
    declared = declared_functions()
    assert len(declared) > 500 and FOR_TESTS <= declared
    assert {name for name in declared - FOR_TESTS if words[name] < 2} == set()


def test_every_macro_of_a_header_is_used():
    tests = [path.read_text() for path in (ROOT / "tests").rglob("*.[ch]")]
    words = words_in([without_comments(path) for path in files(".c", ".h", ".def")] + tests)
    macros = {name for path in files(".h") for name in re.findall(r"^# *define +(\w+)", path.read_text(), re.M)}
    assert len(macros) > 100
    assert {name for name in macros if words[name] < 2} == set()


def test_every_domain_event_is_announced():
    rows = re.findall(r"^DOMAIN_EVENT\((\w+),", (ROOT / "include/domain/domain_events.def").read_text(), re.M)
    words = words_in([without_comments(path) for path in files(".c")])
    assert len(rows) > 10
    assert [name for name in rows if words[f"DOMAIN_EVENT_{name}"] == 0] == []
