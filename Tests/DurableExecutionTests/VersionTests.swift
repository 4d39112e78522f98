import DurableExecution
import FoundationEssentials
import JSON
import Testing
import TestSupport

/// Versions, aliases and tags.
@Suite struct VersionTests {
    private static let arn = ResourceNames().stateMachine("m")
    private static let role = "arn:aws:iam::000000000000:role/other"
    private static let nap = definition(("Nap", ["Type": "Wait", "Seconds": 60, "End": true]))

    private static func pass(_ result: JSON) -> String {
        definition(("A", ["Type": "Pass", "Result": result, "End": true])).text
    }

    private static func published(_ engine: Engine, _ count: Int) async throws {
        _ = try await engine.createStateMachine(.init(name: "m", definition: pass(0)))
        for number in 1...count {
            let update = UpdateStateMachineRequest(definition: pass(JSON(number)), publishes: true)
            #expect(try await engine.updateStateMachine(arn, update).version?.number == number)
        }
    }

    @Test func `a revision is published once, and a deleted version's number never comes again`() async throws {
        let engine = try Workbench().engine
        _ = try await engine.createStateMachine(.init(name: "m", definition: Self.pass(0)))
        let first = try await engine.publishStateMachineVersion(of: Self.arn, revisionId: "INITIAL", description: "d")
        #expect(first.arn == "\(Self.arn):1")
        #expect(try await engine.publishStateMachineVersion(of: Self.arn) == first)
        let described = try await engine.describeStateMachine(first.arn).json
        #expect(described["stateMachineArn"] == .string(first.arn))
        #expect(described["description"] == "d")
        #expect(described["name"] == "m")
        #expect(described["revisionId"] == nil)
        try await engine.deleteStateMachineVersion(first.arn)
        try await engine.deleteStateMachineVersion(first.arn)
        await expectRefusal(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(first.arn)'") {
            try await engine.describeStateMachine(first.arn)
        }
        #expect(try await engine.publishStateMachineVersion(of: Self.arn).number == 2)
        #expect(try await engine.listStateMachineVersions(of: Self.arn).elements.map(\.number) == [2])
    }

    @Test func `a description tells which variables states read`() async throws {
        let engine = try Workbench().engine
        let reading = """
            {"StartAt": "A", "QueryLanguage": "JSONata", "States": {
              "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
              "B": {"Type": "Pass", "Output": "{% $x %}", "End": true}}}
            """
        _ = try await engine.createStateMachine(.init(name: "m", definition: reading))
        #expect(try await engine.describeStateMachine(Self.arn).json["variableReferences"] == ["B": ["x"]])
        let version = try await engine.publishStateMachineVersion(of: Self.arn)
        _ = try await engine.updateStateMachine(Self.arn, .init(definition: Self.pass(0)))
        #expect(try await engine.describeStateMachine(Self.arn).json["variableReferences"] == nil)
        #expect(try await engine.describeStateMachine(version.arn).json["variableReferences"] == ["B": ["x"]])
    }

    @Test func `another revision than the current one is not published`() async throws {
        let engine = try Workbench().engine
        try await Self.published(engine, 2)
        let current = try await engine.describeStateMachine(Self.arn).revisionId ?? ""
        let message =
            "Failed to publish the State Machine version for revision old. The current State Machine revision is "
            + "\(current)."
        await expectRefusal(.conflict, message) {
            try await engine.publishStateMachineVersion(of: Self.arn, revisionId: "old")
        }
        let first = try await engine.listStateMachineVersions(of: Self.arn, maxResults: 1)
        let token = try #require(first.nextToken)
        let rest = try await engine.listStateMachineVersions(of: Self.arn, maxResults: 1, nextToken: token)
        #expect((first.elements + rest.elements).map(\.number) == [2, 1])
        #expect(try await engine.describeStateMachine("\(Self.arn):1").definition == Self.pass(1))
        await expectRefusal(.stateMachineDoesNotExist) {
            try await engine.publishStateMachineVersion(of: ResourceNames().stateMachine("none"))
        }
        await expectRefusal(.validation, "Version description can only be set when publish is true") {
            try await engine.store(.init(name: "v", definition: Self.pass(1), versionDescription: "d"))
        }
    }

