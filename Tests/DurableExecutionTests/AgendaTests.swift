import JSON
import StatesLanguage
import Testing

@testable import DurableExecution

/// The decisions of the engine, without any doing.
@Suite struct AgendaTests {
    private static func delivery(_ timer: Int) -> Delivery {
        Delivery(letter: .event(.timerFired(timer: timer)), reply: nil)
    }

    private static func timers(_ work: Work) -> [Int] {
        work.deliveries.compactMap { delivery in
            guard case .event(.timerFired(let timer)) = delivery.letter else { return nil }
            return timer
        }
    }

    private static func task(_ id: Int) -> ScheduledTask {
        ScheduledTask(
            executionArn: "a",
            request: TaskRequest(id: id, stateName: "S", resource: "r", input: nil, token: "\(id)")
        )
    }

    @Test func `mail of one execution gathers and stays with one worker`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        for timer in 1...3 { _ = agenda.add(Self.delivery(timer), to: timer == 2 ? "b" : "a") }
        let work = agenda.takeWork(limit: 9)
        #expect(work.map(\.arn) == ["a", "b"])
        #expect(work.map(Self.timers) == [[1, 3], [2]])
        let receipt = agenda.add(Self.delivery(4), to: "a")
        #expect(receipt == .taken)
        let whileBusy = agenda.takeWork(limit: 9)
        #expect(whileBusy.isEmpty)
        agenda.finish("a", nil)
        let afterwards = agenda.takeWork(limit: 9)
        #expect(afterwards.map(Self.timers) == [[4]])
    }

    @Test func `mail whose commit failed comes before what came since; answered mail does not come again`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        _ = agenda.add(Self.delivery(1), to: "a")
        _ = agenda.add(Delivery(letter: .redrive(.init()), reply: { _ in }), to: "a")
        let work = agenda.takeWork(limit: 1)
        _ = agenda.add(Self.delivery(2), to: "a")
        agenda.putBack(work)
        let again = agenda.takeWork(limit: 1)
        #expect(again.map(Self.timers) == [[1, 2]])
    }

    @Test func `a closed agenda hands back its mail and takes no more`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        _ = agenda.add(Self.delivery(1), to: "a")
        let returned = agenda.close()
        #expect(returned.count == 1)
        let receipt = agenda.add(Self.delivery(2), to: "a")
        #expect(receipt == .refused)
    }

    @Test func `what was set aside waits until its execution has no mail, and the machines take turns`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        for (timer, arn) in ["a", "b", "c"].enumerated() { _ = agenda.add(Self.delivery(timer), to: arn) }
        for work in agenda.takeWork(limit: 9) { agenda.setAside(work, ofRevision: work.arn == "c" ? 2 : 1) }
        let first = agenda.takeWorkAside()
        #expect(first?.arn == "a")
        let receipt = agenda.add(Self.delivery(7), to: "a")
        #expect(receipt == .delayed)
        let second = agenda.takeWorkAside()
        #expect(second?.arn == "c")
        // Whoever has mail reads that first.
        _ = agenda.add(Self.delivery(8), to: "b")
        let none = agenda.takeWorkAside()
        #expect(none == nil)
        #expect(agenda.hasWorkAside)
        let reading = agenda.takeWork(limit: 9)
        #expect(reading.map(Self.timers) == [[8]])
        agenda.finish("b", nil)
        let third = agenda.takeWorkAside()
        #expect(third.map(Self.timers) == [1])
        agenda.finish("a", nil)
        let afterwards = agenda.takeWork(limit: 9)
        #expect(afterwards.map(Self.timers) == [[7]])
    }

    @Test func `mail of an execution that is being begun waits until it is`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        agenda.occupy(["a", "b"])
        for arn in ["a", "b"] { _ = agenda.add(Self.delivery(1), to: arn) }
        let meanwhile = agenda.takeWork(limit: 9)
        #expect(meanwhile.isEmpty)
        agenda.finish("a", nil)
        agenda.abandon(["b"])
        let afterwards = agenda.takeWork(limit: 9)
        #expect(afterwards.map(\.arn) == ["a", "b"])
    }

    @Test func `a timer is not delivered again while it is under way`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        let timers = [1, 2].map { TimerKey(executionArn: "a", id: $0) }
        let first = agenda.fire(timers)
        #expect(first == timers)
        let again = agenda.fire(timers)
        #expect(again.isEmpty)
        agenda.hasFired(timers[0])
        let third = agenda.fire(timers)
        #expect(third == [timers[0]])
    }

    @Test func `no more slots are taken than there are, and none past older tasks`() {
        var agenda = Agenda(slots: 2, hotExecutions: 4)
        let first = agenda.reserveSlots(limit: 5)
        #expect(first == 2)
        let second = agenda.reserveSlots(limit: 5)
        #expect(second == 0)
        agenda.freeSlots(1)
        agenda.noteOffered(true)
        let pastOlder = agenda.reserveSlots(limit: 5)
        #expect(pastOlder == 0)
        let forOlder = agenda.reserveSlotsForOffered(limit: 5)
        #expect(forOlder == 1)
        agenda.start(Self.task(1))
        let starts = agenda.takeStarts()
        #expect(starts.map(\.task.request.id) == [1])
        let isWanted = agenda.handlerEnded(Self.task(1).key)
        #expect(isWanted)
        let next = agenda.reserveSlotsForOffered(limit: 5)
        #expect(next == 1)
    }

    @Test func `a task that ends before it was handed out frees its slot`() {
        var agenda = Agenda(slots: 1, hotExecutions: 4)
        let slots = agenda.reserveSlots(limit: 1)
        #expect(slots == 1)
        agenda.start(Self.task(1))
        let atWork = agenda.endTasks([Self.task(1).key])
        #expect(atWork.isEmpty)
        let starts = agenda.takeStarts()
        #expect(starts.isEmpty)
        #expect(agenda.leased.isEmpty)
        let freed = agenda.reserveSlots(limit: 1)
        #expect(freed == 1)
    }

    @Test func `of recent values those set longest ago are forgotten`() {
        var values = RecentValues<Int, Int>(limit: 8)
        for number in 0..<100 {
            values.insert(number, for: number)
            values.insert(-1, for: 0)
        }
        #expect(values[0] == -1)
        #expect(values[99] == 99)
        #expect(values[50] == nil)
        #expect((0..<100).count { values[$0] != nil } <= 8)
        let removed = values.remove(99)
        #expect(removed == 99)
        #expect(values[99] == nil)
    }

    @Test func `the exact resource wins, then the longest beginning`() async throws {
        var registry = TaskRegistry()
        func name(_ text: String) -> @Sendable (TaskInvocation) async throws -> TaskResult {
            { _ in .succeeded(.string(text)) }
        }
        registry.register("arn:aws:states:::aws-sdk:", name("any"))
        registry.register("arn:aws:states:::aws-sdk:personalize:", name("personalize"))
        registry.register("arn:aws:states:::aws-sdk:personalize:createSolution", name("solution"))
        registry.register("arn:aws:lambda:*", name("lambda"))
        let expected = [
            "arn:aws:states:::aws-sdk:personalize:createSolution": "solution",
            "arn:aws:states:::aws-sdk:personalize:createCampaign": "personalize",
            "arn:aws:states:::aws-sdk:sqs:sendMessage": "any",
            "arn:aws:lambda:us-east-1:1:function:f": "lambda",
        ]
        for (resource, name) in expected {
            let handler = try #require(registry.handler(for: resource))
            let result = try await handler.run(TaskInvocation(executionArn: "a", request: Self.task(1).request))
            #expect(result == .succeeded(.string(name)))
        }
        #expect(registry.handler(for: "arn:aws:states:::sns:publish") == nil)
    }
}
