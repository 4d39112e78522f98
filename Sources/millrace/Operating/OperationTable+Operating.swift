import Foundation
import HTTPAPI
import JSON

extension OperationTable {
    /// What the operator asks for.
    ///
    /// | Operation | Members (those in parentheses may be absent) | Answer |
    /// | --- | --- | --- |
    /// | `CollectGarbage` | (`dryRun`) | `items` with `kind`, `name`, `count`, `bytes` and `reason`; `count`, `bytes` |
    /// | `DescribeDisk` | | `usage` by `kind` with `files` and `bytes`, `total` |
    /// | `CreateBackup` | `directory` | `directory`, `files`, `bytes`, `linkedFiles`, `missing` |
    mutating func addOperating(_ service: MillraceService) {
        let retention = service.retention
        self["CollectGarbage"] = { input in
            let isDryRun = input["dryRun"]?.bool ?? false
            let items = try await isDryRun ? retention.removable() : retention.collect()
            return [
                "dryRun": .bool(isDryRun), "items": .array(items.map(\.json)), "count": JSON(items.count(of: nil)),
                "bytes": JSON(items.bytes),
            ]
        }
        let home = service.settings.home
        self["DescribeDisk"] = { _ in try await Blocking.run { try DiskUsage(home: home) }.json }
        let backups = service.backups
        self["CreateBackup"] = { input in
            guard let directory = input["directory"]?.string, directory.hasPrefix("/") else {
                throw WireError(
                    "ValidationException",
                    "directory is missing or not absolute; it is where the backup is to be written"
                )
            }
            do {
                return try await backups.create(at: directory).json
            } catch let error as BackupError {
                throw WireError("ValidationException", error.description)
            }
        }
    }
}
