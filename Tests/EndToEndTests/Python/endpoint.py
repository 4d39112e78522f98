"""Trains and serves a recipe of the user's with boto3, and asks it as SageMaker's runtime and Personalize's would.

Usage: endpoint.py ENDPOINT s3://BUCKET/FOLDER/ RECIPE
Prints one JSON object with what it saw.
"""

import json
import sys
import time

import boto3
import botocore.exceptions

endpoint, location, recipe = sys.argv[1:4]
common = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="local", aws_secret_access_key="local")
personalize = boto3.client("personalize", **common)
runtime = boto3.client("personalize-runtime", **common)
sagemaker = boto3.client("sagemaker-runtime", **common)

SCHEMA = {
    "type": "record", "name": "Interactions", "namespace": "com.amazonaws.personalize.schema",
    "fields": [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"},
               {"name": "TIMESTAMP", "type": "long"}],
    "version": "1.0",
}


def settled(describe, member):
    while True:
        found = describe()[member]
        if found["status"] == "ACTIVE":
            return found
        if "FAILED" in found["status"]:
            sys.exit(f"{member}: {found}")
        time.sleep(0.1)


group = personalize.create_dataset_group(name="boxed")["datasetGroupArn"]
settled(lambda: personalize.describe_dataset_group(datasetGroupArn=group), "datasetGroup")
schema = personalize.create_schema(name="boxed", schema=json.dumps(SCHEMA))["schemaArn"]
dataset = personalize.create_dataset(
    name="boxed", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions")["datasetArn"]
settled(lambda: personalize.describe_dataset(datasetArn=dataset), "dataset")
job = personalize.create_dataset_import_job(
    jobName="boxed", datasetArn=dataset, dataSource={"dataLocation": location},
    roleArn="arn:aws:iam::000000000000:role/any")["datasetImportJobArn"]
settled(lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job), "datasetImportJob")
names = [found["name"] for found in personalize.list_recipes()["recipes"]]
solution = personalize.create_solution(
    name="boxed", datasetGroupArn=group, recipeArn=f"arn:aws:personalize:::recipe/{recipe}",
    performAutoTraining=False)["solutionArn"]
settled(lambda: personalize.describe_solution(solutionArn=solution), "solution")
version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
settled(lambda: personalize.describe_solution_version(solutionVersionArn=version), "solutionVersion")
campaign = personalize.create_campaign(name="boxed", solutionVersionArn=version)["campaignArn"]
settled(lambda: personalize.describe_campaign(campaignArn=campaign), "campaign")

answer = runtime.get_recommendations(campaignArn=campaign, userId="1", numResults=4)
ranking = runtime.get_personalized_ranking(campaignArn=campaign, userId="1", inputList=["i3", "i1"])
raw = sagemaker.invoke_endpoint(EndpointName="boxed", ContentType="text/csv", Body="1,i3")
try:
    sagemaker.invoke_endpoint(EndpointName="boxed", ContentType="application/json", Body="{}")
    failed = None
except sagemaker.exceptions.ModelError as error:
    failed = {"status": error.response["OriginalStatusCode"], "message": error.response["OriginalMessage"]}
try:
    sagemaker.invoke_endpoint(EndpointName="absent", Body="{}")
    absent = None
except botocore.exceptions.ClientError as error:
    absent = error.response["Error"]["Code"]
print(json.dumps({
    "listed": recipe in names,
    "items": [item["itemId"] for item in answer["itemList"]],
    "ranking": [item["itemId"] for item in ranking["personalizedRanking"]],
    "raw": raw["Body"].read().decode(), "contentType": raw["ContentType"], "variant": raw["InvokedProductionVariant"],
    "metrics": personalize.get_solution_metrics(solutionVersionArn=version)["metrics"],
    "failed": failed, "absent": absent,
}))
