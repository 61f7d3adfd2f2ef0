"""The OpenAPI document for typed clients: the types that a generator makes from it must hold every amount."""
import json
import pathlib
import random
import re
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "nginx/docs/openapi.json").read_text())
MINOR_MAX = 999_999_999_999
NO_SCHEMA_INSIDE = {"example", "examples", "value", "default"}


def objects(node, path=()):
    """Every object that may be a schema or hold one, with its place."""
    if isinstance(node, dict):
        if path[-1:] != ("properties",):
            yield path, node
        for name, member in node.items():
            if name not in NO_SCHEMA_INSIDE or path[-1:] == ("properties",):
                yield from objects(member, (*path, name))
    elif isinstance(node, list):
        for index, member in enumerate(node):
            yield from objects(member, (*path, str(index)))


def resolve(schema):
    while "$ref" in schema:
        target = DOCUMENT
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def types_of(schema):
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def body_members():
    """(name, schema) of every member that a client sends; the providers' webhook bodies are left out."""
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            if "/webhooks/" not in path and isinstance(operation, dict) and "requestBody" in operation:
                schema = resolve(operation["requestBody"]["content"]["application/json"]["schema"])
                for name, member in schema["properties"].items():
                    yield f"{operation['operationId']}.{name}", resolve(member)
                    if isinstance(member.get("additionalProperties"), dict):
                        yield f"{operation['operationId']}.{name}.*", member["additionalProperties"]


OBJECTS = [("/".join(path), node) for path, node in objects(DOCUMENT)]
SENT = [place for place, node in OBJECTS if re.match(r"components/(parameters|headers)/|.*/parameters/\d+", place)
        or re.match(r"components/schemas/(CreateOrder|Checkout|CreateRefund|Review)\b", place)]


# --- Numbers ------------------------------------------------------------------------------------

def test_every_number_says_how_large_it_gets():
    """Without a format, Go's generators choose int32 and float32. int32 is allowed only where the maximum fits."""
    wrong, seen = [], 0
    for place, node in OBJECTS:
        if "integer" in types_of(node):
            seen += 1
            if node.get("format") != "int64" and not (
                    node.get("format") == "int32" and node.get("maximum", 2 ** 31) < 2 ** 31):
                wrong.append(place)
        if "number" in types_of(node):
            seen += 1
            if node.get("format") != "double":
                wrong.append(place)
    assert seen > 80 and wrong == []


def test_minor_units_are_int64_within_the_bounds_of_money():
    minor = {place: node for place, node in OBJECTS if place.endswith("Minor") and "/properties/" in place}
    assert len(minor) > 15
    for place, node in minor.items():
        assert set(types_of(node)) - {"null"} == {"integer"} and node["format"] == "int64", place
        assert node["maximum"] == MINOR_MAX and node["minimum"] in (1, 0, -MINOR_MAX), place
        assert node["description"], place


def held(decimal, schema):
    """What a client generated from the document sends for the amount."""
    if schema.get("format") == "double":
        return repr(float(decimal))
    return repr(struct.unpack("f", struct.pack("f", float(decimal)))[0])        # Go's type for a bare number


def test_the_documented_type_holds_every_amount_exactly():
    amount = DOCUMENT["components"]["schemas"]["CreateOrder"]["properties"]["amount"]
    assert held("12345678.91", amount) == "12345678.91"         # a float32 client sends 12345679.0
    dice = random.Random(72)
    for _ in range(20_000):
        minor, exponent = dice.randint(1, MINOR_MAX), dice.choice([2, 2, 3, 4])
        decimal = f"{minor // 10 ** exponent}.{minor % 10 ** exponent:0{exponent}}"
        sent = held(decimal, amount)
        if "e" not in sent:                                     # below 0.0001: refused, not changed
            whole, _, fraction = sent.partition(".")
            assert int(whole + fraction.ljust(exponent, "0")[:exponent]) == minor, decimal


# --- Enums --------------------------------------------------------------------------------------

def test_values_of_a_list_have_a_type():
    wrong = [place for place, node in OBJECTS if ("enum" in node or "const" in node
                                                  or "x-extensible-enum" in node) and not types_of(node)]
    assert wrong == []


def test_lists_of_answers_are_open_and_described():
    """A closed list breaks a typed client on the first new value."""
    closed = [place for place, node in OBJECTS if isinstance(node.get("enum"), list) and place not in SENT]
    assert closed == ["components/schemas/ProblemType"]         # a type of its own in generated clients
    problem_type = DOCUMENT["components"]["schemas"]["ProblemType"]
    assert "pen list" in problem_type["description"]            # its values have pages under /errors/
    lists = [(place, node) for place, node in OBJECTS if "x-extensible-enum" in node]
    assert len(lists) > 15
    for place, node in lists:
        assert "pen list" in node["description"], place
        assert [v for v in node["x-extensible-enum"] if f"`{v}`" not in node["description"]] == [], place


