import DurableExecution
import Foundation
import JSON
import Logging
import SQLiteStore
import StatesLanguage
import TestSupport
import Testing

@testable import Functions
@testable import Pipeline

/// Tasks of functions; plain programs of the shell do the work, so that no Runtime API is needed.
@Suite struct LambdaTaskTests {
    private let arn = "arn:aws:lambda:us-east-1:000000000000:function:"

    @Test func `lambda invoke answers with payload, version, status and metadata`() async throws {
        let stage = try await LambdaStage(["echo": "cat"])
        for name in ["echo", "echo:$LATEST", arn + "echo", arn + "echo:$LATEST"] {
            let result = try await stage.run(["FunctionName": .string(name), "Payload": ["a": 1]])
            let answer = try #require(result.output)
            #expect(answer["Payload"] == ["a": 1])
            #expect(answer["ExecutedVersion"] == "$LATEST" && answer["StatusCode"] == 200)
            #expect(answer["SdkHttpMetadata"]?["HttpStatusCode"] == 200)
            #expect(answer["SdkResponseMetadata"]?["RequestId"] == "request-1")
        }
    }

    @Test func `the ARN of a function as resource answers with the payload alone`() async throws {
        let stage = try await LambdaStage(["echo": "cat"])
        #expect(try await stage.run(["a": [1, nil]], at: arn + "echo") == .succeeded(["a": [1, nil]]))
    }

    @Test func `an error of a worker has its type as name and its payload as cause`() async throws {
        let stage = try await LambdaStage(["fail": "exit 3"])
        let error = await #expect(throws: StatesError.self) { try await stage.run([:], at: arn + "fail") }
        #expect(error?.name == "Runtime.ExitError")
        let cause = try JSON(parsing: error?.cause ?? "")
        #expect(cause["errorMessage"]?.string?.hasSuffix("Runtime exited with error: exit status 3") == true)
    }

    @Test func `a refusal of the service has Lambda's exception as name`() async throws {
        let stage = try await LambdaStage([:])
        let error = await #expect(throws: StatesError.self) {
            try await stage.run(["FunctionName": "nobody", "Payload": [:]])
        }
        #expect(error?.name == "Lambda.ResourceNotFoundException")
        #expect(
            error?.cause == "Function not found: \(arn)nobody (Service: Lambda, Status Code: 404, "
                + "Request ID: request-1)"
        )
    }

    @Test func `an event is queued once, however often its task runs`() async throws {
        let stage = try await LambdaStage(["echo": "cat"])
        for _ in 0..<2 {
            let result = try await stage.run(["FunctionName": "echo", "InvocationType": "Event"])
            let answer = try #require(result.output)
            #expect(answer["StatusCode"] == 202)
        }
        #expect(try await stage.store.dueFunctionEvents(at: .distantFuture, limit: 10).count == 1)
    }

    @Test func `a field that is not known is refused with a suggestion`() async throws {
        let stage = try await LambdaStage([:])
        let error = await #expect(throws: StatesError.self) {
            try await stage.run(["FunctionNames": "echo"])
        }
        #expect(error?.name == "States.Runtime")
        #expect(error?.cause?.contains("did you mean \"FunctionName\"?") == true)
    }
}

extension TaskResult {
    fileprivate var output: JSON? {
        if case .succeeded(let output) = self { output } else { nil }
    }
}

/// Functions that are plain programs, and the handler of their tasks.
private final class LambdaStage: Sendable {
    private struct NoRuntimeAPI: Error {}

    let store: SQLiteStore
    private let directory: TemporaryDirectory
    private let service: FunctionService

    init(_ functions: [String: String]) async throws {
        directory = try TemporaryDirectory()
        for (name, script) in functions {
            let file: JSON = ["command": ["sh", "-c", .string(script)], "mode": "plain", "timeout": 60]
            try directory.write(file.text, to: "functions/\(name)/function.json")
        }
        store = try SQLiteStore(path: directory.file("store.sqlite"))
        service = FunctionService(
            configuration: FunctionService.Configuration(
                folders: directory.file("functions"),
                code: directory.file("code")
            ),
            store: store,
            listen: { _ in throw NoRuntimeAPI() },
            writeLog: { _, _ in },
            now: { Date() },
            makeID: { UUID().uuidString.lowercased() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await service.prepare()
    }

    func run(_ parameters: JSON, at resource: String = "arn:aws:states:::lambda:invoke") async throws -> TaskResult {
        let request = TaskRequest(
            id: 7,
            stateName: "Call",
            resource: resource,
            input: Payload(parameters),
            token: "token"
        )
        return try await LambdaTask(functions: service, makeID: { "request-1" }).run(
            TaskInvocation(executionArn: "arn:execution", request: request)
        )
    }
}
