"""Checks that boto3 finds the profile and the credentials that `cfn` will use.

Usage: aws_session.py PROFILE REGION, PROFILE empty if it was not given. Prints on stderr what is missing.
"""

import sys

import boto3
from botocore.exceptions import BotoCoreError

profile, region = (argument or None for argument in sys.argv[1:])
try:
    session = boto3.Session(profile_name=profile, region_name=region)
    if session.get_credentials() is None:
        sys.exit(
            "There are no AWS credentials. Give --profile, set AWS_PROFILE or the environment variables "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with the AWS CLI (aws configure)."
        )
except BotoCoreError as error:
    sys.exit(f"{error}. Check --profile, AWS_PROFILE and the AWS CLI's configuration (aws configure list).")
