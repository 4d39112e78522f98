"""Walks through SNS and STS with boto3; prints what it saw as JSON."""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def client(name):
    config = Config(retries={"max_attempts": 0})
    return boto3.client(name, endpoint_url=sys.argv[1], region_name="us-east-1", config=config)


def code(call, **members):
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


sns, seen = client("sns"), {}
seen["caller"] = client("sts").get_caller_identity()["Account"]
topic = sns.create_topic(Name="walk", Attributes={"DisplayName": "A & B"})["TopicArn"]
seen["topic"] = topic
seen["topics"] = [item["TopicArn"] for item in sns.list_topics()["Topics"]]
mail = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="reader@example.org")["SubscriptionArn"]
web = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/hook")["SubscriptionArn"]
seen["subscriptions"] = sorted(
    [item["Protocol"], item["Endpoint"]] for item in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
)
sns.unsubscribe(SubscriptionArn=web)
seen["rest"] = [item["SubscriptionArn"] == mail for item in sns.list_subscriptions()["Subscriptions"]]
sns.publish(
    TopicArn=topic,
    Subject="A subject",
    Message=json.dumps({"default": "for all", "email": "for mail <&>"}),
    MessageStructure="json",
    MessageAttributes={"kind": {"DataType": "String", "StringValue": "test"}},
)
batch = sns.publish_batch(
    TopicArn=topic,
    PublishBatchRequestEntries=[{"Id": "1", "Message": "one", "Subject": "One"}, {"Id": "2", "Message": "x", "Subject": ""}],
)
seen["batch"] = [[item["Id"] for item in batch["Successful"]], [item["Code"] for item in batch.get("Failed", [])]]
sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Other")
attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
seen["attributes"] = [attributes["DisplayName"], attributes["SubscriptionsConfirmed"]]
seen["noTopic"] = code(sns.publish, TopicArn=topic + "x", Message="m")
seen["badSubject"] = code(sns.publish, TopicArn=topic, Message="m", Subject="a\nb")
seen["badProtocol"] = code(sns.subscribe, TopicArn=topic, Protocol="sms", Endpoint="1")
seen["badName"] = code(sns.create_topic, Name="a b")
print(json.dumps(seen))