    @Test func `what changes nothing makes no revision, and publishing it finds the version`() async throws {
        let engine = try Workbench().engine
        let created = try await engine.store(.init(name: "m", definition: Self.pass(0), publishes: true))
        #expect(created.version?.number == 1)
        let same = try await engine.updateStateMachine(Self.arn, .init(publishes: true))
        #expect(same.version == created.version)
        #expect(same.machine.revisionId == nil)
        let changed = try await engine.updateStateMachine(Self.arn, .init(roleArn: Self.role))
        let again = try await engine.updateStateMachine(Self.arn, .init(roleArn: Self.role))
        #expect(changed.machine.revisionId != nil)
        #expect(again.machine == changed.machine)
    }

    @Test func `tags and role do not tell two requests apart, logging and publishing do`() async throws {
        let engine = try Workbench().engine
        var request = CreateStateMachineRequest(name: "m", definition: Self.pass(0), tags: [Tag(key: "a", value: "1")])
        let created = try await engine.store(request)
        request.tags = [Tag(key: "b", value: "2")]
        request.roleArn = Self.role
        #expect(try await engine.store(request) == created)
        #expect(try await engine.tags(of: Self.arn) == [Tag(key: "a", value: "1")])
        request.options = ["loggingConfiguration": ["level": "OFF"]]
        #expect(try await engine.store(request) == created)
        let group: JSON = ["cloudWatchLogsLogGroup": ["logGroupArn": "arn:aws:logs:us-east-1:1:log-group:m"]]
        request.options = ["loggingConfiguration": ["level": "ALL", "destinations": [group]]]
        await expectRefusal(.stateMachineAlreadyExists) { try await engine.store(request) }
        request.options = [:]
        request.publishes = true
        await expectRefusal(.stateMachineAlreadyExists) { try await engine.store(request) }
    }

    @Test func `executions of a version and of an alias say so and are listed by it`() async throws {
        try await Workbench().run { engine in
            try await Self.published(engine, 2)
            let version = "\(Self.arn):1"
            let alias = try await engine.createStateMachineAlias(
                "live",
                routes: [.init(versionArn: version, weight: 100)]
            )
            let byVersion = try await engine.startExecution(of: version, name: "v")
            let byAlias = try await engine.startExecution(of: alias.arn, name: "a")
            let plain = try await engine.startExecution(of: Self.arn, name: "p")
            #expect([byVersion, byAlias, plain].map(\.output) == ["1", "1", "2"])
            #expect(byVersion.stateMachineArn == Self.arn)
            #expect(byAlias.json["stateMachineAliasArn"] == .string(alias.arn))
            #expect(byAlias.summaryJSON["stateMachineVersionArn"] == .string(version))
            #expect(plain.json["stateMachineVersionArn"] == nil)
            let names = { (arn: String) async throws in
                try await engine.listExecutions(.init(stateMachineArn: arn)).elements.map(\.name).sorted()
            }
            #expect(try await names(version) == ["a", "v"])
            #expect(try await names(alias.arn) == ["a"])
            #expect(try await names(Self.arn) == ["a", "p", "v"])
            let started = try await engine.executionHistory(of: byAlias.arn).elements[0]
            #expect(started["executionStartedEventDetails"]?["stateMachineAliasArn"] == .string(alias.arn))
            #expect(started["executionStartedEventDetails"]?["stateMachineVersionArn"] == .string(version))
            await expectRefusal(.stateMachineDoesNotExist) { try await engine.startExecution(of: "\(Self.arn):9") }
            await expectRefusal(.stateMachineDoesNotExist) { try await engine.startExecution(of: "\(Self.arn):none") }
            let redescribed = try await engine.describeStateMachineForExecution(byVersion.arn)
            #expect(redescribed.arn == Self.arn)
            #expect(redescribed.definition == Self.pass(1))
        }
    }

