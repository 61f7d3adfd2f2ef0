"""Every document that the code cites exists in the tree and has the cited section."""
import fnmatch
import re

from tree import ROOT, name, tracked

FOREIGN = {"config.md"}                         # PgBouncer's
PAGE = re.compile(r"(?<![\w./-])((?:[\w-]+/)*[\w-]+\.md)\b((?: sections?|,)? [\d.]+(?:(?: to |-| and |, )[\d.]+)*)?")
ELSEWHERE = re.compile(r"\b(RELIABILITY|SPEC|PLATFORM|DESIGN)\b(?:\.md| section| \d| [A-Z]\d)")


def sources():
    return [p for p in tracked(("src", "include", "tests", "sql"), (".c", ".h", ".def", ".py", ".sql"))
            if p.name != "test_citations.py" and "tests/production/" not in name(p)]


def sections(page):
    return re.findall(r"^#+ ([\d.]+?)\.? ", page.read_text(), re.M)


def cited():
    """(where, page, section) of each document that a source cites; section is "" when it cites none."""
    for path in sources():
        for page, numbers in PAGE.findall(path.read_text()):
            for number in re.findall(r"\d[\d.]*", numbers) or [""]:
                yield name(path), page, number.rstrip(".")


def test_cited_documents_exist():
    found = list(cited())
    assert len(found) > 40
    assert {(where, page) for where, page, _ in found if page not in FOREIGN and not (ROOT / page).is_file()} == set()


def test_cited_sections_exist():
    assert {(where, page, number) for where, page, number in cited()
            if number and page.startswith("docs/") and number not in sections(ROOT / page)} == set()


def test_no_document_of_elsewhere_is_cited():
    assert [name(p) for p in sources() if ELSEWHERE.search(p.read_text())] == []


# --- CONTRIBUTING's recipes -------------------------------------------------------------------------

def files_of_the_recipes():
    """Each file, folder and test that they name, and its pattern: X, NAME, WHAT and RESOURCE stand for any name."""
    recipes = (ROOT / "CONTRIBUTING.md").read_text().split("## Recipes")[1]
    for token in re.findall(r"`([\w./*-]+)`", recipes):
        if re.search(r"/|\.(c|h|def|mk|py|sql|json|yaml)$|^test_", token):
            pattern = re.sub(r"(?<![A-Z])(X|NAME|WHAT|RESOURCE)(?![A-Z])", "*", token.rstrip("/"))
            yield token, pattern if "." in token else pattern + "*"


def test_the_recipes_name_what_is_there():
    files = [path.relative_to(ROOT) for path in tracked("")]
    names = {f"/{each}" for path in files for each in (path, *path.parents)}
    found = list(files_of_the_recipes())
    assert len(found) > 60
    assert [token for token, pattern in found if not fnmatch.filter(names, f"*/{pattern}")] == []
