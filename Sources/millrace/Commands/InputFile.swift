import Foundation
import JSON

/// JSON that a command is given, in a file or as text.
enum InputFile {
    /// The JSON of a file; `-` is standard input.
    static func json(at path: String) throws(CommandError) -> JSON {
        try parse(try bytes(at: path), path)
    }

    /// The JSON of a file, or of an argument that is JSON itself.
    static func jsonOrText(_ argument: String) throws(CommandError) -> JSON {
        guard let first = argument.first(where: { !$0.isWhitespace }), "{[\"".contains(first) else {
            return try json(at: argument)
        }
        return try parse(Array(argument.utf8), "the argument")
    }

    /// The text of a file; `-` is standard input.
    static func text(at path: String) throws(CommandError) -> String {
        String(decoding: try bytes(at: path), as: UTF8.self)
    }

    private static func bytes(at path: String) throws(CommandError) -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandError(message: "cannot read \"\(path)\"; does it exist?", exit: MillraceExit.invalidData)
        }
        return Array(data)
    }

    private static func parse(_ bytes: [UInt8], _ place: String) throws(CommandError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw CommandError(message: "\(place) is not valid JSON: \(error)", exit: MillraceExit.invalidData)
        }
    }
}
