internal import Crypto
internal import DurableFiles
internal import FoundationEssentials

/// The archives of functions and layers, by their hash, and the folders they are unpacked into.
///
/// ```text
/// code/SHA256.zip    the archive: written aside, synced, renamed
/// code/run/SHA256/   unpacked when first needed; emptied at each start, so that no half of one outlives a crash
/// ```
struct CodeStore {
    let folder: String

    /// Makes the folders, and clears what an earlier process left.
    func prepare(keeping archives: Set<String>) throws {
        try DirectoryListing.create(folder)
        try? FileManager.default.removeItem(atPath: "\(folder)/run")
        try DirectoryListing.create("\(folder)/run")
        try AtomicFile.removeLeftovers(in: folder)
        for name in try DirectoryListing.names(in: folder) where name.hasSuffix(".zip") {
            if !archives.contains(String(name.dropLast(4))) {
                try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
        }
    }

    /// Keeps an archive, once it was unpacked without a fault.
    ///
    /// - Throws: `FunctionError` with `invalidParameterValue` for an archive that is refused; `FileError`.
    func keep(_ archive: [UInt8]) throws -> CodeSource {
        let hash = SHA256.hash(data: archive).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let path = "\(folder)/\(hash).zip"
        if !FileManager.default.fileExists(atPath: path) {
            try unpack(archive, hash)
            try AtomicFile.write(archive, to: path)
        }
        return .archive(sha256: hash, size: archive.count)
    }

    /// The folder of some code, unpacked if it was not.
    func folder(of code: CodeSource) throws -> String {
        switch code {
        case .folder(let path, _): return path
        case .archive(let hash, _):
            let target = "\(folder)/run/\(hash)"
            if FileManager.default.fileExists(atPath: target) { return target }
            try unpack(Array(Data(contentsOf: URL(filePath: "\(folder)/\(hash).zip"))), hash)
            return target
        }
    }

    /// The archive itself.
    func archive(_ hash: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: "\(folder)/\(hash).zip")))
    }

    private func unpack(_ archive: [UInt8], _ hash: String) throws {
        let target = "\(folder)/run/\(hash)"
        let aside = "\(folder)/run/.\(hash).\(UInt32.random(in: .min ... .max))"
        try DirectoryListing.create(aside)
        do {
            try CodeArchive().unpack(archive, into: aside)
        } catch {
            try? FileManager.default.removeItem(atPath: aside)
            throw FunctionError(.invalidParameterValue, "Could not unzip uploaded file: \(error)")
        }
        // Another request may have unpacked the same meanwhile.
        if (try? FileManager.default.moveItem(atPath: aside, toPath: target)) == nil {
            try? FileManager.default.removeItem(atPath: aside)
        }
    }
}
