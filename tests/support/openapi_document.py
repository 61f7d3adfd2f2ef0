"""The OpenAPI document, read as a client reads it."""
import json
import re

from payapi_instance import ROOT

DOCUMENT = json.loads((ROOT / "nginx/docs/openapi.json").read_text())


def resolve(schema):
    while "$ref" in schema:
        target = DOCUMENT
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def parts_of(schema, value):
    """Every schema that applies to the value; of alternatives, the one whose members it has."""
    schema = resolve(schema)
    parts = [schema] if "properties" in schema or "type" in schema else []
    for part in schema.get("allOf", []):
        parts += parts_of(part, value)
    for part in schema.get("oneOf", []):
        if all(set(piece.get("required", [])) <= set(value) for piece in parts_of(part, value)):
            return parts + parts_of(part, value)
    return parts


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
         "null": type(None)}
LIMITS = {"int32": 2 ** 31 - 1, "int64": 2 ** 63 - 1}


def is_of_type(value, name):
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def faults_of(schema, value, where="$"):
    """The places where the value does not match the schema; undocumented members are faults too."""
    parts = parts_of(schema, value)
    for part in parts:
        yield from faults_of_scalar(part, value, where)
    if isinstance(value, list):
        for index, item in enumerate(value):
            for part in parts:
                yield from faults_of(part.get("items", {}), item, f"{where}[{index}]")
    known = {name: member for part in parts for name, member in part.get("properties", {}).items()}
    if isinstance(value, dict) and known:
        required = {name for part in parts for name in part.get("required", [])}
        yield from (f"{where}.{name} is missing" for name in required - set(value))
        for name, member in value.items():
            if name in known:
                yield from faults_of(known[name], member, f"{where}.{name}")
            else:
                yield f"{where}.{name} is not documented"


def faults_of_scalar(schema, value, where):
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_of_type(value, name) for name in types):
        yield f"{where} = {value!r} is no {types}"
    if value is None:
        return
    if "const" in schema and value != schema["const"]:
        yield f"{where} = {value!r} is not {schema['const']!r}"
    if value not in schema.get("enum", schema.get("x-extensible-enum", [value])):
        yield f"{where} = {value!r} is not in the list"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{where} = {value!r} does not fit {schema['pattern']}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        limit = LIMITS.get(schema.get("format"), float("inf"))
        if not schema.get("minimum", -limit) <= value <= min(limit, schema.get("maximum", limit)):
            yield f"{where} = {value!r} is out of its bounds"


def has_members_of(schema, example, real):
    """Whether the example has exactly the real answer's members; the contents of a map may differ."""
    parts = parts_of(schema, example) if schema else []
    known = {name: member for part in parts for name, member in part.get("properties", {}).items()}
    if isinstance(example, dict) and isinstance(real, dict):
        return not known or set(example) == set(real) and all(
            has_members_of(known[name], example[name], real[name]) for name in example)
    if isinstance(example, list) and isinstance(real, list):
        items = next((part["items"] for part in parts if "items" in part), {})
        return all(any(has_members_of(items, e, r) for r in real) for e in example)
    if example is None or real is None:
        return True
    return isinstance(example, (int, float)) == isinstance(real, (int, float)) and (
        isinstance(example, (int, float)) or type(example) is type(real))


def examples():
    """(operation, status, media type, schema, name, value)."""
    for item in DOCUMENT["paths"].values():
        for method, operation in item.items():
            if method not in ("get", "post", "patch", "delete"):
                continue
            for status, response in operation["responses"].items():
                for media_type, content in resolve(response).get("content", {}).items():
                    for name, example in content.get("examples", {}).items():
                        yield (operation["operationId"], int(status), media_type, content["schema"], name,
                               example["value"])
