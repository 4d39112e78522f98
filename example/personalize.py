"""From CSV files to recommendations with Amazon Personalize, as its developer guide does it.

Nothing here knows of Millrace: without --endpoint-url the program talks to AWS. The bucket must hold the folders
Interactions and Items of this example, and the role must be one that Personalize may assume:

    python3 example/personalize.py --endpoint-url http://127.0.0.1:8650 --bucket s3://films \\
        --role-arn arn:aws:iam::000000000000:role/any --poll 1

Credentials and region come from where boto3 looks for them. Prints one JSON object with what was seen.
"""

import argparse
import json
import time

import boto3

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--endpoint-url", help="where the service is, if not at AWS")
parser.add_argument("--bucket", required=True, help="where the data lies: s3://NAME")
parser.add_argument("--role-arn", required=True, help="the role that lets the service read the bucket")
parser.add_argument("--name", default="documented", help="how everything is called that is made")
parser.add_argument("--batch-input", help="a file of users in the bucket: s3://NAME/batch/users.json")
parser.add_argument("--poll", type=float, default=60, help="how many seconds to wait between two questions")
parser.add_argument("--keep", action="store_true", help="do not delete at the end what was made")
options = parser.parse_args()

personalize = boto3.client("personalize", endpoint_url=options.endpoint_url)
runtime = boto3.client("personalize-runtime", endpoint_url=options.endpoint_url)
events = boto3.client("personalize-events", endpoint_url=options.endpoint_url)
seen = {}


def wait(what, describe):
    """Asks until the resource is ACTIVE, for three hours at most."""
    deadline = time.time() + 3 * 60 * 60
    while time.time() < deadline:
        found = describe()
        if found["status"] == "ACTIVE":
            return found
        if "FAILED" in found["status"]:
            raise SystemExit(f"{what} failed: {found.get('failureReason')}")
        time.sleep(options.poll)
    raise SystemExit(f"{what} is not ACTIVE after three hours")


def wait_until_gone(describe):
    """Asks until the resource does not exist any more."""
    while True:
        try:
            describe()
        except personalize.exceptions.ResourceNotFoundException:
            return
        time.sleep(options.poll)


def make_dataset(group, kind, fields):
    """A schema and a dataset with the data of the folder that is named like its type."""
    schema = {
        "type": "record",
        "name": kind,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": fields,
        "version": "1.0",
    }
    name = f"{options.name}-{kind.lower()}"
    schema_arn = personalize.create_schema(name=name, schema=json.dumps(schema))["schemaArn"]
    dataset_arn = personalize.create_dataset(
        name=name, schemaArn=schema_arn, datasetGroupArn=group, datasetType=kind
    )["datasetArn"]
    wait("the dataset", lambda: personalize.describe_dataset(datasetArn=dataset_arn)["dataset"])
    job_arn = personalize.create_dataset_import_job(
        jobName=name,
        datasetArn=dataset_arn,
        dataSource={"dataLocation": f"{options.bucket}/{kind}/"},
        roleArn=options.role_arn,
    )["datasetImportJobArn"]
    wait(
        "the import",
        lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job_arn)["datasetImportJob"],
    )
    return schema_arn, dataset_arn


def make_filter(group, name, expression):
    filter_arn = personalize.create_filter(
        name=f"{options.name}-{name}", datasetGroupArn=group, filterExpression=expression
    )["filterArn"]
    wait("the filter", lambda: personalize.describe_filter(filterArn=filter_arn)["filter"])
    return filter_arn


# Import
group_arn = personalize.create_dataset_group(name=options.name)["datasetGroupArn"]
wait("the group", lambda: personalize.describe_dataset_group(datasetGroupArn=group_arn)["datasetGroup"])
interactions = make_dataset(
    group_arn,
    "Interactions",
    [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
        {"name": "TIMESTAMP", "type": "long"},
    ],
)
items = make_dataset(
    group_arn,
    "Items",
    [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TITLE", "type": ["null", "string"]},
        {"name": "GENRES", "type": ["null", "string"], "categorical": True},
        {"name": "YEAR", "type": ["null", "int"]},
    ],
)

# Train
solution_arn = personalize.create_solution(
    name=options.name,
    datasetGroupArn=group_arn,
    recipeArn="arn:aws:personalize:::recipe/aws-user-personalization",
    performAutoTraining=False,
)["solutionArn"]
wait("the solution", lambda: personalize.describe_solution(solutionArn=solution_arn)["solution"])
version_arn = personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
wait(
    "the version",
    lambda: personalize.describe_solution_version(solutionVersionArn=version_arn)["solutionVersion"],
)
seen["metrics"] = personalize.get_solution_metrics(solutionVersionArn=version_arn)["metrics"]

