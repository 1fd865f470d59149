"""Ways to look things up in the OpenAPI description."""

from drf_spectacular.generators import SchemaGenerator


def describe():
    return SchemaGenerator().get_schema(public=True)


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def operation(schema, call):
    return dict(operations(schema))[call]


def resolved(schema, part):
    """Follow a reference."""
    while "$ref" in part:
        _, *names = part["$ref"].split("/")
        part = schema
        for name in names:
            part = part[name]
    return part


def answers(schema, call):
    found = operation(schema, call)["responses"]
    return {int(status): resolved(schema, answer) for status, answer in found.items()}


def errors(schema, call):
    """Return the codes that are told of each error status."""
    return {
        status: sorted(answer["content"]["application/problem+json"]["examples"])
        for status, answer in answers(schema, call).items()
        if status >= 400
    }
