import CustomRecipes
import Foundation
import Glibc
import JSON
import Personalize
import TestSupport
import Testing

@Suite(.serialized) struct RecipeTrainingTests {
    @Test func `a training finds the container's layout, and its metric lines become the version's metrics`()
        async throws
    {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            let campaign = try await bench.serve("films", recipe: "counts")
            #expect(campaign.status == .active)
            let version = try await bench.call("ListSolutionVersions", [:])["solutionVersions"]?[0]
            let metrics = try await bench.call(
                "GetSolutionMetrics",
                ["solutionVersionArn": version?["solutionVersionArn"] ?? .null]
            )["metrics"]
            #expect(metrics?["rmse"] == 17)
            #expect(metrics?["seen"]?.int ?? 0 > 100)
            let (answer, _) = try await bench.service.invokeEndpoint(
                "films",
                ProgramMessage(body: Array(#"{"userId": "model"}"#.utf8), contentType: "application/json")
            )
            let model = try JSON(parsing: answer.message.body)
            #expect(model["settings"] == ["depth": "3", "mode": "fast"])
            #expect(model["arguments"] == ["train"])
            #expect(
                model["inputs"] == [
                    "input/config/hyperparameters.json", "input/config/inputdataconfig.json",
                    "input/config/resourceconfig.json", "input/data/items/items.csv",
                    "input/data/train/interactions.csv",
                ]
            )
            #expect(model["environment"]?["SM_CHANNELS"] == #"["items","train"]"#)
            #expect(model["environment"]?["SM_HP_MODE"] == "fast")
            #expect(model["environment"]?["SM_OUTPUT_DATA_DIR"]?.string?.hasSuffix("/output/data") == true)
            #expect(model["resources"]?["hosts"] == ["algo-1"])
        }
        // What a training had for itself is gone, and what it printed is kept.
        let left = try FileManager.default.contentsOfDirectory(atPath: bench.directory.file("home/training"))
        #expect(left.isEmpty)
        let logs = try FileManager.default.contentsOfDirectory(
            atPath: bench.directory.file("home/logs/recipes/training")
        )
        let log = try String(
            decoding: Data(contentsOf: URL(filePath: bench.directory.file("home/logs/recipes/training/\(logs[0])"))),
            as: UTF8.self
        )
        #expect(log.contains("epoch 1 rmse=9.5"))
        #expect(log.contains("seen="))
    }

