import DurableExecution
import Foundation
import JSON
import HTTPAPI
import Notifications
import SQLiteStore
import TestSupport
import Testing

@testable import millrace

/// The store stopped at transaction 1, 2, 3 … of a run, and opened again each time.
@Suite(.serialized) struct CrashTests {
    private struct Stopped: Error {}

    @Test(.timeLimit(.minutes(20)))
    func `a run whose store stops at any transaction completes after reopening`() async throws {
        var number = 1
        while try await stopsRun(at: number) { number += 1 }
        #expect(number > 20, "a run has more transactions than that")
    }

    /// Runs with a store that stops before commit `number`, then again with one that does not.
    ///
    /// - Returns: Whether the store was stopped before the run was over.
    private func stopsRun(at number: Int) async throws -> Bool {
        let directory = try TemporaryDirectory()
        try directory.write(Example.interactions(), to: "films/Interactions/interactions.csv")
        try directory.write(Example.oneSolution(), to: "films/params.json")
        let (home, bucket) = (directory.file("home"), directory.file("films"))
        let (stops, stopped) = AsyncStream.makeStream(of: Void.self)
        let isStopped = Flag()
        do {
            try await InProcessService.run(home: home, bucket: bucket) { count in
                guard count >= number else { return }
                isStopped.set()
                stopped.yield()
                throw Stopped()
            } body: { running in
                await untilStoppedOrTold(running, home: home, stops)
            }
        } catch {
            guard isStopped.isSet else { throw error }
        }
        guard isStopped.isSet else { return false }
        try await InProcessService.run(home: home, bucket: bucket) { running in
            let executions = try await running.client.ended(1)
            #expect(executions.count == 1, "stopped at transaction \(number)")
            #expect(executions[0]["status"] == "SUCCEEDED", "stopped at transaction \(number): \(executions[0])")
            #expect(try await running.client.recommend("small-campaign").count == 25, "transaction \(number)")
            let mails = try await running.client.until("the mail") { () -> [JSON]? in
                let mails = try readMails(in: home)
                return mails.isEmpty ? nil : mails
            }
            #expect(Set(mails.compactMap { $0["id"]?.string }).count == 1, "stopped at transaction \(number)")
        }
        return true
    }

    /// Ends when the store is stopped, or when the run is over and its outcome is told.
    private func untilStoppedOrTold(_ running: InProcessService, home: String, _ stops: AsyncStream<Void>) async {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stops { return } }
            group.addTask {
                _ = try await running.client.ended(1)
                _ = try await running.client.until("the notice") { () -> Bool? in
                    let counts = try await running.service.outbox.deliveryCounts()
                    let outcomes = try await running.service.engine.unacknowledgedOutcomes()
                    return counts[.sent] == 1 && outcomes.isEmpty ? true : nil
                }
            }
            // Either may end in an error once the store is stopped.
            _ = await group.nextResult()
            group.cancelAll()
        }
    }
}
