"""`cfn` with STS at AWS_ENDPOINT_URL, where the CLI takes no address but the public one that it computes."""

import os
import sys

from rpdk.core import boto_helpers
from rpdk.core.cli import main

boto_helpers.get_service_endpoint = lambda service, region: os.environ["AWS_ENDPOINT_URL"]
sys.exit(main())
