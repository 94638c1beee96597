"""Checks AWS CLI commands against botocore's models.

Reads one command per line from standard input, and prints what is wrong on standard output.
"""

import itertools
import json
import shlex
import sys

import botocore.session
from botocore import xform_name

GLOBAL = {"region", "profile", "output", "query", "endpoint-url"}
# The AWS CLI's own commands, which no model describes (AWS CLI command reference).
CUSTOM = {
    ("cloudformation", "deploy"): {
        "template-file", "stack-name", "capabilities", "parameter-overrides",
    },
    ("s3", "cp"): {"recursive", "exclude", "include"},
    ("s3", "mb"): set(),
    ("s3", "rb"): {"force"},
}
# Services whose names in the AWS CLI and in botocore differ.
RENAMED = {"s3api": "s3"}
SESSION = botocore.session.get_session()


def shapes_of(service, operation, arguments):
    """The options of a command. For each, the shape of its value, or None where no model describes it."""
    if (service, operation) in CUSTOM:
        return dict.fromkeys(CUSTOM[service, operation])
    name = RENAMED.get(service, service)
    client = SESSION.create_client(name, region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
    if operation == "wait":
        waiter = client.get_waiter(arguments[0].replace("-", "_"))
        method = waiter.config.operation
    else:
        method = client.meta.method_to_api_mapping[operation.replace("-", "_")]
    shape = client.meta.service_model.operation_model(method).input_shape
    members = shape.members if shape else {}
    flags = {xform_name(member).replace("_", "-"): member_shape for member, member_shape in members.items()}
    return flags | dict.fromkeys("no-" + flag for flag in flags)


def problems_of(shape, values):
    """What is wrong with the values of one option: unknown members of structures, and unknown enumerated values."""
    if shape is None or not values or values[0].startswith("file://"):
        return []
    if values[0][0] in "{[" and shape.type_name in ("structure", "list"):
        return problems_of_json(shape, json.loads(values[0]))
    if shape.type_name == "list":
        return [problem for value in values for problem in problems_of(shape.member, [value])]
    if shape.type_name == "structure":
        pairs = (pair.partition("=") for pair in values[0].split(","))
        return problems_of_json(shape, {key: value for key, _, value in pairs})
    return problems_of_json(shape, values[0])


def problems_of_json(shape, value):
    if shape.type_name == "structure" and isinstance(value, dict):
        unknown = [f"{shape.name} has no member {key}" for key in value if key not in shape.members]
        known = [(shape.members[key], member) for key, member in value.items() if key in shape.members]
        return unknown + [problem for member, inner in known for problem in problems_of_json(member, inner)]
    if shape.type_name == "list" and isinstance(value, list):
        return [problem for inner in value for problem in problems_of_json(shape.member, inner)]
    if getattr(shape, "enum", None) and value not in shape.enum:
        return [f"{shape.name} has no value {value}"]
    return []


for command in sys.stdin.read().splitlines():
    program, service, operation, *arguments = shlex.split(command.partition(" > ")[0])
    try:
        known = shapes_of(service, operation, arguments)
    except Exception as error:  # any error of botocore is a finding
        print(f"{command}: {error!r}")
        continue
    for position, argument in enumerate(arguments):
        if not argument.startswith("--"):
            continue
        name = argument[2:]
        if name not in known and name not in GLOBAL:
            print(f"{command}: {argument} is not known")
        values = list(itertools.takewhile(lambda value: not value.startswith("--"), arguments[position + 1 :]))
        for problem in problems_of(known.get(name), values):
            print(f"{command}: {argument}: {problem}")
