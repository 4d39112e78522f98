import Foundation

/// What is known of the terminal the program writes to.
enum Terminal {
    /// Whether standard output is a terminal that shows colours.
    static let showsColour: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }()

    /// Whether standard output is a terminal at all.
    static let isInteractive = isatty(STDOUT_FILENO) == 1

    /// Its width in columns, or 80.
    static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a line to standard output at once.
    static func print(_ line: String = "") {
        write(line + "\n")
    }

    /// Writes text to standard output without a line's end.
    static func write(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            // Whoever read has gone, as `head` does: there is nobody left to tell.
            exit(EXIT_SUCCESS)
        }
    }

    /// Writes a line to standard error.
    static func warn(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}

/// Colour and weight, where the terminal shows them.
enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    /// The text in this style, or as it is where there is no colour.
    func callAsFunction(_ text: String) -> String {
        Terminal.showsColour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A status in the colour that it calls for.
    static func status(_ status: String) -> String {
        switch status {
        case "SUCCEEDED", "ACTIVE", "ENABLED", "SENT": Style.green(status)
        case "FAILED", "TIMED_OUT", "ABORTED", "CREATE FAILED", "PARKED": Style.red(status)
        default: Style.yellow(status)
        }
    }
}
