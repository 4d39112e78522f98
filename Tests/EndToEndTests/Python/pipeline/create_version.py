from steps import ResourcePending, arn, describe_or_create, personalize, settled


def handler(event, context):
    solution = arn("solution", event["solution"]["name"])
    found = describe_or_create(
        lambda: personalize.describe_solution(solutionArn=solution)["solution"],
        lambda: personalize.create_solution(datasetGroupArn=event["datasetGroupArn"], **event["solution"]))
    settled(found["status"], solution)
    versions = personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]
    if not versions:
        personalize.create_solution_version(solutionArn=solution)
        raise ResourcePending("version asked for")
    version = versions[0]["solutionVersionArn"]
    settled(personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]["status"], version)
    return version
