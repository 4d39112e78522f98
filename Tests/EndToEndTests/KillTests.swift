import Foundation
import HTTPAPI
import JSON
import TestSupport
import Testing

/// The real process on the example, killed at random moments.
@Suite(.serialized) struct KillTests {
    /// How many moments; fewer for a quick look with `MILLRACE_KILLS=5`.
    static let rounds = ProcessInfo.processInfo.environment["MILLRACE_KILLS"].flatMap { Int($0) } ?? 50

    @Test(.timeLimit(.minutes(40)))
    func `killed at any moment of the demo pipeline, a run completes after the restart`() async throws {
        let whole = try await round(killAfter: nil)
        var generator = SystemRandomNumberGenerator()
        for number in 1...Self.rounds {
            let moment = Double.random(in: 0...(whole * 1.05), using: &generator)
            let seconds = try await round(killAfter: .seconds(moment))
            #expect(seconds > 0, "round \(number), killed after \(moment) s")
        }
    }

    /// One run in a fresh home.
    ///
    /// - Parameter moment: When to kill the process, counted from the drop.
    /// - Returns: How long the run took, in seconds.
    private func round(killAfter moment: Duration?) async throws -> Double {
        let directory = try TemporaryDirectory()
        let (home, bucket) = (directory.file("home"), directory.file("films"))
        try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
        try Example.copyData(to: bucket)
        var service = try await MillraceProcess(home: home, bucket: bucket)
        let clock = ContinuousClock()
        let start = clock.now
        try run("/bin/cp", Example.folder.appending(path: "params.json").path, bucket)
        if let moment {
            // A kill has no event to wait for: the moment itself is what is tested.
            try await clock.sleep(until: start + moment)
            service.kill()
            service = try await MillraceProcess(home: home, bucket: bucket)
        }
        let executions = try await service.client.ended(1)
        #expect(executions.count == 1, "killed after \(String(describing: moment))")
        #expect(executions[0]["status"] == "SUCCEEDED", "killed after \(String(describing: moment)): \(executions[0])")
        let answer = try await service.client.recommend("movielens-user-personalization", user: "1")
        #expect(answer.count == 25)
        let mails = try await service.client.until("the mail") { () -> [JSON]? in
            let mails = try readMails(in: home)
            return mails.isEmpty ? nil : mails
        }
        #expect(Set(mails.compactMap { $0["id"]?.string }).count == 1, "killed after \(String(describing: moment))")
        return (clock.now - start) / .seconds(1)
    }
}
