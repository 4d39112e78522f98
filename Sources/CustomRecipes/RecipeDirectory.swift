internal import DurableFiles
internal import Glibc
internal import Personalize

/// The directory whose directories are recipes; read whenever something is asked, so that what is put there counts at once.
struct RecipeDirectory: Sendable {
    let path: String

    /// Larger descriptions and programs are not read whole.
    private static let largestFile = 16 << 20

    /// The names of what may be recipes, sorted.
    var names: [String] {
        let found = (try? DirectoryListing.names(in: path)) ?? []
        return found.filter { unsafe access("\(path)/\($0)/recipe.json", F_OK) == 0 }.sorted()
    }

    /// The recipe of a name; `nil` when there is none.
    ///
    /// - Throws: `PersonalizeError` with `invalidInput` that tells every fault.
    func file(_ name: String) throws(PersonalizeError) -> RecipeFile? {
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.utf8.contains(0) else { return nil }
        let directory = "\(path)/\(name)"
        guard unsafe access("\(directory)/recipe.json", F_OK) == 0 else { return nil }
        var faults: [String] = []
        var programs: [[UInt8]] = []
        do {
            let text = try Self.content("\(directory)/recipe.json")
            do throws(RecipeFile.Invalid) {
                let probe = try RecipeFile(text, name: name, directory: directory, programs: [])
                if probe.image == nil {
                    for program in ["train", "serve"] {
                        if let fault = Self.fault(of: program, in: directory) {
                            faults.append(fault)
                        } else {
                            programs.append((try? Self.content("\(directory)/\(program)")) ?? [])
                        }
                    }
                }
                if faults.isEmpty {
                    return try RecipeFile(text, name: name, directory: directory, programs: programs)
                }
            } catch {
                faults += error.faults
            }
        } catch {
            faults.append("recipe.json: \(error)")
        }
        throw PersonalizeError(
            .invalidInput,
            "recipe \"\(name)\" in \"\(directory)\" cannot be used: \(faults.joined(separator: "; "))"
        )
    }

    private static func fault(of program: String, in directory: String) -> String? {
        let path = "\(directory)/\(program)"
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            return "the program \(program) is missing; put it beside recipe.json, or name an image"
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return "\(program) is no file" }
        guard unsafe access(path, X_OK) == 0 else { return "\(program) is not executable; chmod +x \"\(path)\"" }
        return nil
    }

    private static func content(_ path: String) throws(FileError) -> [UInt8] {
        var reader = try FileReader(path)
        var bytes: [UInt8] = []
        _ = try reader.read(appendingTo: &bytes, count: min(reader.length, largestFile))
        return bytes
    }
}
