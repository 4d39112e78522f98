import Foundation
import JSON
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@testable import Functions

/// Invocations that nobody waits for.
struct EventTests {
    /// A function that fails until a file is there, and says how often it was called.
    private func writeStubborn(_ stage: FunctionStage) throws {
        try stage.write(
            "stubborn",
            """
            import os
            def handler(event, context):
                with open("../../calls", "a") as calls: calls.write(context.aws_request_id + "\\n")
                if not os.path.exists("../../ready"): raise RuntimeError("not yet")
            """
        )
    }

    private func calls(_ stage: FunctionStage) throws -> [Substring] {
        try String(contentsOfFile: stage.directory.file("calls"), encoding: .utf8).split(separator: "\n")
    }

    /// The outcomes of attempts, as they come.
    private func outcomes(_ stage: FunctionStage) -> AsyncStream<FunctionEvent.Outcome> {
        let (stream, continuation) = AsyncStream.makeStream(of: FunctionEvent.Outcome.self)
        stage.service.onEvent.withLock { $0 = { _, outcome in continuation.yield(outcome) } }
        return stream
    }

    @Test func `an event that fails is tried after one and after two minutes, with the same id`() async throws {
        let clock = ManualClock()
        let stage = try await FunctionStage(clock: FreeTimeouts(clock: clock), now: { clock.date })
        try writeStubborn(stage)
        let stream = outcomes(stage)
        let requestID = try await stage.service.sendEvent(FunctionName("stubborn"), payload: [])
        try await stage.running {
            var iterator = stream.makeAsyncIterator()
            #expect(await iterator.next()?.retryDate == clock.date.addingTimeInterval(60))
            clock.advance(by: .seconds(60))
            #expect(await iterator.next()?.retryDate == clock.date.addingTimeInterval(120))
            clock.advance(by: .seconds(120))
            guard case .failed(let date, let error) = await iterator.next() else {
                Issue.record("not failed")
                return
            }
            #expect(date == clock.date)
            #expect(error.contains("not yet"))
        }
        #expect(try calls(stage) == Array(repeating: Substring(requestID), count: 3))
        #expect(try await stage.store.functionEventCounts()["stubborn"]?.failed == 1)
    }

    @Test func `an event outlives the service and comes once where it has a key`() async throws {
        let directory = try TemporaryDirectory()
        do {
            let stage = try await FunctionStage(directory: directory)
            try writeStubborn(stage)
            for _ in 0..<3 {
                try await stage.service.sendEvent(FunctionName("stubborn"), payload: [], key: "the one")
            }
            try stage.store.close()
        }
        try directory.write("", to: "ready")
        let stage = try await FunctionStage(directory: directory)
        let stream = outcomes(stage)
        try await stage.running {
            var iterator = stream.makeAsyncIterator()
            guard case .done = await iterator.next() else {
                Issue.record("not done")
                return
            }
        }
        #expect(try calls(stage).count == 1)
        #expect(try await stage.store.nextFunctionEventDate() == nil)
    }

    @Test func `an object starts the functions that are notified of it, in S3's own words, once`() async throws {
        let stage = try await FunctionStage()
        try stage.write(
            "drop",
            """
            import json
            def handler(event, context):
                with open("../../seen", "a") as seen: seen.write(json.dumps(event) + "\\n")
            """,
            ["events": [["bucket": "films", "prefix": "params", "suffix": ".json"]]]
        )
        #expect(stage.service.isNotified(ofBucket: "films", key: "params.json"))
        #expect(!stage.service.isNotified(ofBucket: "films", key: "Users/params.json"))
        #expect(!stage.service.isNotified(ofBucket: "other", key: "params.json"))
        let event = ObjectEvent(
            bucket: "films",
            key: "params new+ü.json",
            size: 12,
            entityTag: "abc",
            date: Date(timeIntervalSince1970: 1_700_000_000.5),
            writtenAt: Date(timeIntervalSince1970: 1_700_000_000),
            id: "films-7"
        )
        let stream = outcomes(stage)
        try await stage.running {
            for _ in 0..<2 {
                let count = try await stage.service.notify(event)
                #expect(count == 1)
            }
            var iterator = stream.makeAsyncIterator()
            guard case .done = await iterator.next() else {
                Issue.record("not done")
                return
            }
        }
        let text = try String(contentsOfFile: stage.directory.file("seen"), encoding: .utf8)
        #expect(text.split(separator: "\n").count == 1)
        let record = try #require(try JSON(parsing: Array(text.utf8))["Records"]?[0])
        #expect(record["eventSource"] == "aws:s3" && record["eventName"] == "ObjectCreated:Put")
        #expect(record["eventTime"] == "2023-11-14T22:13:20.500Z")
        #expect(record["s3"]?["bucket"]?["name"] == "films")
        #expect(record["s3"]?["object"]?["key"] == "params+new%2B%C3%BC.json")
        #expect(record["s3"]?["object"]?["size"] == 12)
    }
}

extension FunctionEvent.Outcome {
    fileprivate var retryDate: Date? {
        if case .retry(let date, _) = self { date } else { nil }
    }
}

/// A clock by hand on which nothing that a worker does is too slow: sleeps of up to half a minute never end.
private struct FreeTimeouts: Clock {
    let clock: ManualClock

    var now: ManualClock.Instant { clock.now }
    var minimumResolution: Duration { clock.minimumResolution }

    func sleep(until deadline: ManualClock.Instant, tolerance: Duration?) async throws {
        let isTimeout = now.duration(to: deadline) <= .seconds(30)
        try await clock.sleep(until: isTimeout ? deadline.advanced(by: .seconds(1_000_000)) : deadline)
    }
}
