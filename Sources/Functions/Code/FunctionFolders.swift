internal import DurableFiles
internal import FoundationEssentials
internal import JSON

/// The functions that lie in folders of the user's: `NAME/function.json` with the code beside it.
struct FunctionFolders {
    let root: String

    /// What was found.
    struct Found {
        var functions: [Function] = []
        /// What is wrong with others, by name.
        var faults: [String: String] = [:]
    }

    private static let file = "function.json"

    /// Looks at all folders.
    func scan() -> Found {
        var found = Found()
        for name in ((try? DirectoryListing.names(in: root)) ?? []).sorted() {
            let folder = "\(root)/\(name)"
            guard !name.hasPrefix("."), let data = FileManager.default.contents(atPath: "\(folder)/\(Self.file)") else {
                continue
            }
            do throws(FunctionFileError) {
                let file = try FunctionFile(name: name, Array(data))
                let mark = Self.mark(of: folder)
                found.functions.append(
                    Function(
                        configuration: file.configuration,
                        code: .folder(path: folder, mark: mark.text),
                        lastModified: mark.latest,
                        revisionID: mark.text,
                        events: file.events
                    )
                )
            } catch {
                found.faults[name] = "\(folder)/\(Self.file): \(error)"
            }
        }
        return found
    }

    /// What changes with any file of a folder: sizes, times and names of all, but for what Python writes itself.
    private static func mark(of folder: String) -> (text: String, latest: Double) {
        var hasher = StableHash()
        var latest = 0.0
        var folders = [folder]
        var rest = 20_000
        while let next = folders.popLast() {
            for name in ((try? DirectoryListing.names(in: next)) ?? []).sorted() where name != "__pycache__" {
                let path = "\(next)/\(name)"
                guard rest > 0, let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
                    continue
                }
                rest -= 1
                if attributes[.type] as? FileAttributeType == .typeDirectory {
                    folders.append(path)
                    continue
                }
                let modified = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
                latest = max(latest, modified)
                hasher.add("\(path) \(attributes[.size] ?? 0) \(modified)")
            }
        }
        return (hasher.text, latest)
    }
}

/// A hash that is the same in every process: FNV-1a, 64 bits.
private struct StableHash {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    var text: String { String(value, radix: 16) }
}
