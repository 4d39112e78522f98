#!/usr/bin/env python3
"""Times the same work on services that speak Step Functions, one after another, and prints a table with ratios.

usage: stepfunctions.py NAME=ENDPOINT [NAME=ENDPOINT …]

The first is what the others are divided by. Needs boto3.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::000000000000:role/bench"


class Service:
    def __init__(self, name, endpoint):
        self.name = name
        self.client = boto3.client(
            "stepfunctions", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="bench",
            aws_secret_access_key="bench",
            config=Config(inject_host_prefix=False, max_pool_connections=16, read_timeout=300, retries={"max_attempts": 0}),
        )
        self.count = 0

    def machine(self, definition, kind="STANDARD"):
        self.count += 1
        return self.client.create_state_machine(
            name=f"bench-{time.time_ns()}-{self.count}", definition=json.dumps(definition), roleArn=ROLE, type=kind
        )["stateMachineArn"]

    def run(self, machine, value="{}"):
        execution = self.client.start_execution(stateMachineArn=machine, input=value)["executionArn"]
        while True:
            status = self.client.describe_execution(executionArn=execution)["status"]
            if status == "SUCCEEDED":
                return
            assert status == "RUNNING", status
            time.sleep(0.002)


def chain(count):
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(1, count)}
    return {"StartAt": "S1", "States": {**states, f"S{count}": {"Type": "Pass", "End": True}}}


LOOP = {
    "StartAt": "Add",
    "States": {
        "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again"},
        "Again": {"Type": "Choice", "Default": "Done",
                  "Choices": [{"Variable": "$.n", "NumericLessThan": 500, "Next": "Add"}]},
        "Done": {"Type": "Succeed"},
    },
}
MAP = {
    "StartAt": "Map",
    "States": {"Map": {"Type": "Map", "End": True,
                       "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}}},
}
JSONATA = {
    "QueryLanguage": "JSONata", "StartAt": "Sum",
    "States": {"Sum": {"Type": "Pass", "End": True, "Output": {
        "sum": "{% $sum($states.input.orders[price > 10].(price * quantity)) %}"}}},
}
ORDERS = json.dumps({"orders": [{"price": n % 30, "quantity": n % 7} for n in range(100)]})


def one_after_another(service):
    machine = service.machine(chain(1))
    for _ in range(50):
        service.run(machine)


def side_by_side(service):
    machine = service.machine(chain(10))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: service.run(machine), range(200)))


def jsonata(service):
    machine = service.machine(JSONATA)
    for _ in range(50):
        service.run(machine, ORDERS)


def synchronous(service):
    machine = service.machine(chain(10), "EXPRESS")
    for _ in range(100):
        assert service.client.start_sync_execution(stateMachineArn=machine)["status"] == "SUCCEEDED"


WORK = {
    "50 executions of one Pass, one after another": one_after_another,
    "200 executions of ten Pass, 8 at a time": side_by_side,
    "one execution of 500 Pass": lambda service: service.run(service.machine(chain(500))),
    "inline Map over 1,000 items": lambda service: service.run(service.machine(MAP), json.dumps(list(range(1000)))),
    "a loop of 500 MathAdd and Choice": lambda service: service.run(service.machine(LOOP), '{"n": 0}'),
    "50 JSONata executions (sum and filter)": jsonata,
    "100 StartSyncExecution of ten Pass": synchronous,
}


def main(arguments):
    services = [Service(*argument.split("=", 1)) for argument in arguments]
    if not services:
        sys.exit(__doc__)
    for service in services:
        service.run(service.machine(chain(1)))  # The first call loads what the others find loaded.
    print("| work | " + " | ".join(service.name for service in services) + " | ratio |")
    print("| --- |" + " --- |" * (len(services) + 1))
    for name, work in WORK.items():
        seconds = []
        for service in services:
            start = time.perf_counter()
            try:
                work(service)
                seconds.append(time.perf_counter() - start)
            except AssertionError:
                seconds.append(None)  # It cannot do this work here.
        first = seconds[0]
        ratios = ", ".join(f"{other / first:.1f}×" if first and other else "–" for other in seconds[1:])
        print(f"| {name} | " + " | ".join(f"{s:.2f} s" if s else "–" for s in seconds) + f" | {ratios} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
