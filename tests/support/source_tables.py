"""The tables in the source that tests compare with documents: providers and routes."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROVIDERS = re.findall(r"^PROVIDER\(\w+, (\w+),", (ROOT / "include/application/providers.def").read_text(), re.M)


def scopes():
    """The name of each scope by its constant, without SCOPE_."""
    return dict(re.findall(r'^SCOPE\((\w+), "(.+)"\)$', (ROOT / "include/domain/scopes.def").read_text(), re.M))


def routes():
    """The rows of routes.c as text, with one row per provider in place of the row of all webhooks."""
    text = (ROOT / "src/infrastructure/api/endpoints/routes.c").read_text()
    rows = re.findall(r'^ +\{ "POST", "/api/v1/webhooks/" #name,.*?\},$', text, re.M | re.S)
    assert len(rows) == 1
    return text.replace(rows[0], "\n".join(rows[0].replace('" #name', f'{name}"') for name in PROVIDERS))
