"""Answers what rating a user would give a film, under SageMaker's contract of serving.

    POST /invocations  {"userId": "2", "movieId": "2959"}              → {"predicted_rating": 4.4}
                       2,2959 as text/csv                              → 4.4
                       {"userId": "2", "inputList": ["2959", "318"]}   → {"itemList": [{"itemId": "318", "score": 4.5}, …]}
"""

import json
import os
import pathlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from surprise import dump

MODEL = dump.load(str(pathlib.Path(os.environ["SM_MODEL_DIR"]) / "model.joblib"))[1]


def predicted(user, item):
    return float(MODEL.predict(str(user), str(item)).est)


def answer(kind, body):
    if kind.startswith("text/csv"):
        user, item = body.decode().strip().split(",")
        return predicted(user, item)
    request = json.loads(body)
    if "movieId" in request:
        return {"predicted_rating": predicted(request["userId"], request["movieId"])}
    rated = [(predicted(request["userId"], item), item) for item in request["inputList"]]
    rated.sort(key=lambda pair: (-pair[0], pair[1]))
    return {"itemList": [{"itemId": item, "score": rating} for rating, item in rated]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, value):
        body = json.dumps(value).encode()
        # Head and body at once: apart, the second would wait for the first to be acknowledged.
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self._headers_buffer.append(b"\r\n" + body)
        self.flush_headers()

    def do_GET(self):
        self.reply(200 if self.path == "/ping" else 404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            self.reply(200, answer(self.headers.get("content-type", ""), body))
        except (KeyError, ValueError) as error:
            self.reply(400, {"message": f"{type(error).__name__}: {error}"})

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
