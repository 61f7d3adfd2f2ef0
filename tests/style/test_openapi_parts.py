"""The parts of the OpenAPI document (nginx/docs/parts): each fact once. ./dev test openapi compares a fresh bundle."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "nginx/docs/openapi.json").read_text())
PARTS = {path.name: path.read_text() for path in (ROOT / "nginx/docs/parts").glob("*.yaml")}
CATALOGUE = re.sub(r'"\s+"', "", (ROOT / "include/application/problems.def").read_text())
MEANINGS = dict(re.findall(r'^PROBLEM\(\w+,\s*\d+,\s*"(.+?)",\s*".+?",\s*"(.+?)"\)$', CATALOGUE, re.M))


def responses():
    """(operation, status, response), as the document has it."""
    for item in DOCUMENT["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for status, response in operation["responses"].items():
                    yield operation["operationId"], status, response


def test_no_problem_is_written_by_hand():
    """bundle.cjs makes problems from problems.def: status, title, meaning, headers and examples."""
    by_hand = re.compile(r"problem\+json:|^ +slug: [a-z]+-|/errors/[a-z]", re.M)
    assert len(PARTS) > 10 and [name for name, text in PARTS.items() if by_hand.search(text)] == []


def test_descriptions_of_problems_are_those_of_the_catalogue():
    """After a change in problems.def: npm ci && npm run openapi."""
    made = {"".join(word.capitalize() for word in slug.split("-")): text for slug, text in MEANINGS.items()}
    shown = {name: response["description"] for name, response in DOCUMENT["components"]["responses"].items()
             if name in made}
    assert len(shown) > 5 and shown == {name: made[name] for name in shown}


def test_what_every_operation_refuses_alike_is_told_once():
    alike = {"401", "403", "413", "415", "429", "500", "504"}
    assert [(name, status) for name, status, response in responses()
            if status in alike and "$ref" not in response] == []


def test_every_reference_names_its_place_in_the_document():
    refs = {ref for text in PARTS.values() for ref in re.findall(r"\$ref: '?([^' }]+)", text)}
    lost = []
    for ref in refs:
        kind, name = re.fullmatch(r"#/components/(\w+)/(\w+)", ref).groups()
        if name not in DOCUMENT["components"].get(kind, {}):
            lost.append(ref)
    assert len(refs) > 50 and lost == []


def test_slugs_are_a_type_of_their_own():
    schemas = DOCUMENT["components"]["schemas"]
    assert len(MEANINGS) > 30 and schemas["ProblemType"]["enum"] == list(MEANINGS)
    assert schemas["Problem"]["properties"]["slug"] == {"$ref": "#/components/schemas/ProblemType"}


def test_each_resource_has_one_part():
    """Each path and each operation is in one file only."""
    paths = [path for text in PARTS.values() for path in re.findall(r"^  (/\S*):$", text, re.M)]
    operations = [name for text in PARTS.values() for name in re.findall(r"operationId: (\w+)", text)]
    assert sorted(paths) == sorted(DOCUMENT["paths"])
    told = [event["post"]["operationId"] for event in DOCUMENT["webhooks"].values()]
    assert sorted(operations) == sorted({name for name, _, _ in responses()} | set(told))


def test_every_member_that_an_endpoint_reads_is_documented():
    """What one file reads is what some schemas of bodies have together; fields_money reads the amounts."""
    bodies = [set(schema["properties"]) for schema in DOCUMENT["components"]["schemas"].values()
              if schema.get("additionalProperties") is False]
    unknown, found = {}, 0
    for path in (ROOT / "src/infrastructure/api/endpoints").glob("*.c"):
        read = set(re.findall(r'\(&?fields, "(\w+)"', path.read_text()))
        whole = read | {"amount", "amountMinor"}
        unknown[path.name] = read - set().union(*(body for body in bodies if body <= whole))
        found += len(read)
    assert found > 10 and {name: members for name, members in unknown.items() if members} == {}
