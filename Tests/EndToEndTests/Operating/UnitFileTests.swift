import Foundation
import TestSupport
import Testing

/// The unit of systemd, as systemd itself reads it.
@Suite struct UnitFileTests {
    private static let hasSystemd = (try? run("/usr/bin/env", "systemd-analyze", "--version")) != nil

    @Test(.enabled(if: hasSystemd)) func `systemd finds no fault with the unit, and calls its exposure low`() throws {
        let directory = try TemporaryDirectory()
        let unit = try String(contentsOf: Example.root.appending(path: "Packaging/millrace.service"), encoding: .utf8)
        // The program is not installed where tests run.
        let file = try directory.write(
            unit.replacing("/usr/local/bin/millrace", with: MillraceProcess.program.path),
            to: "millrace.service"
        )
        #expect(try run("/usr/bin/env", "sh", "-c", "systemd-analyze verify \(file) 2>&1").isEmpty)
        let report = try run("/usr/bin/env", "systemd-analyze", "security", "--offline=yes", "--threshold=40", file)
        #expect(report.contains("OK"))
    }
}
