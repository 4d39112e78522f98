import Testing

@testable import HTTPAPI

@Suite struct SuggestionTests {
    private let names = ["StartExecution", "StopExecution", "ListExecutions"]

    @Test(arguments: [
        ("startexecution", "StartExecution"), ("StartExecutions", "StartExecution"), ("LstExecution", "ListExecutions"),
    ])
    func `a mistyped name finds the one that was meant`(name: String, meant: String) {
        #expect(Suggestion.nearest(to: name, among: names) == meant)
    }

    @Test(arguments: ["", "x", "DescribeCampaign", String(repeating: "StartExecution", count: 5)])
    func `a name that is near to none gets none`(name: String) {
        #expect(Suggestion.nearest(to: name, among: names) == nil)
        #expect(Suggestion.clause(for: name, among: names).isEmpty)
    }
}
