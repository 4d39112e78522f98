"""Walks through the operations of Lambda with boto3, and prints what was seen as JSON."""

import base64
import io
import json
import sys
import zipfile

import boto3
from botocore.config import Config

settings = dict(endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
                config=Config(retries={"max_attempts": 1}, read_timeout=300))
client, s3 = boto3.client("lambda", **settings), boto3.client("s3", **settings)


def archive(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(name.replace("__", "/") + ".py", text)
    return buffer.getvalue()


def refused(call):
    try:
        call()
    except client.exceptions.ClientError as error:
        answer = error.response
        return [answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]]
    return None


seen = {}
layer = client.publish_layer_version(LayerName="shared", Content={"ZipFile": archive(python__words="GREETING = 'Hi'")},
                                     CompatibleRuntimes=["python3.12"])
seen["layer"] = layer["LayerVersionArn"]
code = """
import os, words
def handler(event, context):
    print("called with", event)
    if event.get("raise"):
        raise ValueError("no " + event["raise"])
    return {"text": words.GREETING + " " + event["name"] + os.environ["END"],
            "custom": context.client_context.custom if context.client_context else None}
"""
role = "arn:aws:iam::000000000000:role/any"
made = client.create_function(
    FunctionName="greet", Runtime="python3.12", Handler="main.handler", Role=role, Code={"ZipFile": archive(main=code)},
    Environment={"Variables": {"END": "!"}}, Layers=[layer["LayerVersionArn"]], Timeout=60, MemorySize=256,
    Tags={"team": "films"})
client.get_waiter("function_active_v2").wait(FunctionName="greet")
seen["made"] = [made["FunctionArn"], made["State"], made["Runtime"], made["Timeout"], made["MemorySize"],
                made["ResponseMetadata"]["HTTPStatusCode"]]
seen["twice"] = refused(lambda: client.create_function(
    FunctionName="greet", Runtime="python3.12", Handler="main.handler", Role=role, Code={"ZipFile": archive(main=code)}))
seen["list"] = [f["FunctionName"] for page in client.get_paginator("list_functions").paginate()
                for f in page["Functions"]]

answer = client.invoke(FunctionName="greet", Payload=json.dumps({"name": "Ada"}), LogType="Tail",
                       ClientContext=base64.b64encode(json.dumps({"custom": {"k": "v"}}).encode()).decode())
seen["answer"] = [answer["StatusCode"], answer["ExecutedVersion"], json.load(answer["Payload"])]
seen["log"] = base64.b64decode(answer["LogResult"]).decode()
answer = client.invoke(FunctionName=made["FunctionArn"] + ":$LATEST", Payload=json.dumps({"raise": "luck"}))
failure = json.load(answer["Payload"])
seen["error"] = [answer["StatusCode"], answer["FunctionError"], failure["errorType"], failure["errorMessage"]]
seen["event"] = client.invoke(FunctionName="greet", InvocationType="Event",
                              Payload=json.dumps({"name": "later"}))["StatusCode"]
seen["dry"] = client.invoke(FunctionName="greet", InvocationType="DryRun")["StatusCode"]

client.update_function_configuration(FunctionName="greet", Environment={"Variables": {"END": "?"}})
client.get_waiter("function_updated_v2").wait(FunctionName="greet")
client.update_function_code(FunctionName="greet", ZipFile=archive(main=code.replace("+ \" \" +", "+ \", \" +")))
seen["changed"] = json.load(client.invoke(FunctionName="greet", Payload=json.dumps({"name": "Ada"}))["Payload"])["text"]
s3.put_object(Bucket="films", Key="code/greet.zip", Body=archive(main=code.replace("+ \" \" +", "+ \"; \" +")))
client.update_function_code(FunctionName="greet", S3Bucket="films", S3Key="code/greet.zip")
seen["stored"] = json.load(client.invoke(FunctionName="greet", Payload=json.dumps({"name": "Ada"}))["Payload"])["text"]
got = client.get_function(FunctionName="greet")
seen["got"] = [got["Configuration"]["Environment"]["Variables"], got["Tags"], got["Configuration"]["Handler"],
               got["Configuration"]["Layers"][0]["Arn"]]
client.tag_resource(Resource=made["FunctionArn"], Tags={"stage": "test"})
client.untag_resource(Resource=made["FunctionArn"], TagKeys=["team"])
seen["tags"] = client.list_tags(Resource=made["FunctionArn"])["Tags"]
client.put_function_concurrency(FunctionName="greet", ReservedConcurrentExecutions=2)
seen["concurrency"] = client.get_function_concurrency(FunctionName="greet")["ReservedConcurrentExecutions"]
seen["permission"] = json.loads(client.add_permission(
    FunctionName="greet", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")["Statement"])
seen["layers"] = [l["LayerName"] for l in client.list_layers()["Layers"]]
seen["layer again"] = client.get_layer_version(LayerName="shared", VersionNumber=1)["LayerVersionArn"]
seen["layer by arn"] = client.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])["Version"]

seen["refused"] = {
    "missing": refused(lambda: client.invoke(FunctionName="nobody")),
    "no json": refused(lambda: client.invoke(FunctionName="greet", Payload=b"{half")),
    "too large": refused(lambda: client.invoke(FunctionName="greet", Payload=b'"' + b"x" * 6291456 + b'"')),
    "no zip": refused(lambda: client.update_function_code(FunctionName="greet", ZipFile=b"hello")),
    "no object": refused(lambda: client.update_function_code(FunctionName="greet", S3Bucket="films", S3Key="none.zip")),
    "runtime": refused(lambda: client.update_function_configuration(FunctionName="greet", Runtime="nodejs20.x")),
    "timeout": refused(lambda: client.update_function_configuration(FunctionName="greet", Timeout=901)),
    "layer": refused(lambda: client.update_function_configuration(
        FunctionName="greet", Layers=["arn:aws:lambda:us-east-1:000000000000:layer:none:1"])),
    "version": refused(lambda: client.get_function(FunctionName="greet", Qualifier="7")),
}
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as written:
    written.writestr("../escape.py", "x")
seen["refused"]["escape"] = refused(lambda: client.update_function_code(FunctionName="greet", ZipFile=out.getvalue()))
large = archive(main="DATA = '" + "".join(map(str, range(1200000))) + "'\ndef handler(e, c): return len(DATA)")
client.update_function_configuration(FunctionName="greet", MemorySize=512)
client.update_function_code(FunctionName="greet", ZipFile=large)
seen["large"] = [len(large) > 2 << 20, json.load(client.invoke(FunctionName="greet")["Payload"])]
seen["deleted"] = client.delete_function(FunctionName="greet")["ResponseMetadata"]["HTTPStatusCode"]
seen["gone"] = refused(lambda: client.get_function(FunctionName="greet"))[0]
print(json.dumps(seen))
