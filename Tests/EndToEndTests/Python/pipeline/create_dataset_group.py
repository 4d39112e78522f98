from steps import arn, describe_or_create, personalize, settled


def handler(event, context):
    group = arn("dataset-group", event["datasetGroup"]["name"])
    found = describe_or_create(
        lambda: personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"],
        lambda: personalize.create_dataset_group(**event["datasetGroup"]))
    settled(found["status"], group)
    return group
