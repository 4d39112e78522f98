from steps import arn, describe_or_create, personalize, settled


def handler(event, context):
    campaign = arn("campaign", event["campaign"]["name"])
    found = describe_or_create(
        lambda: personalize.describe_campaign(campaignArn=campaign)["campaign"],
        lambda: personalize.create_campaign(solutionVersionArn=event["solutionVersionArn"], **event["campaign"]))
    settled(found["status"], campaign)
    return campaign
