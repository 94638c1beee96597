"""Checks the properties of a private resource type in templates against its schema.

cfn-lint does not since 1.43.0 (pull request 4319). Needs cfn-lint and jsonschema. Values that are intrinsic functions
are not checked, since they are known only when the stack is deployed.

usage: python3 check_properties.py SCHEMA TEMPLATE...
"""

import json
import sys

from cfnlint.decode import decode
from jsonschema import Draft7Validator


def is_intrinsic(value):
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def problems_of(properties, schema):
    """What is wrong with the properties of one resource."""
    unknown = {name for name, value in properties.items() if is_intrinsic(value)}
    validator = Draft7Validator(
        {
            "type": "object",
            "definitions": schema.get("definitions", {}),
            "properties": schema["properties"],
            "required": [name for name in schema.get("required", []) if name not in unknown],
            "additionalProperties": schema.get("additionalProperties", True),
        }
    )
    known = {name: value for name, value in properties.items() if name not in unknown}
    misspelled = sorted(unknown - set(schema["properties"])) if not schema.get("additionalProperties", True) else []
    return [error.message for error in validator.iter_errors(known)] + [f"'{name}' is unknown" for name in misspelled]


def main(schema_path, *template_paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    found = 0
    for path in template_paths:
        template, errors = decode(path)
        messages = [f"{path}: {error.message}" for error in errors]
        for name, resource in (template or {}).get("Resources", {}).items():
            if resource.get("Type") == schema["typeName"]:
                problems = problems_of(resource.get("Properties", {}), schema)
                messages += [f"{path}: {name}: {problem}" for problem in problems]
        for message in messages:
            print(message)
        found += len(messages)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