    @Test func `chance divides the executions of an alias by weight`() async throws {
        try await Workbench().run { engine in
            try await Self.published(engine, 2)
            let routes = [(1, 30), (2, 70)].map {
                StateMachineAlias.Route(versionArn: "\(Self.arn):\($0.0)", weight: $0.1)
            }
            let alias = try await engine.createStateMachineAlias("split", routes: routes)
            var counts: [String: Int] = [:]
            // The workbench's seeds count up: every remainder of 100 comes as often.
            for _ in 0..<100 {
                let execution = try await engine.startExecution(of: alias.arn)
                counts[execution.output ?? "", default: 0] += 1
            }
            #expect(Set(counts.keys) == ["1", "2"])
            #expect(counts.values.reduce(0, +) == 100)
        }
    }

    @Test func `an alias is made once, changed, listed and deleted, and holds its versions`() async throws {
        let engine = try Workbench().engine
        try await Self.published(engine, 2)
        let routes = [StateMachineAlias.Route(versionArn: "\(Self.arn):1", weight: 100)]
        let alias = try await engine.createStateMachineAlias("live", description: "d", routes: routes)
        #expect(try await engine.createStateMachineAlias("live", description: "d", routes: routes) == alias)
        let taken =
            "Failed to create alias because an alias with the same name and a different routing configuration "
            + "already exists."
        await expectRefusal(.conflict, taken) { try await engine.createStateMachineAlias("live", routes: routes) }
        let held =
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
            + "version: [live]"
        await expectRefusal(.conflict, held) { try await engine.deleteStateMachineVersion("\(Self.arn):1") }
        _ = try await engine.createStateMachineAlias("other", routes: [.init(versionArn: "\(Self.arn):2", weight: 100)])
        #expect(try await engine.listStateMachineAliases(of: Self.arn).elements.map(\.name) == ["live", "other"])
        #expect(try await engine.listStateMachineAliases(of: "\(Self.arn):2").elements.map(\.name) == ["other"])
        let moved = try await engine.updateStateMachineAlias(
            alias.arn,
            routes: [.init(versionArn: "\(Self.arn):2", weight: 100)]
        )
        #expect(moved.description == "d")
        #expect(try await engine.describeStateMachineAlias(alias.arn) == moved)
        try await engine.deleteStateMachineVersion("\(Self.arn):1")
        try await engine.deleteStateMachineAlias(alias.arn)
        try await engine.deleteStateMachineAlias(alias.arn)
        await expectRefusal(.resourceNotFound, "Request references a resource that does not exist.") {
            try await engine.updateStateMachineAlias(alias.arn, description: "x")
        }
    }

    @Test func `wrong routes are refused in the words of AWS`() async throws {
        let engine = try Workbench().engine
        try await Self.published(engine, 2)
        let (one, two) = ("\(Self.arn):1", "\(Self.arn):2")
        let cases: [([(String, Int)], String)] = [
            (
                [(one, 50), (one, 50)],
                "Routing configuration must contain distinct state machine version ARNs. Received: [\(one), \(one)]"
            ),
            ([(one, 70), (two, 29)], "Sum of routing configuration weights must equal 100. Received: [70, 29]"),
            (
                [(Self.arn, 50), (two, 50)],
                "Routing configuration must contain state machine version ARNs. Received: [\(Self.arn), \(two)]"
            ),
        ]
        for (routes, message) in cases {
            await expectRefusal(.validation, message) {
                try await engine.createStateMachineAlias(
                    "a",
                    routes: routes.map { StateMachineAlias.Route(versionArn: $0.0, weight: $0.1) }
                )
            }
        }
        await expectRefusal(.resourceNotFound) {
            try await engine.createStateMachineAlias("a", routes: [.init(versionArn: "\(Self.arn):9", weight: 100)])
        }
    }

