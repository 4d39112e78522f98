import Foundation
import Testing

/// What fuzzing has found and kept: inputs that reach every known corner of the parsers, and those that once broke one.
@Suite struct FuzzedCasesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "FuzzedCases")

    @Test(arguments: FuzzTarget.allCases)
    func `every case that was kept is answered with a value or an error`(target: FuzzTarget) throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: target.rawValue).path
        )
        #expect(names.count > 20)
        for name in names.sorted() {
            let url = Self.folder.appending(path: target.rawValue).appending(path: name)
            target.feed(Array(try Data(contentsOf: url)))
        }
    }
}
