"""Each document names the scopes that there are, and each operation the scope that its route asks for."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import source_tables  # noqa: E402

SCOPES = source_tables.scopes()


def test_the_documents_list_the_scopes():
    shop, manual = (ROOT / "docs/shop.md").read_text(), (ROOT / "man/payapi-admin.1").read_text()
    assert re.findall(r"^\| `([a-z]+(?::[a-z]+)?)` \|", shop, re.M) == list(SCOPES.values())
    assert re.findall(r"^\.BR? ([a-z]+(?::[a-z]+)?)(?: ,)?$", manual.split(r"\fBkey create")[1].split(".TP")[0], re.M) \
        == list(SCOPES.values())


def test_each_operation_names_the_scope_of_its_route():
    needed = {(method, path): (access, SCOPES.get(constant)) for method, path, access, constant in
              re.findall(r'\{\s*"([A-Z]+)",\s*"([^"]+)",\s*(\w+),[^{]*?SCOPE_(\w+),', source_tables.routes())}
    paths = json.loads((ROOT / "nginx/docs/openapi.json").read_text())["paths"]
    told = {(method.upper(), re.sub(r"\{\w+\}", ":id", path)): operation["security"]
            for path, item in paths.items() for method, operation in item.items() if "responses" in operation}
    assert len(told) > 20
    for route, security in told.items():
        access, scope = needed[route]
        ticket = [{}] if access == "AUTH_TICKET" else []
        assert security == ([{"bearer": []}, {"apiKey": [scope]}] + ticket if scope else []), route
