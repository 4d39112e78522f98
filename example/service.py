"""Starts a Millrace service and talks to it: what the examples have in common. Python's standard library is enough."""

import contextlib
import http.client
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse

ACCOUNT = "arn:aws:personalize:us-east-1:000000000000:"
ROLE = "arn:aws:iam::000000000000:role/any"


class Refused(Exception):
    """What the service answered instead of what was asked for."""


class Service:
    def __init__(self, endpoint):
        parts = urllib.parse.urlsplit(endpoint)
        self.host, self.port = parts.hostname, parts.port
        self.connection = None

    def exchange(self, method, path, body=None, headers=None):
        """One request; the answer's status, headers and body."""
        self.connection = self.connection or http.client.HTTPConnection(self.host, self.port, timeout=120)
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def call(self, service, operation, members):
        """One operation of a service, as SDKs of AWS ask for it."""
        version = "1.0" if service == "AWSStepFunctions" else "1.1"
        headers = {"x-amz-target": f"{service}.{operation}", "content-type": f"application/x-amz-json-{version}"}
        status, _, body = self.exchange("POST", "/", json.dumps(members), headers)
        if status != 200:
            raise Refused(f"{operation}: {body.decode()}")
        return json.loads(body)

    def personalize(self, operation, **members):
        return self.call("AmazonPersonalize", operation, members)

    def states(self, operation, **members):
        return self.call("AWSStepFunctions", operation, members)

    def settled(self, kind, arn):
        """Waits until a resource is ACTIVE; gives what is known of it then."""
        member = kind[0].lower() + kind[1:]
        while True:
            found = self.personalize(f"Describe{kind}", **{f"{member}Arn": arn})[member]
            if found["status"] == "ACTIVE" and found.get("latestCampaignUpdate", {}).get("status", "ACTIVE") == "ACTIVE":
                return found
            if "FAILED" in found["status"]:
                raise Refused(f"{arn}: {found.get('failureReason')}")
            time.sleep(0.1)

    def create(self, kind, **members):
        """Makes a resource and waits until it is ACTIVE; gives its ARN."""
        member = kind[0].lower() + kind[1:]
        arn = self.personalize(f"Create{kind}", **members)[f"{member}Arn"]
        if kind != "Schema":
            self.settled(kind, arn)
        return arn

    def dataset(self, group, kind, fields, location):
        """Makes a dataset of a group and imports the CSV files of a folder of a bucket."""
        schema = {
            "type": "record", "name": kind, "namespace": "com.amazonaws.personalize.schema",
            "fields": [{"name": name, "type": form} for name, form in fields], "version": "1.0",
        }
        name = f"{group}-{kind.lower()}"
        schema = self.create("Schema", name=name, schema=json.dumps(schema))
        dataset = self.create("Dataset", name=name, schemaArn=schema, datasetType=kind,
                              datasetGroupArn=f"{ACCOUNT}dataset-group/{group}")
        self.create("DatasetImportJob", jobName=name, datasetArn=dataset, roleArn=ROLE,
                    dataSource={"dataLocation": location})

    def machine(self, name, path, kind="STANDARD"):
        """Makes a state machine of a definition in a file; gives its ARN."""
        definition = pathlib.Path(path).read_text(encoding="utf-8")
        made = self.states("CreateStateMachine", name=name, definition=definition, type=kind, roleArn=ROLE)
        return made["stateMachineArn"]


@contextlib.contextmanager
def serving(program, work, bucket, *more, environment=None):
    """Runs a service with one bucket in a directory of its own for as long as the body takes."""
    folder = pathlib.Path(work) / "bucket"
    folder.mkdir(parents=True, exist_ok=True)
    command = [program, "serve", "--home", f"{work}/home", "--bucket", f"{bucket}={folder}", "--port", "0", *more]
    with open(f"{work}/service.log", "w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, env=environment)
        try:
            yield Service(endpoint(process, f"{work}/service.log"))
        except BaseException:
            print(pathlib.Path(f"{work}/service.log").read_text(encoding="utf-8")[-4000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(timeout=60)


def endpoint(process, log):
    for _ in range(1200):
        found = re.search(r"endpoint=(\S+)", pathlib.Path(log).read_text(encoding="utf-8"))
        if found:
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise Refused("the service has not come up")
