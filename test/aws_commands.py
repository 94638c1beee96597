"""Checks AWS CLI commands against botocore's models: one a line on standard input, what is wrong on standard output."""

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
    ("s3", "cp"): set(),
    ("s3", "mb"): set(),
    ("s3", "rb"): {"force"},
}
# Services that the AWS CLI calls otherwise than botocore.
RENAMED = {"s3api": "s3"}
SESSION = botocore.session.get_session()


def options_of(service, operation, arguments):
    if (service, operation) in CUSTOM:
        return CUSTOM[service, operation]
    client = SESSION.create_client(RENAMED.get(service, service), region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
    if operation == "wait":
        waiter = client.get_waiter(arguments[0].replace("-", "_"))
        name = waiter.config.operation
    else:
        name = client.meta.method_to_api_mapping[operation.replace("-", "_")]
    members = client.meta.service_model.operation_model(name).input_shape.members
    flags = {xform_name(member).replace("_", "-") for member in members}
    return flags | {"no-" + flag for flag in flags}


for command in sys.stdin.read().splitlines():
    program, service, operation, *arguments = shlex.split(command)
    try:
        known = options_of(service, operation, arguments) | GLOBAL
    except Exception as error:  # whatever botocore says is the finding
        print(f"{command}: {error!r}")
        continue
    for argument in arguments:
        if argument.startswith("--") and argument[2:] not in known:
            print(f"{command}: {argument} is not known")
