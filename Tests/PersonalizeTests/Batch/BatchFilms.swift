import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

extension ServiceUnderTest {
    static let role = JSON.string("arn:aws:iam::000000000000:role/personalize")

    /// The input of a batch job that reads `s3://bucket/in/` and writes `s3://bucket/out/`.
    func batchInput(_ name: String, _ version: String, _ more: JSONObject = [:]) -> JSON {
        var input: JSON = [
            "jobName": .string(name), "solutionVersionArn": .string(version), "roleArn": Self.role,
            "jobInput": ["s3DataSource": ["path": "s3://bucket/in/"]],
            "jobOutput": ["s3DataDestination": ["path": "s3://bucket/out/"]],
        ]
        for (key, value) in more { input[key] = value }
        return input
    }

    /// The version that was trained last.
    func newestVersion() async throws -> String {
        let versions = try await call("ListSolutionVersions", [:])["solutionVersions"]?.array
        return versions?.last?["solutionVersionArn"]?.string ?? ""
    }

    /// Writes lines as `in/NAME`, answers them in a job and reads the answers.
    func infer(
        _ lines: [String],
        _ version: String,
        _ more: JSONObject = [:],
        job: String = "job",
        file: String = "users.json"
    ) async throws -> [JSON] {
        try directory.write(lines.joined(separator: "\n") + "\n", to: "bucket/in/\(file)")
        let made = try await create("CreateBatchInferenceJob", batchInput(job, version, more))
        let reason = try await failureReason("BatchInferenceJob", made.arn)
        #expect(made.status == .active, "\(reason ?? "")")
        return try answers(file)
    }

    /// The answers in a file of the output.
    func answers(_ file: String) throws -> [JSON] {
        let path = directory.file("bucket/out/\(file).out")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: directory.file(path)) }
}

extension JSON {
    /// The items or users of an answer.
    var ids: [String] {
        let output = self["output"]
        return ((output?["recommendedItems"] ?? output?["recommendedUsers"])?.array ?? []).compactMap(\.string)
    }

    /// The scores of an answer.
    var scores: [Double] { (self["output"]?["scores"]?.array ?? []).compactMap(\.double) }
}
