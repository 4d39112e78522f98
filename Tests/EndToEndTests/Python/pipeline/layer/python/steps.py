"""What the steps of the pipeline share: each looks for its resource, makes it where it is missing, and says whether it
is there yet by returning, by `ResourcePending` or by `ResourceFailed`."""

import boto3

personalize = boto3.client("personalize")


class ResourcePending(Exception):
    """The resource is on its way; the state machine tries again."""


class ResourceFailed(Exception):
    """The resource will never be there."""


def arn(kind, name, region="us-east-1", account="000000000000"):
    return f"arn:aws:personalize:{region}:{account}:{kind}/{name}"


def settled(status, what):
    if status == "ACTIVE":
        return
    if status in ("CREATE PENDING", "CREATE IN_PROGRESS", "DELETE PENDING", "DELETE IN_PROGRESS"):
        raise ResourcePending(f"{what} is {status}")
    raise ResourceFailed(f"{what} is {status}")


def describe_or_create(describe, create):
    """The description of a resource; one that is missing is made, and is pending."""
    try:
        return describe()
    except personalize.exceptions.ResourceNotFoundException:
        create()
        raise ResourcePending("just asked for")