    @Test func `events that a solution does not count are not in the channel`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            var seen: [Int] = []
            for (name, more) in [("all", [:]), ("rates", ["eventType": "rate"])] as [(String, JSONObject)] {
                let version = try await bench.train(name, recipe: "counts", more)
                let metrics = try await bench.call("GetSolutionMetrics", ["solutionVersionArn": .string(version.arn)])
                seen.append(metrics["metrics"]?["seen"]?.int ?? 0)
            }
            #expect(seen[1] > 0)
            #expect(seen[1] < seen[0])
        }
    }

    @Test func `tuning trains with several settings and takes the best by the recipe's objective`() async throws {
        let bench = try RecipeWorkbench()
        try bench.write("counts")
        try await bench.running {
            try await bench.prepareFilms()
            let version = try await bench.train(
                "tuned",
                recipe: "counts",
                [
                    "performHPO": true,
                    "solutionConfig": [
                        "hpoConfig": [
                            "hpoResourceConfig": ["maxNumberOfTrainingJobs": "8", "maxParallelTrainingJobs": "2"],
                            "algorithmHyperParameterRanges": [
                                "integerHyperParameterRanges": [["name": "depth", "minValue": 5, "maxValue": 9]]
                            ],
                        ]
                    ],
                ]
            )
            #expect(version.status == .active)
            let described = try await bench.call(
                "DescribeSolutionVersion",
                ["solutionVersionArn": .string(version.arn)]
            )
            let best = described["solutionVersion"]?["tunedHPOParams"]?["algorithmHyperParameters"]
            #expect(best?["depth"] == "7")
            let metrics = try await bench.call("GetSolutionMetrics", ["solutionVersionArn": .string(version.arn)])
            #expect(metrics["metrics"]?["rmse"] == 1)
        }
    }

    @Test(arguments: [
        (
            "echo 'the ratings have no scale' > $SM_OUTPUT_DIR/failure; exit 1",
            "exit status 1): the ratings have no scale"
        ),
        (
            "echo Traceback >&2; echo 'ValueError: no rows' >&2; exit 7",
            "exit status 7; it last wrote: ValueError: no rows"
        ),
        ("exit 0", "has ended well and left no model"), ("kill -9 $$", "signal: killed"),
        ("ln -s /etc/passwd $SM_MODEL_DIR/model", "cannot take along"),
        ("sleep 60", "has not ended within 1 seconds; raise trainSeconds"),
        ("trap '' TERM; sleep 60 & wait; sleep 60", "has not ended within 1 seconds"),
    ])
    func `a training that goes wrong says why`(script: String, reason: String) async throws {
        let bench = try RecipeWorkbench()
        try bench.write(
            "bad",
            description: RecipeWorkbench.description("\"trainSeconds\": \(script.contains("sleep") ? 1 : 60)"),
            train: "#!/bin/bash\n\(script)\n"
        )
        try await bench.running {
            try await bench.prepareFilms()
            let version = try await bench.train("bad", recipe: "bad")
            #expect(version.status == .createFailed)
            let told = try await bench.failureReason("SolutionVersion", version.arn)
            #expect(told.contains(reason), "\(told)")
        }
    }

    @Test func `a training that prints without end is bounded on disk, and one of ours goes on beside it`() async throws
    {
        let bench = try RecipeWorkbench()
        try bench.write(
            "loud",
            train:
                "#!/bin/bash\nhead -c 60000000 /dev/zero | tr '\\0' 'x' | fold -w 8000\necho done > $SM_MODEL_DIR/model\n"
        )
        try await bench.running {
            try await bench.prepareFilms()
            async let loud = bench.train("loud", recipe: "loud")
            let own = try await bench.train("own", recipe: "aws-popularity-count", ["eventType": "rate"])
            #expect(own.status == .active || own.status == .createFailed)
            let status = try await loud.status
            #expect(status == .active)
        }
        let folder = bench.directory.file("home/logs/recipes/training")
        var size = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            size += try Data(contentsOf: URL(filePath: "\(folder)/\(name)")).count
        }
        #expect(size <= 21 << 20)
    }

    @Test func `a training that is stopped ends with its program`() async throws {
        let bench = try RecipeWorkbench()
        let begun = bench.directory.file("begun")
        let isMade = unsafe mkfifo(begun, 0o600) == 0
        #expect(isMade)
        try bench.write("long", train: "#!/bin/bash\necho > \(begun)\nexec sleep 600\n")
        try await bench.running {
            try await bench.prepareFilms()
            try await bench.create(
                "CreateSolution",
                [
                    "name": "long", "datasetGroupArn": .string(arn("dataset-group/films")),
                    "recipeArn": "arn:aws:personalize:::recipe/long", "performAutoTraining": false,
                ]
            )
            let answer = try await bench.call("CreateSolutionVersion", ["solutionArn": .string(arn("solution/long"))])
            let version = answer["solutionVersionArn"]?.string ?? ""
            // Reading the pipe waits for the program that writes into it, and does not leave before it has.
            _ = await Task.detached { try? FileHandle(forReadingFrom: URL(filePath: begun)).readToEnd() }.value
            try await bench.call("StopSolutionVersionCreation", ["solutionVersionArn": .string(version)])
            #expect(try await bench.service.waitUntilSettled(version) == .createStopped)
        }
    }

    @Test func `a training that a shutdown has cut off begins again at the next start`() async throws {
        let bench = try RecipeWorkbench()
        let begun = bench.directory.file("begun")
        let isMade = unsafe mkfifo(begun, 0o600) == 0
        #expect(isMade)
        // The first run tells that it has begun and waits for ever; the second finds what the first has left elsewhere.
        try bench.write(
            "resumed",
            train: """
                #!/bin/bash
                if [ -e \(begun)-once ]; then echo model > $SM_MODEL_DIR/m; exit 0; fi
                echo half > $SM_MODEL_DIR/half
                touch \(begun)-once
                echo > \(begun)
                exec sleep 600
                """
        )
        let version = try await bench.running {
            try await bench.prepareFilms()
            try await bench.create(
                "CreateSolution",
                [
                    "name": "resumed", "datasetGroupArn": .string(arn("dataset-group/films")),
                    "recipeArn": "arn:aws:personalize:::recipe/resumed", "performAutoTraining": false,
                ]
            )
            let answer = try await bench.call(
                "CreateSolutionVersion",
                ["solutionArn": .string(arn("solution/resumed"))]
            )
            let version = answer["solutionVersionArn"]?.string ?? ""
            // Reading the pipe waits for the program that writes into it, and does not leave before it has.
            _ = await Task.detached { try? FileHandle(forReadingFrom: URL(filePath: begun)).readToEnd() }.value
            return version
        }
        let again = try bench.restarted()
        try await again.running {
            let status = try await again.service.waitUntilSettled(version)
            #expect(status == .active)
        }
        let name = version.split(separator: "/").suffix(2).joined(separator: "-")
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: bench.directory.file("home/models/\(name).program")
        )
        #expect(kept == ["m"])
    }
}
