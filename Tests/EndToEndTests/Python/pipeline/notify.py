import os

import boto3


def handler(event, context):
    text = "Internal error: %s" % event["error"] if "error" in event else "Your campaign is ready"
    print(text)
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Message=text)
    return text
