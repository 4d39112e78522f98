"""Runs a handler written for AWS Lambda: asks the Lambda Runtime API for invocations over one kept-alive connection.

Only what an invocation needs is imported, since every import is paid for at each cold start.
"""

import os
import sys
from _socket import AF_INET, IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, socket
from json import dumps, loads
from time import time

BASE = "/2018-06-01/runtime/"


class RuntimeAPI:
    """The service's side of this worker."""

    def __init__(self, address):
        host, port = address.split(":")
        self.host = address
        self.socket = socket(AF_INET, SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self.buffer = b""
        self.ask = ("GET %sinvocation/next HTTP/1.1\r\nHost: %s\r\n\r\n" % (BASE, address)).encode()

    def next(self):
        """The headers and the payload of the next invocation."""
        self.socket.sendall(self.ask)
        return self.read()

    def answer_and_next(self, request_id, payload):
        """Sends an answer and asks for the next invocation in one go."""
        path = "invocation/%s/response" % request_id
        self.socket.sendall(self.post(path, payload) + self.ask)
        self.read()
        return self.read()

    def fail_and_next(self, request_id, error):
        path = "invocation/%s/error" % request_id
        self.socket.sendall(self.post(path, dumps(error).encode(), error["errorType"]) + self.ask)
        self.read()
        return self.read()

    def fail_initialization(self, error):
        self.socket.sendall(self.post("init/error", dumps(error).encode(), error["errorType"]))
        self.read()

    def post(self, path, payload, error_type=None):
        extra = "Lambda-Runtime-Function-Error-Type: %s\r\n" % error_type if error_type else ""
        head = "POST %s%s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n" % (
            BASE, path, self.host, extra, len(payload))
        return head.encode() + payload

    def read(self):
        """Reads one answer of the service."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            self.receive()
        headers = {}
        for line in self.buffer[:end].decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        end += 4
        size = end + int(headers.get("content-length", 0))
        if len(self.buffer) < size:
            parts, count = [self.buffer], len(self.buffer)
            while count < size:
                parts.append(self.chunk())
                count += len(parts[-1])
            self.buffer = b"".join(parts)
        body, self.buffer = self.buffer[end:size], self.buffer[size:]
        return headers, body

    def receive(self):
        self.buffer += self.chunk()

    def chunk(self):
        data = self.socket.recv(262144)
        if not data:
            # Nothing comes any more: this worker has done its work.
            flush()
            os._exit(0)
        return data


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class ClientContext:
    def __init__(self, text):
        fields = loads(text)
        self.custom = fields.get("custom")
        self.env = fields.get("env")
        self.client = fields.get("client")


class LambdaContext:
    """What a handler is told beside its event."""

    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
    identity = CognitoIdentity()

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.deadline = int(headers["lambda-runtime-deadline-ms"])
        context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(context) if context else None

    def get_remaining_time_in_millis(self):
        return max(0, self.deadline - int(time() * 1000))

    def log(self, text):
        sys.stdout.write(str(text))


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def described(error, own_frames):
    """An error in the form in which Lambda hands it to a caller; it goes to the log too."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)[own_frames:]
    name = type(error).__name__
    stack = traceback.format_list(frames)
    print("[ERROR] %s: %s\n%s" % (name, error, "".join(stack)), file=sys.stderr)
    return {"errorMessage": str(error), "errorType": name, "requestId": "", "stackTrace": stack}


def load(name):
    """Finds the handler; `None` and the error when it cannot be had."""
    module_name, _, function_name = name.rpartition(".")
    try:
        from importlib import import_module

        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        fault = described(error, 0)
        fault.update(errorType="Runtime.ImportModuleError",
                     errorMessage="Unable to import module '%s': %s" % (module_name, error))
        return None, fault
    except SyntaxError as error:
        fault = described(error, 0)
        fault.update(errorType="Runtime.UserCodeSyntaxError",
                     errorMessage="Syntax error in module '%s': %s" % (module_name, error))
        return None, fault
    except Exception as error:
        return None, described(error, 0)
    handler = getattr(module, function_name, None)
    if handler is None:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        return None, {"errorMessage": message, "errorType": "Runtime.HandlerNotFound", "requestId": "",
                      "stackTrace": []}
    return handler, None


def give_root_logger_a_handler():
    """On Lambda the root logger writes, whoever asks for it; here only if the handler has it at all."""
    logging = sys.modules.get("logging")
    if logging and not logging.getLogger().handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(message)s",
                                               "%Y-%m-%dT%H:%M:%S"))
        logging.getLogger().addHandler(handler)


def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    api = RuntimeAPI(os.environ["AWS_LAMBDA_RUNTIME_API"])
    # The folder of this file is first on the path; a handler's own modules come from its own.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    handler, fault = load(os.environ["_HANDLER"])
    if fault:
        api.fail_initialization(fault)
        flush()
        os._exit(1)
    give_root_logger_a_handler()
    headers, payload = api.next()
    while True:
        request_id = headers["lambda-runtime-aws-request-id"]
        try:
            answer = handler(loads(payload) if payload else {}, LambdaContext(headers))
        except Exception as error:
            error_answer = described(error, 1)
            flush()
            headers, payload = api.fail_and_next(request_id, error_answer)
            continue
        try:
            body = dumps(answer).encode()
        except Exception as error:
            flush()
            headers, payload = api.fail_and_next(request_id, {
                "errorMessage": "Unable to marshal response: %s" % error, "errorType": "Runtime.MarshalError",
                "requestId": "", "stackTrace": []})
            continue
        flush()
        headers, payload = api.answer_and_next(request_id, body)


main()