    @Test func `a state machine goes once its last execution has ended, with all that belongs to it`() async throws {
        try await Workbench().run { engine in
            let execution = try await engine.start(Self.nap)
            let arn = execution.stateMachineArn
            let version = try await engine.publishStateMachineVersion(of: arn)
            _ = try await engine.createStateMachineAlias("a", routes: [.init(versionArn: version.arn, weight: 100)])
            try await engine.add([Tag(key: "k", value: "v")], to: arn)
            try await engine.deleteStateMachine(arn)
            #expect(try await engine.describeStateMachine(arn).json["status"] == "DELETING")
            let deleting = "State Machine is being deleted: '\(arn)'"
            await expectRefusal(.stateMachineDeleting, deleting) { try await engine.startExecution(of: arn) }
            await expectRefusal(.stateMachineDeleting, deleting) { try await engine.start(Self.nap) }
            await expectRefusal(.stateMachineDeleting) { try await engine.publishStateMachineVersion(of: arn) }
            await expectRefusal(.stateMachineDeleting) { try await engine.updateStateMachine(arn, roleArn: Self.role) }
            _ = try await engine.stopExecution(execution.arn)
            await expectRefusal(.stateMachineDoesNotExist) { try await engine.describeStateMachine(arn) }
            #expect(try await engine.listStateMachines().elements.isEmpty)
            _ = try await engine.start(Self.nap, name: "again")
            #expect(try await engine.listStateMachineVersions(of: arn).elements.isEmpty)
            #expect(try await engine.listStateMachineAliases(of: arn).elements.isEmpty)
            #expect(try await engine.tags(of: arn).isEmpty)
        }
    }

    @Test func `tags are added, replaced and removed, up to fifty`() async throws {
        let engine = try Workbench().engine
        _ = try await engine.createStateMachine(.init(name: "m", definition: Self.pass(0)))
        let activity = try await engine.createActivity("work", tags: [Tag(key: "x", value: "")])
        try await engine.add([Tag(key: "a", value: "1"), Tag(key: "b", value: "2")], to: Self.arn)
        try await engine.add([Tag(key: "a", value: "3")], to: Self.arn)
        #expect(try await engine.tags(of: Self.arn) == [Tag(key: "a", value: "3"), Tag(key: "b", value: "2")])
        try await engine.removeTags(["a", "none"], from: Self.arn)
        #expect(try await engine.tags(of: Self.arn) == [Tag(key: "b", value: "2")])
        #expect(try await engine.tags(of: activity.arn) == [Tag(key: "x", value: "")])
        await expectRefusal(.tooManyTags) {
            try await engine.add((0..<50).map { Tag(key: "k\($0)", value: "") }, to: Self.arn)
        }
        #expect(try await engine.tags(of: Self.arn).count == 1)
        let version = try await engine.publishStateMachineVersion(of: Self.arn)
        await expectRefusal(.resourceNotFound, "Resource not found: '\(version.arn)'") {
            try await engine.add([], to: version.arn)
        }
        await expectRefusal(.invalidArn) { try await engine.tags(of: "no") }
    }

    @Test func `a page's token is good for its query and for a day`() async throws {
        let bench = try Workbench()
        let engine = bench.engine
        for name in ["a", "b", "c"] {
            _ = try await engine.createStateMachine(.init(name: name, definition: Self.pass(0)))
            _ = try await engine.createActivity(name)
        }
        let page = try await engine.listStateMachines(maxResults: 1)
        let token = try #require(page.nextToken)
        #expect(try await engine.listStateMachines(nextToken: token).elements.map(\.name) == ["b", "c"])
        await expectRefusal(.invalidToken, "Invalid Token: 'Invalid token'") {
            try await engine.listActivities(nextToken: token)
        }
        await expectRefusal(.invalidToken) { try await engine.listStateMachines(nextToken: token + "A") }
        bench.clock.advance(by: .seconds(24 * 3600 - 1))
        #expect(try await engine.listStateMachines(nextToken: token).elements.count == 2)
        bench.clock.advance(by: .seconds(1))
        await expectRefusal(.invalidToken) { try await engine.listStateMachines(nextToken: token) }
    }
}
