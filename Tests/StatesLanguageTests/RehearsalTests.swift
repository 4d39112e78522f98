import Foundation
import JSON
import StatesLanguage
import Testing

struct RehearsalTests {
    private static let machine = """
        {"StartAt": "Ask", "States": {
          "Ask": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "TimeoutSeconds": 60,
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3600, "MaxAttempts": 2}], "Next": "Rest"},
          "Rest": {"Type": "Wait", "Seconds": 86400, "End": true}}}
        """

    private func rehearse(_ definition: String, _ mocks: String, testCase: String? = nil) throws -> Rehearsal {
        try Rehearsal.run(definition, mocks: mocks, testCase: testCase)
    }

    @Test func `a day of retries and waits passes at once`() throws {
        let mocks = #"{"Ask": [{"Throw": {"Error": "Busy"}}, {"Return": {"n": 1}}]}"#
        let rehearsal = try rehearse(Self.machine, mocks)
        #expect(rehearsal.outcome == .succeeded(output: ["n": 1]))
        #expect(rehearsal.now.timeIntervalSince1970 == 1_700_000_000 + 3600 + 86400)
        #expect(rehearsal.requests.count == 2)
    }

    @Test func `a task that nobody answers ends at its time-out`() throws {
        let rehearsal = try rehearse(Self.machine, #"{"Ask": {"Silence": true}}"#)
        #expect(rehearsal.outcome == .failed(StatesError(name: "States.Timeout")))
        #expect(rehearsal.now.timeIntervalSince1970 == 1_700_000_000 + 60)
    }

    @Test func `a state without a mock is named`() throws {
        let rehearsal = try rehearse(Self.machine, "{}")
        #expect(rehearsal.outcome == nil)
        #expect(rehearsal.missingMock?.stateName == "Ask")
    }

    @Test func `mock files of Step Functions Local are read, attempt by attempt`() throws {
        let mocks = """
            {"StateMachines": {"machine": {"TestCases": {
                "retried": {"Ask": "busyThenFine"}, "broken": {"Ask": "alwaysBroken"}}}},
             "MockedResponses": {
                "busyThenFine": {"0-1": {"Throw": {"Error": "Busy", "Cause": "c"}}, "2": {"Return": {"n": 2}}},
                "alwaysBroken": {"0": {"Throw": {"Error": "Broken", "Cause": "for good"}}}}}
            """
        #expect(try rehearse(Self.machine, mocks, testCase: "retried").outcome == .succeeded(output: ["n": 2]))
        let broken = try rehearse(Self.machine, mocks, testCase: "broken")
        #expect(broken.outcome == .failed(StatesError(name: "Broken", cause: "for good")))
    }

    @Test(arguments: [
        (#"[]"#, "the mock file must be an object, it is array"),
        (#"{"Ask": []}"#, #"Ask has no answer; give one, such as {"Return": {}}"#),
        (#"{"Ask": [{"Return": 1}, {"Throw": {}}]}"#, #"Ask[1].Throw needs "Error", the error's name"#),
        (#"{"Ask": {"return": 1}}"#, #"Ask must be {"Return": …}"#),
        (#"{"M": {"Items": 5}}"#, "M.Items must be what the reader reads: an array, or an object"),
        (#"{"StateMachines": {"m": {"TestCases": {"a": {}, "b": {}}}}}"#, #"has 2 test cases; choose one of "a", "b""#),
        (
            #"{"StateMachines": {"m": {"TestCases": {"a": {"Ask": "r"}}}}, "MockedResponses": {"r": {"1": {"Return": 1}}}}"#,
            #"MockedResponses.r.1 must go on at attempt 0"#
        ),
    ])
    func `a wrong mock file is refused with place and remedy`(_ text: String, _ message: String) throws {
        let error = #expect(throws: MockError.self) { try TaskMocks(JSON(parsing: text)) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func `a loop is given up`() throws {
        let loop = """
            {"StartAt": "Rest", "States": {
              "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Again"},
              "Again": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": true, "Next": "End"}],
                "Default": "Rest"},
              "End": {"Type": "Succeed"}}}
            """
        let rehearsal = try rehearse(loop, "{}")
        #expect(rehearsal.outcome == nil)
        #expect(rehearsal.hasRunAway)
        #expect(rehearsal.currentStateNames == ["Rest"])
    }
}
