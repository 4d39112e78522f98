import Foundation
import TestSupport
import Testing

@testable import Bucket

/// A way people and programs put a file into a directory.
struct Way: Sendable, CustomTestStringConvertible {
    let name: String
    let script: String
    var program: String?

    var testDescription: String { name }
    var isPossible: Bool {
        guard let program else { return true }
        return ["/usr/bin", "/bin", "/usr/local/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    static let all = [
        Way(name: "cp", script: "cp $S/params.json $B/"),
        Way(name: "cp -p", script: "cp -p $S/params.json $B/"),
        Way(name: "cp over a link", script: "cp --remove-destination $S/params.json $B/"),
        Way(name: "mv", script: "mv $S/params.json $B/"),
        Way(name: "install", script: "install -m 640 $S/params.json $B/"),
        Way(
            name: "temporary name, then rename",
            script: "cp $S/params.json $B/params.json.tmp; mv $B/params.json.tmp $B/params.json"
        ),
        Way(
            name: "hidden name, then rename",
            script: "cp $S/params.json $B/.params.json.Xa8F2c; mv $B/.params.json.Xa8F2c $B/params.json"
        ),
        Way(name: "redirection", script: "cat $S/params.json > $B/params.json"),
        Way(
            name: "redirection in pieces",
            script: "{ head -c 5 $S/params.json; tail -c +6 $S/params.json; } > $B/params.json"
        ),
        Way(name: "tee", script: "tee $B/params.json < $S/params.json > $S/out"),
        Way(name: "dd", script: "dd if=$S/params.json of=$B/params.json bs=4 conv=fsync 2> $S/err"),
        Way(name: "rsync", script: "rsync -a $S/params.json $B/", program: "rsync"),
        Way(name: "rsync --inplace", script: "rsync -a --inplace $S/params.json $B/", program: "rsync"),
        Way(name: "rsync of a directory", script: "rm -f $S/out; rsync -rt $S/ $B/", program: "rsync"),
        Way(
            name: "an editor that keeps a backup and probes with 4913",
            script: """
                : > $B/4913; rm $B/4913; : > $B/.params.json.swp
                if [ -e $B/params.json ]; then mv $B/params.json $B/params.json~; fi
                cat $S/params.json > $B/params.json; chmod 600 $B/params.json
                rm -f $B/params.json~ $B/.params.json.swp
                """
        ),
        Way(
            name: "vim",
            script: #"vim -u NONE -N -es -c 'normal ggdGi{"new": 2}' -c wq $B/params.json < /dev/null"#,
            program: "vim"
        ),
        Way(
            name: "python",
            script:
                "python3 -c 'import sys; open(sys.argv[1], \"w\").write(open(sys.argv[2]).read())' $B/params.json $S/params.json",
            program: "python3"
        ),
    ]

    static let possible = all.filter(\.isPossible)
}

@Suite("Drops", .timeLimit(.minutes(5))) struct DropTests {
    let place: WatchedBucket

    init() throws { place = try WatchedBucket() }

    @Test(arguments: Way.possible, [false, true])
    func `each way to put a file makes one drop`(way: Way, isReplacing: Bool) async throws {
        if isReplacing { try place.write("{\"old\": 1}", to: "params.json") }
        try place.directory.write("{\"new\": 2}\n", to: "staging/params.json")
        try await place.watch { watch in
            #expect(try await watch.untilNow(atLeast: isReplacing ? 1 : 0).count == (isReplacing ? 1 : 0))
            try await place.shell(way.script)
            let drops = try await watch.untilNow(atLeast: 1)
            #expect(drops.map(\.key) == ["params.json"])
            #expect(drops.first?.text == "{\"new\": 2}\n")
            // The listing agrees that there is nothing more.
            await watch.listAgain()
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test(arguments: [
        "params.json.bak", "params.json~", "params.json.tmp", ".params.json", "#params.json#", "params.json.swp",
        "4913",
        "params.json.part", "Params.json", "xparams.json", ".git/params.json", "old~/params.json", "params.json.txt",
    ])
    func `other names make none`(name: String) async throws {
        try await place.watch { watch in
            let folder = name.contains("/") ? "mkdir -p \"$(dirname \"$B/\(name)\")\";" : ""
            try await place.shell(
                "\(folder) echo '{}' > \"$B/\(name)\"; cp \"$B/\(name)\" $S/copy; mv $S/copy \"$B/\(name)\""
            )
            #expect(try await watch.untilNow().isEmpty)
            await watch.listAgain()
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `a folder, a pipe or a socket of the name makes none`() async throws {
        try await place.watch { watch in
            try await place.shell("mkdir $B/params.json; mkdir $B/sub; mkfifo $B/sub/params.json")
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `the same file dropped again makes another drop`() async throws {
        try place.directory.write("{}", to: "staging/params.json")
        try await place.watch { watch in
            for script in [
                "cp $S/params.json $B/", "sleep 0.02; cp $S/params.json $B/", "sleep 0.02; touch $B/params.json",
            ] {
                try await place.shell(script)
                #expect(try await watch.untilNow(atLeast: 1).count == 1, "after \(script)")
            }
            // A copy that keeps the old time is no tail of the save before, once that has settled.
            place.clock.advance(by: .seconds(3))
            try await place.shell("cp -p $S/params.json $B/")
            #expect(try await watch.untilNow(atLeast: 1).count == 1)
        }
    }

    @Test func `a change of attributes makes none`() async throws {
        try place.write("{}", to: "params.json")
        try await place.watch { watch in
            #expect(try await watch.untilNow(atLeast: 1).count == 1)
            place.clock.advance(by: .seconds(3))
            try await place.shell("chmod 600 $B/params.json; ln $B/params.json $B/other")
            await watch.listAgain()
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `a file that is still being written makes none until it is closed`() async throws {
        try await place.watch { watch in
            let writer = try SlowWriter(to: place.path("params.json"))
            try writer.write("{\"half\":")
            #expect(try await watch.untilNow().isEmpty)
            // Somebody else closes it meanwhile, and the listing comes by.
            try await place.shell("touch $B/params.json")
            #expect(try await watch.untilNow().isEmpty)
            await watch.listAgain()
            #expect(try await watch.untilNow().isEmpty)
            try writer.write(" 2}")
            writer.close()
            #expect(try await watch.untilNow(atLeast: 1).map(\.text) == ["{\"half\": 2}"])
        }
    }

    @Test func `a file renamed into place before its writer closed it makes one`() async throws {
        try await place.watch { watch in
            let writer = try SlowWriter(to: place.path("params.json.tmp"))
            try writer.write("{\"half\":")
            try await place.shell("mv $B/params.json.tmp $B/params.json")
            #expect(try await watch.untilNow().isEmpty)
            try writer.write(" 2}")
            writer.close()
            #expect(try await watch.untilNow(atLeast: 1).map(\.text) == ["{\"half\": 2}"])
        }
    }

    @Test func `a shell that writes slowly makes one, whole`() async throws {
        try await place.watch { watch in
            let process = Process()
            let (input, output) = (Pipe(), Pipe())
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = [
                "-c", "{ printf '{\"a\":'; echo ready >&2; read line; printf '1}'; } > '\(place.path("params.json"))'",
            ]
            process.standardInput = input
            process.standardError = output
            try process.run()
            #expect(!output.fileHandleForReading.availableData.isEmpty)
            #expect(try await watch.untilNow().isEmpty)
            try input.fileHandleForWriting.write(contentsOf: Data("go\n".utf8))
            #expect(await watch.next()?.text == "{\"a\":1}")
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `an empty file waits for its content, and is taken when none comes`() async throws {
        try await place.watch { watch in
            try await place.shell(": > $B/params.json")
            #expect(try await watch.untilNow().isEmpty)
            try await place.shell("echo '{}' > $B/params.json")
            #expect(try await watch.untilNow(atLeast: 1).map(\.text) == ["{}\n"])
            try await place.shell("mkdir $B/sub; : > $B/sub/params.json")
            #expect(try await watch.untilNow().isEmpty)
            await place.clock.sleepers(atLeast: 3)
            place.clock.advance(by: .seconds(3))
            #expect(await watch.next()?.text == "")
            #expect(try await watch.untilNow().isEmpty)
        }
    }

    @Test func `drops in two folders at one moment are two`() async throws {
        try place.directory.write("{}", to: "staging/params.json")
        try await place.watch { watch in
            try await place.shell("mkdir $B/a $B/b")
            #expect(try await watch.untilNow().isEmpty)
            async let first: Void = place.shell("cp $S/params.json $B/a")
            async let second: Void = place.shell("cp $S/params.json $B/b")
            _ = try await (first, second)
            #expect(try await watch.untilNow(atLeast: 2).map(\.key).sorted() == ["a/params.json", "b/params.json"])
        }
    }

    @Test func `of a file replaced again and again the last content arrives, and none is torn`() async throws {
        try await place.watch { watch in
            for number in 1...200 {
                let staged = place.directory.file("staging/next")
                let text = "{\"number\": \(number), \"padding\": \"\(String(repeating: "x", count: number * 50))\"}"
                try Data(text.utf8).write(to: URL(filePath: staged))
                try FileManager.default.moveItemReplacing(staged, place.path("params.json"))
            }
            let drops = try await watch.untilNow()
            #expect(drops.last?.text?.hasPrefix("{\"number\": 200,") == true)
            #expect(drops.allSatisfy { $0.text?.hasSuffix("\"}") == true })
            #expect(Set(drops.map(\.version)).count == drops.count)
        }
    }

    @Test func `a file rewritten in place again and again is never taken half`() async throws {
        try await place.watch { watch in
            for number in 1...200 {
                let writer = try SlowWriter(to: place.path("params.json"))
                try writer.write("{\"number\": \(number),")
                try writer.write(" \"end\": true}")
                writer.close()
            }
            let drops = try await watch.untilNow()
            #expect(drops.last?.text == "{\"number\": 200, \"end\": true}")
            // It may be seen empty, as a new writer has just cut it, but then it waits to settle.
            #expect(drops.allSatisfy { $0.text?.hasSuffix("\"end\": true}") == true })
        }
    }

    @Test func `a large file makes a drop without its content`() async throws {
        try await place.watch {
            $0.maximumContentSize = 10
        } _: { watch in
            try place.write("{\"a\": \"long\"}", to: "params.json")
            let drop = try await watch.untilNow(atLeast: 1).first
            #expect(drop != nil && drop?.content == nil)
            #expect(drop?.version.size == 13)
        }
    }
}

/// Holds a file open and writes it piece by piece.
final class SlowWriter {
    private let handle: FileHandle

    init(to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ text: String) throws { try handle.write(contentsOf: Data(text.utf8)) }
    func close() { try? handle.close() }
}
