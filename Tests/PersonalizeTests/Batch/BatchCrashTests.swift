import JSON
import Personalize
import Synchronization
import TestSupport
import Testing

@Suite struct BatchCrashTests {
    private static let lines = #"{"allUsers":true}"# + "\nx\n" + #"{"userId":"u1"}"# + "\n"

    /// The process dies before transaction n: the job's creation, its beginning, its end, none.
    @Test(arguments: 0..<4)
    func `a job that was accepted is done, whatever happens`(crash: Int) async throws {
        let fuse = CrashFuse()
        let test = try ServiceUnderTest({ $0.batchPartSize = 5 }, onTransaction: { _ in try fuse.burn() })
        let version = try await test.running {
            try await test.prepareFilms()
            return try await test.train("hot").arn
        }
        try test.directory.write(Self.lines, to: "bucket/in/users.json")
        let input = test.batchInput("weekly", version)
        let job = arn("batch-inference-job/weekly")
        let isAccepted = Mutex(false)
        fuse.arm(crash)
        await fuse.run {
            try await test.running {
                try await test.call("CreateBatchInferenceJob", input)
                isAccepted.withLock { $0 = true }
                _ = try await test.service.waitUntilSettled(job)
            }
        }
        let again = try test.restarted()
        #expect(isAccepted.withLock(\.self) == (crash > 0))
        if crash == 0 { try await again.call("CreateBatchInferenceJob", input) }
        #expect(try await again.settling(job) == .active, "crash before transaction \(crash)")
        let answers = try again.answers("users.json")
        #expect(answers.count == 42)
        #expect(Set(answers.compactMap { $0["input"]?["userId"]?.string }).count == 40)
        #expect(again.exists("bucket/out/_SUCCESS"))
        #expect(try DataFiles.names(in: again.directory.file("home/jobs")) == [])
    }
}
