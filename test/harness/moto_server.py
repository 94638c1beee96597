"""Moto on loopback: Amazon ECS, Amazon EC2 and Auto Scaling, over HTTP as its own server has them.

POST /state sets what moto's API cannot: members of a container instance, of its EC2 instance, its Auto Scaling group, and
the owner of its subnet. Prints its port and ends with its standard input.
"""

import os
import sys
import threading
from datetime import datetime

from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

ACCOUNT_ID = os.environ["MOTO_ACCOUNT_ID"]
MOTO = DomainDispatcherApplication(create_backend_app)


class Quiet(WSGIRequestHandler):
    def log(self, type, message, *args):
        pass


@Request.application
def set_state(request):
    try:
        return change_state(request.get_json())
    except Exception as error:
        return Response(f"{type(error).__name__}: {error}", status=500)


def change_state(body):
    if "managedProvider" in body:
        return add_managed_provider(**body)
    ecs = ecs_backends[ACCOUNT_ID][body["region"]]
    ec2 = ec2_backends[ACCOUNT_ID][body["region"]]
    instance = ec2.get_instance(body["instanceId"])
    for members in ecs.container_instances.values():
        for container_instance in members.values():
            if container_instance.ec2_instance_id == instance.id:
                for name, value in body.get("containerInstance", {}).items():
                    is_time = name == "registered_at"
                    setattr(container_instance, name, datetime.fromisoformat(value) if is_time else value)
                if body.get("awsvpc"):
                    attach_interfaces(ecs, container_instance.container_instance_arn)
    for name, value in body.get("ec2", {}).items():
        setattr(instance, name, value)
    if "autoScalingGroup" in body:
        # A tag that only AWS sets.
        ec2.tags[instance.id]["aws:autoscaling:groupName"] = body["autoScalingGroup"]
    if "subnetOwner" in body:
        subnet = ec2.get_subnet(instance.subnet_id)
        # Moto computes the owner; a subnet of another account is never in this one's list.
        subnet.__class__ = type("Shared", (type(subnet),), {"owner_id": body["subnetOwner"]})
    return Response("{}")


def add_managed_provider(region, managedProvider):
    ecs = ecs_backends[ACCOUNT_ID][region]
    provider = ecs.create_capacity_provider(managedProvider, {}, None)
    provider.type = "MANAGED_INSTANCES"
    return Response("{}")


def attach_interfaces(ecs, arn):
    """Tasks of StartTask, for which moto refuses network mode awsvpc."""
    for tasks in ecs.tasks.values():
        for task in tasks.values():
            if task.container_instance_arn == arn:
                task.attachments = [{"type": "ElasticNetworkInterface", "status": "ATTACHED", "details": []}]


def application(environ, start_response):
    return (set_state if environ["PATH_INFO"] == "/state" else MOTO)(environ, start_response)


server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.port, flush=True)
sys.stdin.read()
