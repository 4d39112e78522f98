import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

@Suite struct BatchFaultTests {
    @Test func `a line that cannot be answered says why, and the others are answered`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot", recipe: "aws-user-personalization").arn
            let long = String(repeating: "x", count: 257)
            let answers = try await test.infer(
                [
                    "nonsense", #"["u1"]"#, #"{"userId":4638}"#, #"{"userId":"\#(long)"}"#, #"{"userId":""}"#, "{}",
                    #"{"userId":"u1","filterValues":{"A":"1"}}"#, #"{"userId":"u1"}"# + "\r", "   ",
                    #"{"userId":"u1","pad":""# + String(repeating: "y", count: 1 << 20) + "\"}",
                    #"{"userId":"é\u0000☃"}"#, #"{"userId":"u2"}"#,
                ],
                version
            )
            #expect(answers.count == 11, "an empty line is no question")
            let errors = answers.map { $0["error"]?.string }
            #expect(answers[0]["input"] == "nonsense")
            #expect(errors[0]?.hasPrefix("the line is no JSON: column 1") == true)
            #expect(errors[1]?.hasPrefix("the line must be a JSON object") == true)
            #expect(errors[2] == "Value of 'userId' must be a string, but is number")
            #expect(errors[3]?.contains("length less than or equal to 256") == true)
            #expect(errors[4]?.hasPrefix("'userId' must be given") == true)
            #expect(errors[5] == errors[4])
            #expect(errors[6] == "filterValues needs a filter, and the job has no filterArn")
            #expect(errors[8] == "the line is longer than 1048576 bytes; split it")
            #expect(answers[0...6].allSatisfy { $0["output"] == .null })
            for index in [7, 9, 10] {
                #expect(errors[index] == nil, "line \(index)")
                #expect(!answers[index].ids.isEmpty, "line \(index)")
            }
        }
    }

    @Test func `a job that cannot be done fails with its reason`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot").arn
            func reason(_ name: String, _ more: JSONObject = [:]) async throws -> String {
                let made = try await test.create("CreateBatchInferenceJob", test.batchInput(name, version, more))
                #expect(made.status == .createFailed, "\(name)")
                return try await test.failureReason("BatchInferenceJob", made.arn) ?? ""
            }
            #expect(try await reason("missing").hasPrefix("Invalid S3 input path."))
            try test.directory.write("x", to: "bucket/in/readme.txt")
            #expect(try await reason("none") == "Invalid S3 input path. s3://bucket/in/ holds no .json or .jsonl file.")
            try test.directory.write("", to: "bucket/in/empty.json")
            #expect(try await reason("empty").hasPrefix("The input is empty."))
            let elsewhere: JSON = ["s3DataDestination": ["path": "s3://elsewhere/out/"]]
            try test.directory.write("{}", to: "bucket/in/users.json")
            #expect(try await reason("out", ["jobOutput": elsewhere]).hasPrefix("Invalid S3 output path."))
            try FileManager.default.createDirectory(
                atPath: test.directory.file("bucket/blocked/_CHECK"),
                withIntermediateDirectories: true
            )
            let blocked: JSON = ["s3DataDestination": ["path": "s3://bucket/blocked"]]
            #expect(try await reason("blocked", ["jobOutput": blocked]).hasPrefix("Invalid S3 output path."))
            #expect(!test.exists("bucket/out/_SUCCESS"))
        }
        #expect(try DataFiles.names(in: test.directory.file("home/jobs")) == [])
    }

    @Test func `one file of any name can be named`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot").arn
            try test.directory.write(#"{"userId":"u1"}"#, to: "bucket/questions.txt")
            let made = try await test.create(
                "CreateBatchInferenceJob",
                test.batchInput(
                    "one",
                    version,
                    ["jobInput": ["s3DataSource": ["path": "s3://bucket/questions.txt"]]]
                )
            )
            #expect(made.status == .active)
            #expect(try test.answers("questions.txt")[0].ids.count == 24)
        }
    }

    @Test func `what can never be done is refused at once`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let version = try await test.train("hot").arn
            let about = try await test.filmFilter("near", "INCLUDE ItemID WHERE Items.PRICE < CurrentItem.PRICE")
            func error(_ more: JSONObject) async -> PersonalizeError? {
                await test.error("CreateBatchInferenceJob", test.batchInput("job", version, more))
            }
            for count in [0, 501] {
                let fault = await error(["numResults": JSON(count)])
                #expect(fault?.code == .invalidInput)
                #expect(fault?.message == "numResults \"\(count)\" must be from 1 to 500")
            }
            #expect(await error(["numResults": -1])?.code == .invalidInput)
            #expect(await error(["solutionVersionArn": .string(arn("solution/no/1"))])?.code == .resourceNotFound)
            #expect(await error(["filterArn": .string(arn("filter/no"))])?.code == .resourceNotFound)
            #expect(await error(["filterArn": about])?.message.contains("CurrentItem") == true)
            let themes = await error(["batchInferenceJobMode": "THEME_GENERATION"])
            #expect(themes?.code == .invalidInput)
            #expect(themes?.message.contains("needs a language model and is not offered") == true)
            let same: JSON = ["s3DataDestination": ["path": "s3://bucket/in"]]
            #expect(await error(["jobOutput": same])?.message.hasPrefix("Invalid S3 output path.") == true)
            #expect(await error(["jobOutput": [:]])?.code == .invalidInput)
            #expect(await error(["roleArn": "me"])?.code == .invalidInput)
            let trending = try await test.train("rising", recipe: "aws-trending-now").arn
            let refused = await error(["solutionVersionArn": .string(trending)])
            #expect(refused?.message.hasPrefix("Recipe aws-trending-now gives no batch") == true)
            #expect(try await test.call("ListBatchInferenceJobs", [:])["batchInferenceJobs"] == [])
        }
    }
}
