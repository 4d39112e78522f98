from steps import ResourcePending, personalize


def gone(resources, delete):
    for resource in resources:
        if not resource["status"].startswith("DELETE"):
            delete(resource)
    if resources:
        raise ResourcePending("%d are left" % len(resources))


def handler(event, context):
    group = event["datasetGroupArn"]
    solutions = personalize.list_solutions(datasetGroupArn=group)["solutions"]
    for solution in solutions:
        gone(personalize.list_campaigns(solutionArn=solution["solutionArn"])["campaigns"],
             lambda campaign: personalize.delete_campaign(campaignArn=campaign["campaignArn"]))
    gone(solutions, lambda solution: personalize.delete_solution(solutionArn=solution["solutionArn"]))
    gone(personalize.list_datasets(datasetGroupArn=group)["datasets"],
         lambda dataset: personalize.delete_dataset(datasetArn=dataset["datasetArn"]))
    try:
        status = personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"]
    except personalize.exceptions.ResourceNotFoundException:
        return "DatasetGroup deleted: " + group
    if not status.startswith("DELETE"):
        personalize.delete_dataset_group(datasetGroupArn=group)
    raise ResourcePending("the group is left")
