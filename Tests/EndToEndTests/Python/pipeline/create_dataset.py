import json

from steps import arn, describe_or_create, personalize, settled


def handler(event, context):
    name = event["dataset"]["name"]
    schema_arn = arn("schema", name)
    try:
        personalize.describe_schema(schemaArn=schema_arn)
    except personalize.exceptions.ResourceNotFoundException:
        personalize.create_schema(name=name, schema=json.dumps(event["dataset"]["schema"]))
    group = event["datasetGroupArn"].split("/")[1]
    dataset = arn("dataset", group + "/" + event["type"].upper())
    found = describe_or_create(
        lambda: personalize.describe_dataset(datasetArn=dataset)["dataset"],
        lambda: personalize.create_dataset(name=name, schemaArn=schema_arn, datasetType=event["type"],
                                           datasetGroupArn=event["datasetGroupArn"]))
    settled(found["status"], dataset)
    return dataset
