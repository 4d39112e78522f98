internal import DurableFiles
internal import JSON

/// Where a batch job reads and writes, as its `jobInput` and `jobOutput` say.
struct BatchLocations: Sendable {
    let input: String
    /// A folder; ends with a slash.
    let output: String
    /// Where answers are written as a SQLite database too; `nil` when that is not asked for.
    let database: String?

    /// The locations of a job.
    init(_ body: JSON) {
        input = body["jobInput"]?["s3DataSource"]?["path"]?.string ?? ""
        let output = body["jobOutput"]?["s3DataDestination"]?["path"]?.string ?? ""
        self.output = output.hasSuffix("/") ? output : output + "/"
        database = body["jobOutput"]?["sqliteDataDestination"]?["path"]?.string
    }

    /// Whether answers would be written among the questions.
    var areSame: Bool { output == (input.hasSuffix("/") ? input : input + "/") }

    /// The files of questions: the `.json` and `.jsonl` files of a folder, or one file of any name.
    ///
    /// The answers to `users.json` go to `users.json.out`.
    func files(_ objects: any ObjectSource) throws(TrainingRefusal) -> [BatchFile] {
        let paths: [String]
        do {
            paths = try objects.files(at: input, suffix: "")
        } catch {
            throw TrainingRefusal("Invalid S3 input path. \(error)")
        }
        let isOneFile = !input.hasSuffix("/") && paths.count == 1 && Self.name(paths[0]) == Self.name(input)
        let chosen = isOneFile ? paths : paths.filter(Self.isOfQuestions)
        guard !chosen.isEmpty else {
            throw TrainingRefusal("Invalid S3 input path. \(input) holds no .json or .jsonl file.")
        }
        var files: [BatchFile] = []
        for path in chosen {
            let output = try output(Self.name(path) + ".out", objects)
            files.append(BatchFile(path: path, length: try Self.length(path), output: output))
        }
        guard files.contains(where: { $0.length > 0 }) else {
            throw TrainingRefusal("The input is empty. Write a JSON object a line into \(input).")
        }
        return files
    }

    /// Writes `_CHECK`, an empty file that shows that the output can be written, and takes an earlier job's `_SUCCESS`
    /// away.
    func begin(_ objects: any ObjectSource) throws(TrainingRefusal) {
        let (check, success) = (try output("_CHECK", objects), try output("_SUCCESS", objects))
        do throws(FileError) {
            for path in [check, success] { try AtomicFile.removeLeftovers(of: path) }
            try AtomicFile.write([], to: check)
            try Files.remove(success)
        } catch {
            throw TrainingRefusal("Invalid S3 output path. \(error)")
        }
    }

    /// Writes `_SUCCESS`, an empty file: all answers are in place.
    func end(_ objects: any ObjectSource) throws {
        try AtomicFile.write([], to: try output("_SUCCESS", objects))
    }

    private func output(_ name: String, _ objects: any ObjectSource) throws(TrainingRefusal) -> String {
        do {
            return try objects.writablePath(of: output + name)
        } catch {
            throw TrainingRefusal("Invalid S3 output path. \(error)")
        }
    }

    private static func length(_ path: String) throws(TrainingRefusal) -> Int {
        do throws(FileError) {
            return try FileReader(path).length
        } catch {
            throw TrainingRefusal("Invalid S3 input path. \(error)")
        }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func isOfQuestions(_ path: String) -> Bool {
        let name = path.lowercased()
        return name.hasSuffix(".json") || name.hasSuffix(".jsonl")
    }
}
