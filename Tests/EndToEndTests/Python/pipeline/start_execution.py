import json
import os

import boto3


def handler(event, context):
    record = event["Records"][0]
    bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
    params = json.load(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"])
    name = record["eventTime"].translate(str.maketrans("-:.T", "____")).rstrip("Z")
    started = boto3.client("stepfunctions").start_execution(
        stateMachineArn=os.environ["STATE_MACHINE_ARN"], name=name,
        input=json.dumps({"bucket": bucket, "currentDate": name, "params": params}))
    return started["executionArn"]
