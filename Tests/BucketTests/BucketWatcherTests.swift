import Foundation
import SQLiteStore
import Synchronization
import TestSupport
import Testing

@testable import Bucket

@Suite("BucketWatcher", .timeLimit(.minutes(5))) struct BucketWatcherTests {
    let place: WatchedBucket

    init() throws {
        place = try WatchedBucket()
        try place.directory.write("{}", to: "staging/params.json")
    }

    // MARK: - While the service was down

    @Test func `what was dropped while it was down is found at the start, once`() async throws {
        try place.write("{}", to: "params.json")
        try place.write("{}", to: "team/a/params.json")
        try await place.watch { watch in
            let drops = try await watch.untilNow(atLeast: 2)
            #expect(drops.map(\.key).sorted() == ["params.json", "team/a/params.json"])
        }
        try await place.watch { watch in
            let drops = try await watch.untilNow()
            #expect(drops.isEmpty)
        }
    }

    @Test func `what was dropped again while it was down is found, even with the same content`() async throws {
        try place.write("{}", to: "params.json")
        try await place.watch { watch in
            let drops = try await watch.untilNow(atLeast: 1)
            #expect(drops.count == 1)
        }
        try await place.shell("sleep 0.02; cp $S/params.json $B/")
        try await place.watch { watch in
            let drops = try await watch.untilNow(atLeast: 1)
            #expect(drops.count == 1)
        }
        try await place.shell("cp $S/params.json $B/new; mv $B/new $B/params.json")
        try await place.watch { watch in
            let drops = try await watch.untilNow(atLeast: 1)
            #expect(drops.count == 1)
        }
        try await place.shell("chmod 600 $B/params.json; touch -d 2001-01-01 $B/params.json")
        try await place.watch { watch in
            let drops = try await watch.untilNow()
            #expect(drops.isEmpty)
        }
    }

    // MARK: - Handing over

    @Test func `a drop whose handler failed comes again with its id, and holds up no other`() async throws {
        let attempts = Mutex<[Drop.ID: Int]>([:])
        let handle: @Sendable (Drop) async throws -> Void = { drop in
            let count = attempts.withLock { counts in
                counts[drop.id, default: 0] += 1
                return counts[drop.id] ?? 0
            }
            if drop.key == "params.json", count < 3 { throw CocoaError(.fileLocking) }
        }
        try await place.watch(handle: handle) { watch in
            try await place.shell("cp $S/params.json $B/")
            #expect(try await watch.untilNow().isEmpty)
            // The watcher's regular listing sleeps too.
            await place.clock.sleepers(atLeast: 2)
            place.clock.advance(by: .seconds(1))
            await place.clock.sleepers(atLeast: 2)
            place.clock.advance(by: .seconds(2))
            let drop = try #require(await watch.next())
            #expect(drop.key == "params.json")
            #expect(attempts.withLock { $0[drop.id] } == 3)
        }
    }

    @Test func `drops of one key are handled in the order in which they came`() async throws {
        let isBusy = Mutex(true)
        let order = Mutex<[String]>([])
        let handle: @Sendable (Drop) async throws -> Void = { drop in
            guard drop.key == "params.json" else { return }
            if isBusy.withLock(\.self) { throw DropPostponed("a run is under way") }
            order.withLock { $0.append(drop.text ?? "") }
        }
        try await place.watch(handle: handle) { watch in
            for number in 1...3 {
                try place.write("{\"number\": \(number)}", to: "params.json")
                #expect(try await watch.untilNow().isEmpty)
            }
            isBusy.withLock { $0 = false }
            await place.clock.sleepers(atLeast: 2)
            place.clock.advance(by: .seconds(1))
            for _ in 1...3 { #expect(await watch.next()?.key == "params.json") }
            #expect(order.withLock { $0 } == (1...3).map { "{\"number\": \($0)}" })
        }
    }

    @Test func `a drop that waits comes again soon, as often as it takes`() async throws {
        let attempts = Mutex(0)
        let handle: @Sendable (Drop) async throws -> Void = { drop in
            guard drop.key == "params.json" else { return }
            let count = attempts.withLock { count in
                count += 1
                return count
            }
            if count <= 9 { throw DropPostponed("a run is under way") }
        }
        try await place.watch(handle: handle) { watch in
            try await place.shell("cp $S/params.json $B/")
            for _ in 1...9 {
                await place.clock.sleepers(atLeast: 2)
                place.clock.advance(by: .seconds(1))
            }
            #expect(await watch.next()?.key == "params.json")
            #expect(attempts.withLock { $0 } == 10)
        }
    }

    @Test func `a drop that was not marked comes again after a restart, with its id and content`() async throws {
        try place.write("{\"first\": 1}", to: "params.json")
        let seen = Mutex<[Drop]>([])
        try await place.watch(handle: { drop in
            if drop.key == "params.json" {
                seen.withLock { $0.append(drop) }
                throw CocoaError(.fileLocking)
            }
        }) { watch in
            let drops = try await watch.untilNow()
            #expect(drops.isEmpty)
        }
        try place.write("{\"second\": 2}", to: "params.json")
        try await place.watch { watch in
            let drops = try await watch.untilNow(atLeast: 2)
            let first = seen.withLock { $0.first }
            #expect(drops.first?.id == first?.id)
            #expect(drops.map(\.text) == ["{\"first\": 1}", "{\"second\": 2}"])
        }
        try await place.watch { watch in
            let drops = try await watch.untilNow()
            #expect(drops.isEmpty)
        }
    }

    @Test func `a drop that the store refused is recorded when it can be`() async throws {
        let isFull = Mutex(false)
        let store = try SQLiteStore.inMemory { _ in
            if isFull.withLock(\.self) { throw StoreError(.diskFull, "the disk is full") }
        }
        let place = try WatchedBucket(store: store)
        try await place.watch { watch in
            isFull.withLock { $0 = true }
            try place.write("{}", to: "params.json")
            #expect(await watch.fault().contains("the disk is full"))
            isFull.withLock { $0 = false }
            await place.clock.sleepers(atLeast: 2)
            place.clock.advance(by: .seconds(3))
            #expect(await watch.next()?.key == "params.json")
        }
    }

    @Test(arguments: 1...6) func `a crash at any transaction loses no drop and repeats none`(transaction: Int)
        async throws
    {
        let home = try WatchedBucket()
        let path = home.directory.file("store.sqlite")
        let handled = Mutex<[Drop.ID]>([])
        struct Crash: Error {}
        let start = Mutex(Int.max)
        let store = try SQLiteStore(path: path) { number in
            if number >= start.withLock(\.self) + transaction { throw Crash() }
        }
        try home.write("{}", to: "a/params.json")
        try home.write("{}", to: "b/params.json")
        try home.write("{}", to: "c/params.json")
        start.withLock { $0 = store.transactionCount }
        let crashing = try WatchedBucket(at: home, store: store)
        try await crashing.watch(handle: { drop in handled.withLock { $0.append(drop.id) } }) { _ in }
        try? store.close()
        let reopened = try WatchedBucket(at: home, store: SQLiteStore(path: path))
        try await reopened.watch(handle: { drop in
            if drop.key != Watch.marker { handled.withLock { $0.append(drop.id) } }
        }) { watch in _ = try await watch.untilNow() }
        // Handed over at least once each; a repeated one is told by its id.
        #expect(Set(handled.withLock(\.self)).count == 3)
        try await reopened.watch { watch in
            let drops = try await watch.untilNow()
            #expect(drops.isEmpty)
        }
    }

    // MARK: - Folders

    @Test func `what is in a new folder is found, whether it landed before or after the watch`() async throws {
        try await place.watch { watch in
            try await place.shell("for i in $(seq 60); do mkdir $B/d$i; cp $S/params.json $B/d$i/; done")
            let keys = try await watch.untilNow().map(\.key)
            #expect(keys.count == 60)
            #expect(Set(keys).count == 60)
        }
    }

    @Test func `whole trees are found when copied, moved or synced in`() async throws {
        try await place.watch { watch in
            try await place.shell(
                "mkdir -p $S/t/x/y/z; cp $S/params.json $S/t/x/y/z/; cp -r $S/t $B/copied; mv $S/t $B/moved"
            )
            var keys = try await watch.untilNow().map(\.key).sorted()
            #expect(keys == ["copied/x/y/z/params.json", "moved/x/y/z/params.json"])
            try await place.shell("mkdir -p $B/deep/er; cp $S/params.json $B/deep/er/; rm $B/moved/x/y/z/params.json")
            keys = try await watch.untilNow().map(\.key)
            #expect(keys == ["deep/er/params.json"])
        }
    }

    @Test func `a renamed folder is watched under its new name only`() async throws {
        try await place.watch { watch in
            try await place.shell("mkdir -p $B/a/in; cp $S/params.json $B/a/in/")
            #expect(try await watch.untilNow().map(\.key) == ["a/in/params.json"])
            try await place.shell("mv $B/a $B/b")
            #expect(try await watch.untilNow().map(\.key) == ["b/in/params.json"])
            try await place.shell("sleep 0.02; cp $S/params.json $B/b/in/")
            #expect(try await watch.untilNow().map(\.key) == ["b/in/params.json"])
            try await place.shell("mv $B/b/in $S/out; cp $S/params.json $S/out/")
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `a folder removed and made again is watched again`() async throws {
        try await place.watch { watch in
            for _ in 1...3 {
                try await place.shell("mkdir $B/a")
                #expect(try await watch.untilNow().isEmpty)
                try await place.shell("cp $S/params.json $B/a/")
                #expect(try await watch.untilNow().map(\.key) == ["a/params.json"])
                try await place.shell("rm -r $B/a")
            }
        }
    }

    @Test func `events that are lost cost nothing but a listing`() async throws {
        let setting = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let limit = try #require(Int(setting.trimmingCharacters(in: .whitespacesAndNewlines)))
        try await place.watch(alone: true) { watch in
            let reading = Reading()
            await reading.hold()
            for number in 0...(limit / 2) {
                let descriptor = unsafe open(
                    place.path("noise\(number % 2 == 0 ? "a" : "b")\(number).csv"),
                    O_CREAT | O_WRONLY,
                    0o644
                )
                close(descriptor)
            }
            try await place.shell("cp $S/params.json $B/; mkdir $B/late; cp $S/params.json $B/late/")
            reading.goOn()
            // The overflow makes the watcher list the bucket without the clock.
            await watch.scan()
            #expect(try await watch.untilNow().map(\.key).sorted() == ["late/params.json", "params.json"])
            try await place.shell("sleep 0.02; cp $S/params.json $B/late/")
            #expect(try await watch.untilNow().map(\.key) == ["late/params.json"])
        }
    }

    // MARK: - What should not be

    @Test func `a link out of the bucket is refused, once and clearly`() async throws {
        try await place.shell("ln -s $S/params.json $B/params.json; ln -s $S $B/linked; ln -s nowhere $B/broken")
        try await place.watch { watch in
            let faults = [await watch.fault(), await watch.fault()].sorted()
            #expect(faults[0].hasPrefix("s3://test-bucket/linked leads out of the bucket, to \""))
            #expect(faults[1].hasPrefix("s3://test-bucket/params.json leads out of the bucket, to \""))
            await watch.listAgain()
            #expect(try await watch.untilNow().isEmpty)
            try await place.shell("rm $B/params.json; ln -s params.js $B/params.json; cp $S/params.json $B/params.js")
            await watch.listAgain()
            #expect(try await watch.untilNow().map(\.key) == ["params.json"])
        }
    }

    @Test func `a bucket that is missing is reported, and watched when it appears`() async throws {
        let place = try WatchedBucket(isPresent: false)
        try place.directory.write("{}", to: "staging/params.json")
        try await place.watch { watch in
            #expect(
                await watch.fault()
                    == "bucket \"test-bucket\": its directory \"\(place.bucket.root)\" does not exist; create it"
            )
            // A bucket that comes and goes in one moment may be met by the regular listing only.
            try await place.shell("mkdir $B; cp $S/params.json $B/")
            await watch.listAgain()
            #expect(await watch.next()?.key == "params.json")
            try await place.shell("rm -r $B")
            #expect(await watch.fault().hasSuffix("does not exist; create it"))
            try await place.shell("mkdir $B")
            try await place.shell("cp $S/params.json $B/")
            await watch.listAgain()
            #expect(await watch.next()?.key == "params.json")
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `what no event tells of is found by the regular listing`() async throws {
        try await place.watch { watch in
            try await place.shell("ln $S/params.json $B/params.json")
            #expect(try await watch.untilNow().isEmpty)
            await watch.listAgain()
            #expect(await watch.next()?.key == "params.json")
        }
    }
}

/// Holds up the thread that reads events.
final class Reading: Sendable {
    private let gate = DispatchSemaphore(value: 0)

    func hold() async {
        let gate = gate
        let (held, holder) = AsyncStream.makeStream(of: Void.self)
        // Unstructured: the order ends only when the test lets it.
        Task.detached {
            await FileEvents.shared.perform { _ in
                holder.yield()
                gate.wait()
            }
        }
        for await _ in held { return }
    }

    func goOn() { gate.signal() }
}
