"""Runs `cfn` with STS at AWS_ENDPOINT_URL. The CLI itself always uses the public address of STS."""

import os
import sys

from rpdk.core import boto_helpers
from rpdk.core.cli import main

boto_helpers.get_service_endpoint = lambda service, region: os.environ["AWS_ENDPOINT_URL"]
sys.exit(main())
