import JSON
import Testing

@Suite struct NearestNameTests {
    private let names = ["StartExecution", "StopExecution", "ListExecutions"]

    @Test(arguments: [
        ("startexecution", "StartExecution"), ("StartExecutions", "StartExecution"), ("LstExecution", "ListExecutions"),
    ])
    func `a mistyped name finds the one that was meant`(name: String, meant: String) {
        #expect(NearestName.find(name, among: names) == meant)
    }

    @Test(arguments: ["", "x", "DescribeCampaign", String(repeating: "StartExecution", count: 5)])
    func `a name that is near to none gets none`(name: String) {
        #expect(NearestName.find(name, among: names) == nil)
    }
}
