"""Every statement is in the list at the end of its file: only what is listed is checked against the schema."""
import re

from tree import name, tracked

ON_EVERY_CONNECTION = {"session_settings", "schema_version"}       # each new connection runs them


def unlisted(path):
    text = path.read_text()
    listed = set(re.findall(r"&(\w+)", "".join(re.findall(r"_statements\[\] = \{(.*?)\};", text, re.S))))
    return set(re.findall(r"^(?:static )?const struct pg_statement (\w+) = \{", text, re.M)) - listed


def test_every_statement_is_in_the_list_of_its_file():
    paths = [path for path in tracked(("src",), (".c",)) if "const struct pg_statement" in path.read_text()]
    assert len(paths) > 20
    assert {f"{name(path)}: {each}" for path in paths for each in unlisted(path) - ON_EVERY_CONNECTION} == set()
