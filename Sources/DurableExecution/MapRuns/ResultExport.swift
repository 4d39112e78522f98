import JSON
import StatesLanguage

/// Writes the results of a Map Run's children into files: those that ended alike together, in their order.
///
/// The names depend on nothing but the run, so that a run whose process died meanwhile is written over.
struct ResultExport {
    /// A file that is in place.
    struct File {
        var key: String
        var size: Int
    }

    /// What is written so far.
    struct Written {
        var executions = 0
        var items = 0
    }

    private static let pageLimit = 1000
    private static let chunkBytes = 1 << 20

    let run: MapRun
    let form: ResultForm
    let destination: ResultDestination
    let fileBytes: Int
    let store: any MapRunStore
    let sink: any ObjectSink

    /// Writes all files and, last, the manifest.
    ///
    /// - Parameter note: Called after each file with what is written so far.
    /// - Throws: `StatesError` when a file cannot be put, or what the store throws.
    func write(note: (Written) async throws -> Void) async throws {
        var written = Written()
        var lists = JSONObject()
        let classes: [(String, [Execution.Status])] = [
            ("FAILED", [.failed, .timedOut, .aborted]), ("PENDING", []), ("SUCCEEDED", [.succeeded]),
        ]
        for (name, statuses) in classes {
            let files = statuses.isEmpty ? [] : try await write(name, statuses, &written, note: note)
            lists[name] = .array(files.map { ["Key": .string($0.key), "Size": JSON($0.size)] })
        }
        let manifest: JSON = [
            "DestinationBucket": .string(destination.bucket), "MapRunArn": .string(run.arn),
            "ResultFiles": .object(lists),
        ]
        var bytes: [UInt8]? = manifest.utf8
        _ = try await sink.put(bucket: destination.bucket, key: destination.manifestKey) {
            defer { bytes = nil }
            return bytes
        }
    }

    private func write(
        _ name: String,
        _ statuses: [Execution.Status],
        _ written: inout Written,
        note: (Written) async throws -> Void
    ) async throws -> [File] {
        var files: [File] = []
        var children = ChildStream(run: run, statuses: statuses, pageLimit: Self.pageLimit, store: store)
        while try await children.peek() != nil {
            let key = "\(destination.folder)\(name)_\(files.count).\(form.isLines ? "jsonl" : "json")"
            let size = try await writeFile(key, &children, &written)
            files.append(File(key: key, size: size))
            try await note(written)
        }
        return files
    }

    private func writeFile(_ key: String, _ children: inout ChildStream, _ written: inout Written) async throws -> Int {
        let marks = form.punctuation
        var count = 0
        var size = 0
        var isDone = false
        return try await sink.put(bucket: destination.bucket, key: key) {
            guard !isDone else { return nil }
            var chunk: [UInt8] = size == 0 ? Array(marks.start.utf8) : []
            while chunk.count < Self.chunkBytes {
                guard size + chunk.count < fileBytes || count == 0, let child = try await children.next() else {
                    isDone = true
                    chunk += marks.end.utf8
                    break
                }
                for text in try form.texts(of: child.mapRunChild) {
                    if count > 0 { chunk += marks.separator.utf8 }
                    chunk += text.utf8
                    count += 1
                }
                written.executions += 1
                written.items += child.mapRun?.itemCount ?? 1
            }
            size += chunk.count
            return chunk
        }
    }
}

/// The children of a run in their order, read page by page.
struct ChildStream {
    let run: MapRun
    let statuses: [Execution.Status]?
    let pageLimit: Int
    let store: any MapRunStore
    private var page: ArraySlice<Execution> = []
    private var last = -1
    private var isAtEnd = false

    init(run: MapRun, statuses: [Execution.Status]?, pageLimit: Int, store: any MapRunStore) {
        self.run = run
        self.statuses = statuses
        self.pageLimit = pageLimit
        self.store = store
    }

    /// The next child, which stays the next.
    mutating func peek() async throws -> Execution? {
        if page.isEmpty, !isAtEnd {
            let query = MapRunChildren(of: run.arn, in: statuses, after: last, limit: pageLimit)
            page = ArraySlice(try await store.children(query))
            last = page.last?.mapRun?.index ?? last
            isAtEnd = page.count < pageLimit
        }
        return page.first
    }

    /// The next child.
    mutating func next() async throws -> Execution? {
        guard let child = try await peek() else { return nil }
        page = page.dropFirst()
        return child
    }
}
