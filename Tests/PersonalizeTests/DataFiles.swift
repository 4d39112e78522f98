import FoundationEssentials

/// The files the service keeps.
enum DataFiles {
    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }
}
