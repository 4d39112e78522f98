import DurableFiles
import JSON

/// What a home takes on the disk, by kind.
struct DiskUsage: Sendable {
    /// What files are for.
    enum Kind: String, Sendable, CaseIterable {
        case database, snapshots, models, jobs, logs, mail, other

        /// The kind of a file, by its path below the home.
        init(path: String) {
            let folder = path.prefix { $0 != "/" }
            self =
                switch folder {
                case "data": .snapshots
                case "models": .models
                case "jobs": .jobs
                case "logs": .logs
                case "mail": .mail
                default: path.hasPrefix("millrace.sqlite") ? .database : .other
                }
        }
    }

    /// Files and bytes of a kind.
    struct Amount: Sendable, Equatable {
        var files = 0
        var bytes = 0
    }

    private(set) var amounts: [Kind: Amount] = [:]

    /// Measures a home.
    init(home: String) throws(FileError) {
        for kind in Kind.allCases { amounts[kind] = Amount() }
        for file in try FileTree.files(in: home) {
            amounts[Kind(path: file.path), default: Amount()].files += 1
            amounts[Kind(path: file.path), default: Amount()].bytes += file.bytes
        }
    }

    var total: Amount {
        amounts.values.reduce(into: Amount()) { total, amount in
            total.files += amount.files
            total.bytes += amount.bytes
        }
    }

    /// `usage`, a list of `kind`, `files` and `bytes`, and the same in `total`.
    var json: JSON {
        let usage = Kind.allCases.map { kind -> JSON in
            let amount = amounts[kind] ?? Amount()
            return ["kind": .string(kind.rawValue), "files": JSON(amount.files), "bytes": JSON(amount.bytes)]
        }
        return ["usage": .array(usage), "total": ["files": JSON(total.files), "bytes": JSON(total.bytes)]]
    }
}
