import ArgumentParser
import HTTPAPI

/// The exit codes that scripts may rely on.
enum MillraceExit {
    /// Something failed.
    static let failure = ExitCode(1)
    /// The execution that was run or watched did not succeed.
    static let executionFailed = ExitCode(2)
    /// A file is not valid.
    static let invalidData = ExitCode(65)
    /// The service is not running.
    static let unavailable = ExitCode(69)
}

/// Runs a command's work; an error of the service is told in one line, with the exit code for its kind.
func reporting(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let error as ClientError {
        Terminal.warn("\(Style.red("error:")) \(error)")
        switch error {
        case .unreachable, .timedOut, .notUnderstood: throw MillraceExit.unavailable
        case .refused where error.code == "InvalidDefinition": throw MillraceExit.invalidData
        case .refused: throw MillraceExit.failure
        }
    } catch let error as CommandError {
        Terminal.warn("\(Style.red("error:")) \(error.message)")
        throw error.exit
    }
}

/// A fault that a command found by itself.
struct CommandError: Error {
    let message: String
    var exit = MillraceExit.failure
}
