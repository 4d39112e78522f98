import Foundation
import JSON

@testable import StatesLanguage

extension Rehearsal {
    static let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// A definition with mocks, run to its end.
    static func run(
        _ definition: String,
        input: JSON = [:],
        mocks: String = "{}",
        testCase: String? = nil,
        seed: UInt64 = 1,
        change: (inout Rehearsal) -> Void = { _ in }
    ) throws -> Rehearsal {
        var mocks = try TaskMocks(JSON(parsing: mocks), testCase: testCase)
        let prefix = "arn:aws:states:us-east-1:000000000000"
        let context = ExecutionContext(
            execution: .init(
                id: "\(prefix):execution:machine:run",
                name: "run",
                roleArn: "role",
                startTime: start,
                input: Payload(input)
            ),
            stateMachine: .init(id: "\(prefix):stateMachine:machine", name: "machine")
        )
        var rehearsal = Rehearsal(
            try Definition(JSON(parsing: definition)),
            context: context,
            seed: seed,
            items: { mocks.next(for: $0) },
            answer: { mocks.next(for: $0) }
        )
        change(&rehearsal)
        rehearsal.run()
        return rehearsal
    }

    /// The seconds that have passed on the clock.
    var elapsed: TimeInterval { now.timeIntervalSince(Self.start) }

    var output: JSON? {
        guard case .succeeded(let output)? = outcome else { return nil }
        return output.value
    }

    var error: String? {
        guard case .failed(let error)? = outcome else { return nil }
        return error.name
    }
}

/// A machine of one distributed Map.
///
/// - Parameters:
///   - fields: Fields of the Map, each with a comma after it.
///   - states: The states of a child, which starts at the state C.
///   - after: Further states, each with a comma before it.
func distributed(_ fields: String = "", children states: String, next: String = #""End": true"#, after: String = "")
    -> String
{
    """
    {"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "each", \(fields)
      "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "C", "States": {\(states)}}, \(next)}\(after)}}
    """
}
