import FoundationEssentials
import TestSupport

/// Programs of recipes, of Python's standard library.
enum Programs {
    /// Counts how often each item occurs; tells two metrics; keeps what it found in its environment.
    static let train = """
        #!/usr/bin/env python3
        import collections, csv, json, os, sys
        root = os.environ["SM_ROOT_DIR"]
        train = os.environ["SM_CHANNEL_TRAIN"]
        rows = list(csv.DictReader(open(os.path.join(train, "interactions.csv"))))
        counts = collections.Counter(row["ITEM_ID"] for row in rows)
        settings = json.load(open(os.path.join(root, "input/config/hyperparameters.json")))
        depth = int(os.environ["SM_HP_DEPTH"])
        print("epoch 1 rmse=9.5")
        print(f"epoch 2 rmse={1 + (depth - 7) ** 2}")
        print(f"seen={len(rows)}", file=sys.stderr)
        os.makedirs(os.path.join(os.environ["SM_MODEL_DIR"], "parts"))
        kept = {"counts": counts, "settings": settings, "version": os.environ["TRAINING_JOB_NAME"],
                "environment": {k: v for k, v in os.environ.items() if k.startswith("SM_")},
                "inputs": sorted(os.path.relpath(os.path.join(folder, name), root)
                                 for folder, _, names in os.walk(os.path.join(root, "input")) for name in names),
                "arguments": sys.argv[1:], "resources": json.load(open(os.path.join(root, "input/config/resourceconfig.json")))}
        with open(os.path.join(os.environ["SM_MODEL_DIR"], "parts", "counts.json"), "w") as file:
            json.dump(kept, file)
        """

    /// Answers with the items of the model, the most frequent first; some items ask for trouble.
    static let serve = """
        #!/usr/bin/env python3
        import json, os, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        model = json.load(open(os.path.join(os.environ["SM_MODEL_DIR"], "parts", "counts.json")))
        ranked = sorted(model["counts"].items(), key=lambda pair: (-pair[1], pair[0]))
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self, status, body, kind="application/json"):
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                self.answer(200 if self.path == "/ping" else 404, b"")
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers["content-type"] != "application/json":
                    return self.answer(200, b"raw:" + body, "text/csv")
                request = json.loads(body)
                user = request.get("userId")
                if user == "slow": time.sleep(30)
                if user == "dies": os._exit(3)
                if user == "garbage": return self.answer(200, b"<html>no</html>", "text/html")
                if user == "empty": return self.answer(200, b"{}")
                if user == "wrong": return self.answer(500, b"cannot")
                if user == "model": return self.answer(200, json.dumps(model).encode())
                items = [{"itemId": item, "score": count / 100} for item, count in ranked]
                if "inputList" in request:
                    items = [item for item in items if item["itemId"] in request["inputList"]]
                if user == "strange": items = [{"itemId": "nobody"}]
                answer = {"itemList": items, "by": model["version"]}
                self.answer(200, json.dumps(answer).encode())
            def log_message(self, *arguments): pass
        ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
        """

    static let description = """
        {"type": "USER_PERSONALIZATION", "description": "Counts.",
         "hyperparameters": [
           {"name": "depth", "type": "Integer", "defaultValue": 3, "minValue": 1, "maxValue": 9},
           {"name": "mode", "type": "Categorical", "defaultValue": "fast", "values": ["fast", "slow"], "isTunable": false}],
         "metricDefinitions": [{"name": "rmse", "regex": "rmse=([0-9.]+)"}, {"name": "seen", "regex": "seen=([0-9]+)"}],
         "objective": {"metricName": "rmse", "type": "Minimize"},
         "startSeconds": 20, "invokeSeconds": 2}
        """
}

extension RecipeWorkbench {
    /// Puts a recipe into its directory.
    func write(
        _ name: String,
        description: String = Programs.description,
        train: String = Programs.train,
        serve: String = Programs.serve
    ) throws {
        try directory.write(description, to: "recipes/\(name)/recipe.json")
        for (program, text) in [("train", train), ("serve", serve)] {
            let path = try directory.write(text, to: "recipes/\(name)/\(program)")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
    }

    /// The recipe's description with some members changed: `"trainSeconds": 1`.
    static func description(_ members: String) -> String {
        Programs.description.replacing("\"invokeSeconds\": 2", with: members)
    }
}
