import JSON
import Synchronization
import Testing

@testable import StatesLanguage

/// How long a call may compute, and what becomes of the rest.
struct TimeSliceTests {
    private static func endless(_ seed: UInt64 = 1) throws -> Simulation {
        try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "First", "QueryLanguage": "JSONata", "States": {
                      "First": {"Type": "Pass", "Output": "{% $random() %}", "Next": "Endless"},
                      "Endless": {"Type": "Pass", "End": true,
                        "Output": "{% ($f := function($n) { $f($n + 1) }; $f(0)) %}"}}}
                    """
            ),
            seed: seed
        )
    }

    @Test func `a call without time begins no state and leaves a timer that is due at once`() throws {
        var simulation = try Self.endless()
        let slice = TimeSlice(interruptsExpressions: true) { true }
        let effects = simulation.interpreter.handle(.started, in: &simulation.state, at: simulation.now, within: slice)
        #expect(!slice.isExceeded)
        #expect(effects.history.map(\.type) == [.executionStarted])
        #expect(effects.commands == [.startTimer(id: 1, fireAt: simulation.now)])
        #expect(simulation.state.isContinuation(1))
        #expect(!simulation.state.isContinuation(2))
    }

    @Test func `an expression that takes longer than the slice exceeds it, and costs little`() throws {
        var simulation = try Self.endless()
        let questions = Atomic(0)
        let slice = TimeSlice(interruptsExpressions: true) {
            questions.add(1, ordering: .relaxed).newValue > 3
        }
        _ = simulation.interpreter.handle(.started, in: &simulation.state, at: simulation.now, within: slice)
        #expect(slice.isExceeded)
        // Of ten million steps it made a few thousand for each question.
        #expect(questions.load(ordering: .relaxed) < 8)
    }

    @Test func `between states a call yields when its time is over`() throws {
        var simulation = try Simulation(
            JSON(
                written:
                    """
                    {"StartAt": "A", "States": {
                      "A": {"Type": "Choice", "Default": "B",
                        "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}]},
                      "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Succeed"}}}
                    """
            )
        )
        let questions = Atomic(0)
        let slice = TimeSlice(interruptsExpressions: false) {
            questions.add(1, ordering: .relaxed).newValue > 10
        }
        let effects = simulation.interpreter.handle(.started, in: &simulation.state, at: simulation.now, within: slice)
        #expect(!slice.isExceeded)
        #expect(simulation.state.isRunning)
        #expect((100...1000).contains(simulation.state.transitions))
        #expect(effects.commands.count == 1)
    }
}
