import Foundation
import Kernels
import Recommenders

/// A folder of events as `Benchmarks/Peers/events.py` writes it: a file a column, numbers in the machine's own form.
struct EventFolder {
    let interactions: Interactions
    private let url: URL
    private let shape: Shape

    private struct Shape: Decodable {
        let users: Int
        let items: Int
        let events: Int
        let asked: Int
        let excludesMet: Bool
        /// How many items a test user is recommended; 25 where it is not said.
        let listLength: Int?
    }

    /// Reads the events.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - isRated: Whether events count as much as their ratings say.
    /// - Throws: An error that names the file which cannot be read.
    init(_ path: String, isRated: Bool = false) throws {
        url = URL(filePath: path)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        shape = try decoder.decode(Shape.self, from: Data(contentsOf: url.appending(path: "shape.json")))
        let columns = EventColumns(
            users: try Self.column("users", url, shape.events),
            items: try Self.column("items", url, shape.events),
            timestamps: try Self.column("times", url, shape.events),
            weights: isRated ? try Self.column("values", url, shape.events) : nil
        )
        interactions = try Interactions(columns, userCount: shape.users, itemCount: shape.items)
    }

    /// What the test users are recommended by what they have met, from the oldest to the newest; none without tests.
    func questions() throws -> [Query] {
        let file = url.appending(path: "inputs.json")
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try JSONDecoder().decode([[UInt32]].self, from: Data(contentsOf: file)).map { input in
            Query(
                history: input,
                excluded: shape.excludesMet ? ItemSet(input) : [],
                count: shape.listLength ?? 25,
                isScored: false
            )
        }
    }

    /// The pairs of user and item whose ratings are to be predicted.
    func askedPairs() throws -> [(user: UInt32, item: UInt32)] {
        let users: MappedArray<UInt32> = try Self.column("asked-users", url, shape.asked)
        let items: MappedArray<UInt32> = try Self.column("asked-items", url, shape.asked)
        return zip(users, items).map { (user: $0, item: $1) }
    }

    private static func column<Element>(_ name: String, _ folder: URL, _ count: Int) throws -> MappedArray<Element> {
        try MappedArray(MappedFile(path: folder.appending(path: name).path), offset: 0, count: count)
    }
}
