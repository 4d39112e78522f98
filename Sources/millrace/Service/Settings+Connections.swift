import Foundation
import JSON
import Pipeline

extension Settings {
    /// Reads `connections` of `config.json`: a list in the shape of EventBridge's `CreateConnection`, which HTTP tasks
    /// name by ARN.
    ///
    /// They hold secrets, so they are read from the file only, never from flags or the environment.
    static func connections(inHome home: String) throws -> [Connection] {
        let path = "\(home)/config.json"
        guard let data = FileManager.default.contents(atPath: path), let file = try? JSON(parsing: Array(data)),
            let value = file["connections"], !value.isNull
        else { return [] }
        guard let list = value.array else {
            throw CommandError(message: "connections in \"\(path)\" must be a list", exit: MillraceExit.invalidData)
        }
        return try list.enumerated().map { index, connection in
            do {
                return try Connection(connection)
            } catch {
                throw CommandError(
                    message: "connections[\(index)] in \"\(path)\": \(error)",
                    exit: MillraceExit.invalidData
                )
            }
        }
    }
}
