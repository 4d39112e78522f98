/// Which names of files and folders hold no objects.
///
/// Dotfiles and what editors and copying programs name a file while it is in the making: `.params.json.Xa8F2c`
/// (rsync), `params.json~`, `#params.json#`, `4913` (vim's probe), `*.tmp`, `*.swp`, `*.part`, `*.filepart`,
/// `*.crdownload` and their kin.
public enum ObjectName {
    private static let suffixes = [
        "~", ".tmp", ".temp", ".swp", ".swo", ".swx", ".part", ".partial", ".filepart", ".crdownload", ".download",
        ".unconfirmed", ".lock",
    ]

    /// Whether a file or folder of this name holds no objects.
    ///
    /// - Parameter name: The name, without a path.
    /// - Returns: Whether to pass over it.
    public static func isIgnored(_ name: some StringProtocol) -> Bool {
        if name.hasPrefix(".") || name == "4913" { return true }
        if name.hasPrefix("#"), name.hasSuffix("#") { return true }
        let folded = name.lowercased()
        return suffixes.contains { folded.hasSuffix($0) }
    }

    /// Whether any folder or the file of a key has a name that holds no objects.
    ///
    /// - Parameter key: The object's key.
    /// - Returns: Whether to pass over it.
    public static func isIgnored(inKey key: String) -> Bool {
        key.split(separator: "/").contains { isIgnored($0) }
    }
}
