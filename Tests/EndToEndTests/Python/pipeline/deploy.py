"""Deploys the functions and state machines of this folder with boto3, as a deployment tool would.

Arguments: the endpoint, the bucket, the key of the parameters. Prints the ARNs as JSON.
"""

import io
import json
import pathlib
import sys
import zipfile

import boto3

endpoint, bucket, parameters = sys.argv[1:4]
here = pathlib.Path(__file__).parent
keys = dict(endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
functions, machines = boto3.client("lambda", **keys), boto3.client("stepfunctions", **keys)
s3, sns = boto3.client("s3", **keys), boto3.client("sns", **keys)
ROLE = "arn:aws:iam::000000000000:role/any"


def archive(folder, paths):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for path in paths:
            written.write(path, path.relative_to(folder))
    return buffer.getvalue()


layer = functions.publish_layer_version(
    LayerName="steps", Content={"ZipFile": archive(here / "layer", (here / "layer").rglob("*.py"))})


def create(name, variables=None):
    return functions.create_function(
        FunctionName=name.replace("_", "-"), Runtime="python3.12", Handler=name + ".handler", Role=ROLE, Timeout=300,
        MemorySize=256, Layers=[layer["LayerVersionArn"]], Environment={"Variables": variables or {}},
        Code={"ZipFile": archive(here, [here / (name + ".py")])})["FunctionArn"]


def task(function, then, result, **parameters):
    state = {"Type": "Task", "Resource": function, "Parameters": parameters, "ResultPath": result, "Retry": RETRY,
             "Catch": CATCH}
    return {**state, **({"Next": then} if then else {"End": True})}


RETRY = [{"ErrorEquals": ["ResourcePending"], "IntervalSeconds": 1, "BackoffRate": 1.0, "MaxAttempts": 500}]
CATCH = [{"ErrorEquals": ["ResourceFailed"], "ResultPath": "$.error", "Next": "Tell of failure"},
         {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Tell of failure"}]
topic = sns.create_topic(Name="films")["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
notify = create("notify", {"TOPIC_ARN": topic})
group, dataset = create("create_dataset_group"), create("create_dataset")
data, version, campaign = create("import_data"), create("create_version"), create("create_campaign")


def machine(name, first, states):
    states["Tell"] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                      "Parameters": {"FunctionName": notify, "Payload.$": "$"},
                      "ResultSelector": {"text.$": "$.Payload", "status.$": "$.StatusCode"}, "ResultPath": "$.told"}
    states["Tell of failure"] = {**states["Tell"], "Next": "Failed"}
    del states["Tell of failure"]["End"]
    states["Failed"] = {"Type": "Fail", "Error": "PipelineFailed", "CausePath": "States.JsonToString($.error)"}
    definition = json.dumps({"StartAt": first, "States": states})
    return machines.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]


deploy = machine("films-deploy", "Group", {
    "Group": task(group, "Dataset", "$.datasetGroupArn", **{"datasetGroup.$": "$.params.datasetGroup"}),
    "Dataset": task(dataset, "Import", "$.datasetArn", type="Interactions", **{
        "dataset.$": "$.params.datasets.Interactions", "datasetGroupArn.$": "$.datasetGroupArn"}),
    "Import": task(data, "Version", "$.importArn", type="Interactions", **{
        "datasetArn.$": "$.datasetArn", "bucket.$": "$.bucket", "date.$": "$.currentDate"}),
    "Version": task(version, "Campaign", "$.solutionVersionArn", **{
        "solution.$": "$.params.solution", "datasetGroupArn.$": "$.datasetGroupArn"}),
    "Campaign": task(campaign, "Tell", "$.campaignArn", **{
        "campaign.$": "$.params.campaign", "solutionVersionArn.$": "$.solutionVersionArn"}),
})
delete = machine("films-delete", "Delete", {
    "Delete": task(create("delete_group"), "Tell", "$.deleted", **{"datasetGroupArn.$": "$.datasetGroupArn"}),
})
start = create("start_execution", {"STATE_MACHINE_ARN": deploy})
functions.add_permission(FunctionName=start, StatementId="bucket", Action="lambda:InvokeFunction",
                         Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::" + bucket)
rule = {"Name": "prefix", "Value": parameters}
s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [
    {"LambdaFunctionArn": start, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [rule]}}}]})
kept = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
assert [(one["LambdaFunctionArn"], one["Filter"]["Key"]["FilterRules"]) for one in kept] == [(start, [rule])], kept
print(json.dumps({"deploy": deploy, "delete": delete, "start": start}))