# Serve
campaign_arn = personalize.create_campaign(
    name=options.name,
    solutionVersionArn=version_arn,
    minProvisionedTPS=1,
    # Nothing is added to these films, so that none of them is new and to be explored.
    campaignConfig={
        "enableMetadataWithRecommendations": True,
        "itemExplorationConfig": {"explorationWeight": "0"},
    },
)["campaignArn"]
wait("the campaign", lambda: personalize.describe_campaign(campaignArn=campaign_arn)["campaign"])
answer = runtime.get_recommendations(campaignArn=campaign_arn, userId="42", numResults=10)
seen["items"] = [item["itemId"] for item in answer["itemList"]]
seen["scores"] = [item["score"] for item in answer["itemList"]]

# Filter
genres_arn = make_filter(group_arn, "genres", "INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)")
answer = runtime.get_recommendations(
    campaignArn=campaign_arn,
    userId="42",
    numResults=10,
    filterArn=genres_arn,
    filterValues={"GENRES": '"Comedy","Animation"'},
    metadataColumns={"ITEMS": ["GENRES"]},
)
# One column was asked for, so each item has one.
seen["genres"] = [genres for item in answer["itemList"] for genres in item["metadata"].values()]

# Events
tracker = personalize.create_event_tracker(name=options.name, datasetGroupArn=group_arn)
wait(
    "the tracker",
    lambda: personalize.describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"],
)
unseen_arn = make_filter(group_arn, "unseen", 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("rating")')


def unseen():
    answer = runtime.get_recommendations(campaignArn=campaign_arn, userId="42", numResults=10, filterArn=unseen_arn)
    return [item["itemId"] for item in answer["itemList"]]


watched = unseen()[0]
events.put_events(
    trackingId=tracker["trackingId"],
    userId="42",
    sessionId="session-1",
    eventList=[
        {
            "eventId": "event-1",
            "eventType": "rating",
            "eventValue": 5.0,
            "itemId": watched,
            "sentAt": time.time(),
            "recommendationId": answer["recommendationId"],
        }
    ],
)
deadline = time.time() + 20 * 60
while watched in unseen():
    if time.time() > deadline:
        raise SystemExit("the event has no effect after twenty minutes")
    time.sleep(options.poll)
seen["watched"], seen["unseen"] = watched, unseen()

# Batch
if options.batch_input:
    batch_arn = personalize.create_batch_inference_job(
        jobName=options.name,
        solutionVersionArn=version_arn,
        roleArn=options.role_arn,
        numResults=10,
        jobInput={"s3DataSource": {"path": options.batch_input}},
        jobOutput={"s3DataDestination": {"path": f"{options.bucket}/recommendations/"}},
    )["batchInferenceJobArn"]
    job = wait(
        "the batch job",
        lambda: personalize.describe_batch_inference_job(batchInferenceJobArn=batch_arn)["batchInferenceJob"],
    )
    seen["batch"] = job["jobOutput"]["s3DataDestination"]["path"]

# What was made is deleted in the order that the service asks for.
if not options.keep:
    personalize.delete_campaign(campaignArn=campaign_arn)
    wait_until_gone(lambda: personalize.describe_campaign(campaignArn=campaign_arn))
    for filter_arn in (genres_arn, unseen_arn):
        personalize.delete_filter(filterArn=filter_arn)
    personalize.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
    wait_until_gone(lambda: personalize.describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"]))
    personalize.delete_solution(solutionArn=solution_arn)
    wait_until_gone(lambda: personalize.describe_solution(solutionArn=solution_arn))
    for schema_arn, dataset_arn in (interactions, items):
        personalize.delete_dataset(datasetArn=dataset_arn)
        wait_until_gone(lambda: personalize.describe_dataset(datasetArn=dataset_arn))
        personalize.delete_schema(schemaArn=schema_arn)
    personalize.delete_dataset_group(datasetGroupArn=group_arn)
    wait_until_gone(lambda: personalize.describe_dataset_group(datasetGroupArn=group_arn))
    seen["groups"] = [group["name"] for group in personalize.list_dataset_groups()["datasetGroups"]]

print(json.dumps(seen))