def test_lists_are_those_of_the_domain():
    lists = {("Order", "status"): ("order", "ORDER_"), ("Refund", "status"): ("refund", "REFUND_(?!BY|OF|ELSE)"),
             ("Payment", "status"): ("payment", "PAYMENT_(?!OPEN|CLOSED)"),
             ("Refund", "origin"): ("refund", "REFUND_(?:BY|OF|ELSE)"),
             ("Dispute", "status"): ("dispute", "DISPUTE_(?!NONE)")}
    for (schema, member), (module, constant) in lists.items():
        source = (ROOT / f"src/domain/{module}.c").read_text()
        names = re.findall(rf'\[{constant}\w*\]\s*= "(\w+)"', source)
        shown = DOCUMENT["components"]["schemas"][schema]["properties"][member]["x-extensible-enum"]
        assert names and sorted(shown) == sorted(names), (schema, member)
    verdicts = re.findall(r'\[REVIEW_VERDICT_\w+\]\s*= \{ "(\w+)"',
                          (ROOT / "src/application/commands/review_payment.c").read_text())
    verdict = DOCUMENT["components"]["schemas"]["Review"]["properties"]["verdict"]
    assert verdicts and verdict["enum"] == verdicts
    assert [name for name in verdicts if f"`{name}`" not in verdict["description"]] == []


def test_currencies_and_providers_are_typed_alike_everywhere():
    wanted = {"currency": "Currency", "provider": "Provider"}
    found = 0
    for place, node in OBJECTS:
        name = node.get("name") if node.get("in") == "query" else place.rpartition("/properties/")[2]
        if name in wanted:
            found += 1
            schema = node["schema"] if "in" in node else node
            assert schema.get("$ref") == f"#/components/schemas/{wanted[name]}", place
    assert found > 10


# --- What is sent -------------------------------------------------------------------------------

def test_no_member_of_a_body_may_be_null_or_empty():
    members = dict(body_members())
    assert {"refundPayment.amount", "checkoutOrder.currency", "createOrder.metadata.*"} <= set(members)
    for name, schema in members.items():
        assert types_of(schema) and "null" not in types_of(schema), name
        if types_of(schema) == ["string"]:
            takes_empty = (schema.get("minLength", 0) == 0 and "enum" not in schema
                           and schema.get("format") not in ("email", "uri")
                           and re.search(schema.get("pattern", ""), "") is not None)
            assert not takes_empty, name


def test_bodies_are_plain_objects():
    """Some generators turn alternatives into a type without members."""
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            if "/webhooks/" not in path and isinstance(operation, dict) and "requestBody" in operation:
                schema = resolve(operation["requestBody"]["content"]["application/json"]["schema"])
                assert schema["type"] == "object" and schema["additionalProperties"] is False, path
                assert {"anyOf", "oneOf", "allOf"} & set(schema) == set(), path


def test_no_key_is_prefilled():
    """With a prefilled key, the second Execute in Swagger UI would be a replay of the first."""
    keys = [node for _, node in OBJECTS if node.get("name") == "Idempotency-Key"]
    assert len(keys) == 2
    assert [key for key in keys if {"example", "examples"} & (set(key) | set(key["schema"]))
            or "default" in key["schema"]] == []


def test_faults_of_a_query_are_named_by_parameter():
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            if isinstance(operation, list) or "requestBody" in operation or "422" not in operation["responses"]:
                continue
            for content in resolve(operation["responses"]["422"])["content"].values():
                for example in content["examples"].values():
                    for error in example["value"]["errors"]:
                        assert "parameter" in error or path.endswith(("/sync", "/cancel", "/stream-ticket")), path


def test_202_says_to_ask_and_not_to_repeat():
    found = 0
    for item in DOCUMENT["paths"].values():
        for operation in item.values():
            accepted = operation["responses"].get("202") if isinstance(operation, dict) else None
            if accepted:
                found += 1
                assert "`meta.statusUrl`" in accepted["description"] and "GET" in accepted["description"]
                assert "may be repeated" not in accepted["description"]
                meta = accepted["content"]["application/json"]["schema"]["properties"]["meta"]
                assert meta == {"$ref": "#/components/schemas/AcceptedMeta"}
    assert found == 4
