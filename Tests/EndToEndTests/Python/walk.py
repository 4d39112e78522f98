"""Walks create -> import -> train -> campaign -> recommend with boto3, as a program written for AWS would.

Usage: walk.py ENDPOINT s3://BUCKET/FOLDER/
Prints one JSON object with what it saw.
"""

import json
import sys
import time

import boto3
import botocore.exceptions

endpoint, location = sys.argv[1:3]
common = dict(
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local",
)
personalize = boto3.client("personalize", **common)
runtime = boto3.client("personalize-runtime", **common)

SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}
seen = {}


def wait(describe, *path):
    """Polls as the documentation's examples do, until the status is final."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        value = describe()
        for key in path:
            value = value[key]
        if value["status"] == "ACTIVE":
            return value
        if "FAILED" in value["status"]:
            raise SystemExit(f"failed: {value}")
        time.sleep(0.1)
    raise SystemExit("still not ACTIVE after two minutes")


schema = personalize.create_schema(name="walk-schema", schema=json.dumps(SCHEMA))["schemaArn"]
group = personalize.create_dataset_group(name="walk")["datasetGroupArn"]
wait(lambda: personalize.describe_dataset_group(datasetGroupArn=group), "datasetGroup")
dataset = personalize.create_dataset(
    name="walk-interactions", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
)["datasetArn"]
wait(lambda: personalize.describe_dataset(datasetArn=dataset), "dataset")
job = personalize.create_dataset_import_job(
    jobName="walk-import",
    datasetArn=dataset,
    dataSource={"dataLocation": location},
    roleArn="arn:aws:iam::000000000000:role/any",
)["datasetImportJobArn"]
wait(lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job), "datasetImportJob")
solution = personalize.create_solution(
    name="walk-solution",
    datasetGroupArn=group,
    recipeArn="arn:aws:personalize:::recipe/aws-user-personalization",
)["solutionArn"]
wait(lambda: personalize.describe_solution(solutionArn=solution), "solution")
version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
wait(lambda: personalize.describe_solution_version(solutionVersionArn=version), "solutionVersion")
seen["metrics"] = personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
campaign = personalize.create_campaign(name="walk-campaign", solutionVersionArn=version, minProvisionedTPS=1)[
    "campaignArn"
]
wait(lambda: personalize.describe_campaign(campaignArn=campaign), "campaign")

answer = runtime.get_recommendations(campaignArn=campaign, userId="1", numResults=10)
seen["items"] = [item["itemId"] for item in answer["itemList"]]
seen["scores"] = [item["score"] for item in answer["itemList"]]
seen["recommendationId"] = answer["recommendationId"]
seen["groups"] = [g["name"] for g in personalize.list_dataset_groups()["datasetGroups"]]
seen["created"] = personalize.describe_campaign(campaignArn=campaign)["campaign"]["creationDateTime"].isoformat()
try:
    personalize.describe_campaign(campaignArn=campaign + "-missing")
except personalize.exceptions.ResourceNotFoundException as error:
    seen["missing"] = error.response["Error"]["Code"]
try:
    personalize.create_dataset_group(name="walk")
except botocore.exceptions.ClientError as error:
    seen["exists"] = error.response["Error"]["Code"]
print(json.dumps(seen))
