import Bucket
import DurableExecution
import Foundation
import JSON
import StatesLanguage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct S3TaskTests {
    private static let prefix = "arn:aws:states:::aws-sdk:s3:"

    private func stage() throws -> IntegrationStage {
        try IntegrationStage { tasks, parts in
            let task = S3Task(buckets: parts.buckets, makeID: { "0a49f0f9-e0a7-f1c4-0000-000000000000" })
            tasks.register(S3Task.integration, task)
            tasks.register(S3Task.shortIntegration, task)
        }
    }

    /// Runs tasks one after the other, and answers their outputs.
    private func outputs(
        _ stage: IntegrationStage,
        _ calls: [(String, JSON)]
    ) async throws -> [JSON] {
        try await stage.running {
            var outputs: [JSON] = []
            for (action, parameters) in calls {
                var parameters = parameters
                parameters["Bucket"] = "films"
                outputs.append(try await stage.output(Self.prefix + action, parameters))
            }
            return outputs
        }
    }

    @Test func `what is put is got, headed, copied and deleted`() async throws {
        let stage = try stage()
        let results = try await outputs(
            stage,
            [
                ("putObject", ["Key": "a/b.json", "Body": ["film": "Amélie"]]),
                ("getObject", ["Key": "a/b.json"]),
                ("headObject", ["Key": "a/b.json"]),
                ("copyObject", ["Key": "c.txt", "CopySource": "/films/a%2Fb.json"]),
                ("getObject", ["Key": "c.txt"]),
                ("deleteObject", ["Key": "c.txt"]),
                ("deleteObject", ["Key": "c.txt"]),
                ("deleteObject", ["Key": "a"]),
            ]
        )
        let text = #"{"film":"Amélie"}"#
        #expect(results[0]["ETag"]?.string == #""\#(try stage.bucket.describe("a/b.json").entityTag)""#)
        #expect(results[1]["Body"] == .string(text))
        #expect(results[1]["ContentLength"] == JSON(text.utf8.count))
        #expect(results[1]["ContentType"] == "application/json")
        #expect(results[1]["ETag"] == results[0]["ETag"])
        #expect(results[1]["LastModified"]?.string?.hasSuffix("Z") == true)
        var head = results[1]
        head["Body"] = nil
        #expect(results[2] == head)
        #expect(results[3]["CopyObjectResult"]?["ETag"] == results[0]["ETag"])
        #expect(results[4]["Body"] == .string(text))
        #expect(Array(results[5...]) == [[:], [:], [:]])
        #expect(try stage.bucket.list().objects.map(\.key) == ["a/b.json"])
    }

    @Test func `the entity tag is the MD5 of the content, and the same for the same content`() async throws {
        let stage = try stage()
        let results = try await outputs(
            stage,
            [("putObject", ["Key": "a", "Body": "hello"]), ("putObject", ["Key": "a", "Body": "hello"])]
        )
        #expect(results[0]["ETag"] == #""5d41402abc4b2a76b9719d911017c592""#)
        #expect(results[1] == results[0])
    }

    @Test func `content type and metadata are kept beside the content and follow a copy`() async throws {
        let stage = try stage()
        let results = try await outputs(
            stage,
            [
                (
                    "putObject",
                    [
                        "Key": "a.csv", "Body": "x", "ContentType": "text/plain", "CacheControl": "no-store",
                        "Metadata": ["Owner": "é"],
                    ]
                ),
                ("headObject", ["Key": "a.csv"]),
                ("copyObject", ["Key": "b", "CopySource": "films/a.csv"]),
                ("headObject", ["Key": "b"]),
                (
                    "copyObject",
                    ["Key": "b", "CopySource": "films/b", "MetadataDirective": "REPLACE", "ContentType": "image/png"]
                ),
                ("headObject", ["Key": "b"]),
            ]
        )
        for result in [results[1], results[3]] {
            #expect(result["ContentType"] == "text/plain")
            #expect(result["CacheControl"] == "no-store")
            #expect(result["Metadata"] == ["owner": "é"])
        }
        #expect(results[5]["ContentType"] == "image/png")
        #expect(results[5]["Metadata"] == [:])
    }

    @Test(arguments: [
        ("bytes=1-3", "ell", "bytes 1-3/5"), ("bytes=3-", "lo", "bytes 3-4/5"), ("bytes=-2", "lo", "bytes 3-4/5"),
        ("bytes=0-99", "hello", "bytes 0-4/5"), ("words=1-2", "hello", nil), ("bytes=0-1,3-4", "hello", nil),
    ])
    func `a range is a part`(range: String, body: String, header: String?) async throws {
        let stage = try stage()
        try stage.bucket.put(Array("hello".utf8), at: "a")
        let result = try await outputs(stage, [("getObject", ["Key": "a", "Range": .string(range)])])[0]
        #expect(result["Body"] == .string(body))
        #expect(result["ContentRange"]?.string == header)
        #expect(result["ContentLength"] == JSON(body.utf8.count))
    }

    @Test func `a listing has pages, folders and an order of bytes`() async throws {
        let stage = try stage()
        for key in ["b", "a/1", "a/2", "a/sub/3", "c/4", "Z", "é", ".hidden", "d.tmp"] {
            try stage.bucket.put([1], at: key)
        }
        let results = try await outputs(
            stage,
            [
                ("listObjectsV2", [:]),
                ("listObjectsV2", ["Delimiter": "/"]),
                ("listObjectsV2", ["Delimiter": "/", "MaxKeys": 2]),
                ("listObjectsV2", ["Prefix": "a/", "StartAfter": "a/1"]),
                ("listObjectsV2", ["Prefix": "nothing"]),
                ("listObjectsV2", ["MaxKeys": 0]),
                ("listObjectsV2", ["Prefix": "../"]),
            ]
        )
        func keys(_ result: JSON) -> [String] { (result["Contents"]?.array ?? []).compactMap { $0["Key"]?.string } }
        func folders(_ result: JSON) -> [String] {
            (result["CommonPrefixes"]?.array ?? []).compactMap { $0["Prefix"]?.string }
        }
        #expect(keys(results[0]) == ["Z", "a/1", "a/2", "a/sub/3", "b", "c/4", "é"])
        #expect(results[0]["KeyCount"] == 7)
        #expect(results[0]["IsTruncated"] == false)
        #expect(results[0]["MaxKeys"] == 1000)
        #expect(results[0]["Name"] == "films")
        #expect(results[0]["Contents"]?[0]?["Size"] == 1)
        #expect(results[0]["Contents"]?[0]?["StorageClass"] == "STANDARD")
        #expect(keys(results[1]) == ["Z", "b", "é"])
        #expect(folders(results[1]) == ["a/", "c/"])
        #expect(results[2]["IsTruncated"] == true)
        #expect(keys(results[2]) == ["Z"])
        #expect(folders(results[2]) == ["a/"])
        let token = try #require(results[2]["NextContinuationToken"])
        let rest = try await outputs(stage, [("listObjectsV2", ["Delimiter": "/", "ContinuationToken": token])])[0]
        #expect(keys(rest) == ["b", "é"])
        #expect(folders(rest) == ["c/"])
        #expect(keys(results[3]) == ["a/2", "a/sub/3"])
        #expect(results[4]["KeyCount"] == 0)
        #expect(results[4]["Contents"] == nil)
        #expect(results[5]["IsTruncated"] == false)
        #expect(results[6]["KeyCount"] == 0)
    }

    @Test(
        arguments: [
            (
                "getObject", ["Bucket": "films", "Key": "no"], "S3.NoSuchKeyException",
                "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: 0A49F0F9E0A7F1C4, "
                    + "Extended Request ID: 0A49F0F9E0A7F1C40000000000000000)"
            ),
            (
                "getObject", ["Bucket": "nope", "Key": "no"], "S3.NoSuchBucketException",
                "The specified bucket does not"
            ),
            (
                "putObject", ["Bucket": "nope", "Key": "no"], "S3.NoSuchBucketException",
                "The specified bucket does not"
            ),
            (
                "headObject", ["Bucket": "films", "Key": "no"], "S3.NoSuchKeyException",
                "null (Service: S3, Status Code: 404"
            ),
            (
                "headObject", ["Bucket": "nope", "Key": "no"], "S3.NoSuchKeyException",
                "null (Service: S3, Status Code: 404"
            ),
            (
                "copyObject", ["Bucket": "films", "Key": "b", "CopySource": "films/no"], "S3.NoSuchKeyException",
                "The specified"
            ),
            ("copyObject", ["Bucket": "films", "Key": "a", "CopySource": "films/a"], "S3.S3Exception", "illegal"),
            (
                "putObject", ["Bucket": "films", "Key": "../out", "Body": "x"], "S3.S3Exception",
                #"must not contain "..""#
            ),
            ("putObject", ["Bucket": "films", "Key": "x/../../out", "Body": "x"], "S3.S3Exception", #"".."#),
            ("putObject", ["Bucket": "films", "Key": "/etc/passwd", "Body": "x"], "S3.S3Exception", "empty name"),
            ("putObject", ["Bucket": "films", "Key": ".ssh/key", "Body": "x"], "S3.S3Exception", "hidden"),
            (
                "putObject", ["Bucket": "films", "Key": "out/x", "Body": "x"], "S3.S3Exception",
                "leads out of the bucket"
            ),
            ("getObject", ["Bucket": "films", "Key": "out/secret"], "S3.S3Exception", "leads out of the bucket"),
            ("copyObject", ["Bucket": "films", "Key": "b", "CopySource": "films/../out"], "S3.S3Exception", #"".."#),
            ("putObject", ["Bucket": "films", "Key": "a", "IfNoneMatch": "*"], "S3.S3Exception", "Status Code: 412"),
            ("getObject", ["Bucket": "films", "Key": "a", "IfMatch": "x"], "S3.S3Exception", "pre-conditions"),
            ("getObject", ["Bucket": "films", "Key": "a", "Range": "bytes=9-"], "S3.S3Exception", "Status Code: 416"),
            (
                "getObject", ["Bucket": "films", "Key": "big"], "States.DataLimitExceeded",
                "The state/task 'aws-sdk:s3' returned"
            ),
            ("getObject", ["Bucket": "films"], "States.Runtime", "[The field 'Key' is required but was missing]"),
            (
                "getObject", ["Bucket": "films", "Key": 5], "States.Runtime",
                "The value of the field 'Key' has an invalid format"
            ),
            (
                "getObject", ["Bucket": "films", "Kye": "a"], "States.Runtime",
                #"[The field "Kye" is not supported by Step Functions, did you mean "Key"?]"#
            ),
            ("listObjectsV2", ["Bucket": "films", "ContinuationToken": "%"], "S3.S3Exception", "continuation token"),
        ] as [(String, JSON, String, String)]
    )
    func `what cannot be done fails with AWS's name and cause`(
        action: String,
        parameters: JSON,
        error: String,
        cause: String
    ) async throws {
        let stage = try stage()
        try stage.bucket.put(Array("x".utf8), at: "a")
        try stage.bucket.put([UInt8](repeating: 65, count: 300_000), at: "big")
        try stage.directory.write("secret", to: "elsewhere/secret")
        try FileManager.default.createSymbolicLink(
            atPath: "\(stage.bucket.root)/out",
            withDestinationPath: stage.directory.file("elsewhere")
        )
        let execution = try await stage.running { try await stage.end(Self.prefix + action, parameters) }
        #expect(execution.error == error)
        #expect(execution.cause?.contains(cause) == true, "\(execution.cause ?? "")")
        #expect(try FileManager.default.contentsOfDirectory(atPath: stage.directory.file("elsewhere")) == ["secret"])
    }

    @Test func `a task may wait for its token after it has put it where a worker finds it`() async throws {
        let stage = try stage()
        let execution = try await stage.running {
            let resource = "\(Self.prefix)putObject.waitForTaskToken"
            let parameters: JSON = ["Bucket": "films", "Key": "token", "Body": ["token.$": "$$.Task.Token"]]
            let changes = stage.engine.changes()
            let started = try await stage.start(resource, parameters)
            // The request has gone out when the history says so.
            for await change in changes where change.lastEventID >= 5 { break }
            let note = try JSON(parsing: try stage.bucket.read("token"))
            try await stage.engine.sendTaskSuccess(token: note["token"]?.string ?? "", output: #"{"by":"worker"}"#)
            return try await stage.engine.waitForEnd(of: started.arn)
        }
        #expect(execution.output == #"{"by":"worker"}"#)
        let types = try await stage.engine.executionHistory(of: execution.arn).elements.compactMap {
            $0["type"]?.string
        }
        #expect(
            types == [
                "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted",
                "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded",
            ]
        )
    }

    @Test func `the short names ask the same`() async throws {
        let stage = try stage()
        try stage.bucket.put(Array("x".utf8), at: "a")
        let result = try await stage.running {
            try await stage.output("arn:aws:states:::s3:getObject", ["Bucket": "films", "Key": "a"])
        }
        #expect(result["Body"] == "x")
    }
}
