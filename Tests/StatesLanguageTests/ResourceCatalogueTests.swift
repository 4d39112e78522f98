import JSON
import Testing

@testable import StatesLanguage

@Suite struct ResourceCatalogueTests {
    private let catalogue = ResourceCatalogue(
        [
            Integration("states", actions: ["startExecution"], patterns: Integration.Pattern.allCases),
            Integration("sns", actions: ["publish"]),
            Integration("aws-sdk:s3", actions: ["getObject", "putObject"], patterns: [.requestResponse]),
        ],
        others: ["arn:aws:lambda:us-east-1:000000000000:function:known"]
    )

    private func machine(_ resource: JSON) -> JSON {
        ["StartAt": "A", "States": ["A": ["Type": "Task", "Resource": resource, "End": true]]]
    }

    @Test(arguments: ConformanceCase.all(in: "resources"))
    func `a resource is here or it is not`(_ test: ConformanceCase) throws {
        let resource = try #require(test.expression.string)
        let isKnown = test.result == true
        #expect(catalogue.contains(resource) == isKnown)
        #expect(catalogue.diagnostics(for: machine(test.expression)).isEmpty == isKnown)
    }

    @Test func `a fault has AWS's words, its place and the list`() {
        let faults = catalogue.diagnostics(for: machine("arn:aws:states:::sqs:sendMessage")).map(\.description)
        let text = """
            SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::sqs:sendMessage is not recognized. \
            The value is not a valid resource ARN, or the resource is not available in this region. \
            The resources here are: \
            arn:aws:states:::states:startExecution[.sync|.sync:2|.waitForTaskToken]; \
            arn:aws:states:::sns:publish[.waitForTaskToken]; \
            arn:aws:states:::aws-sdk:s3:{getObject, putObject}; \
            arn:aws:lambda:us-east-1:000000000000:function:known; \
            arn:aws:states:REGION:ACCOUNT:activity:NAME at /States/A/Resource
            """
        #expect(faults == [text])
    }

    @Test func `branches and processors are searched, and the list is given once`() {
        let scope = machine("arn:aws:states:::sqs:sendMessage")
        let definition: JSON = [
            "StartAt": "P",
            "States": [
                "P": ["Type": "Parallel", "Branches": [scope, scope], "Next": "M"],
                "M": ["Type": "Map", "ItemProcessor": scope, "Next": "I"],
                "I": ["Type": "Map", "Iterator": scope, "End": true],
            ],
        ]
        let faults = catalogue.diagnostics(for: definition)
        #expect(
            Set(faults.map(\.location)) == [
                "/States/P/Branches[0]/States/A/Resource", "/States/P/Branches[1]/States/A/Resource",
                "/States/M/ItemProcessor/States/A/Resource", "/States/I/Iterator/States/A/Resource",
            ]
        )
        #expect(faults.count { $0.message.contains("The resources here are") } == 1)
    }

    @Test func `what is no ARN, no text or no Task is somebody else's fault`() {
        for definition: JSON in [
            machine("nonsense"), machine(5), machine("arn:aws:states:::sns"), [], "text", ["States": 5],
            ["States": ["A": 5, "B": ["Type": "Pass", "Resource": "arn:aws:states:::no:no"]]],
        ] {
            #expect(catalogue.diagnostics(for: definition).isEmpty)
        }
    }

    @Test func `a resource tells its action and its way`() throws {
        let states = catalogue.integrations[0]
        let call = try #require(states.call(in: "arn:aws:states:::states:startExecution.sync:2"))
        #expect(call.action == "startExecution")
        #expect(call.pattern == .sync2)
        #expect(states.call(in: "arn:aws:states:::sns:publish") == nil)
        #expect(catalogue.integrations[1].call(in: "arn:aws:states:::sns:publish.sync") == nil)
    }
}
