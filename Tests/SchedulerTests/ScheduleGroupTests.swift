import Foundation
import JSON
import Testing
import TestSupport

@testable import Scheduler

/// Groups, and what comes through the API.
@Suite struct ScheduleGroupTests {
    private func definition(_ name: String, in group: String = "default") throws -> ScheduleDefinition {
        try ScheduleDefinition(
            key: Schedule.Key(name: name, groupName: group),
            expression: ScheduleExpression("rate(1 hour)"),
            target: .init(kind: "full", input: [:])
        )
    }

    @Test func `a group comes with its first schedule and goes with all of them`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.service.put(definition("a", in: "films"))
        #expect(try await stage.service.groups(limit: 10).map(\.name) == ["default", "films"])
        try await stage.leap(to: "2026-11-01T01:00:00Z")
        try await stage.service.deleteGroup("films")
        #expect(try await stage.service.schedules().isEmpty)
        #expect(try await stage.service.groups(limit: 10).map(\.name) == ["default"])
        try await stage.service.put(definition("b", in: "films"))
        #expect(try await stage.service.deleteSchedules(inGroup: "films") == 1)
        #expect(try await stage.service.groups(limit: 10).map(\.name) == ["default"])
    }

    @Test func `the group default is always there and stays`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        #expect(try await stage.service.group("default").createdAt.text == "2026-11-01T00:00:00Z")
        let error = await #expect(throws: SchedulerError.self) { try await stage.service.deleteGroup("default") }
        #expect(error?.code == .validation)
        let conflict = await #expect(throws: SchedulerError.self) { try await stage.service.createGroup("default") }
        #expect(conflict?.code == .conflict)
    }

    @Test func `a request needs its group, and its rate without a start fires at once`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        let request = stage.service.request(token: nil, text: "a")
        let missing = await #expect(throws: SchedulerError.self) {
            try await stage.service.create(definition("a", in: "films"), for: request)
        }
        #expect(missing?.code == .resourceNotFound)
        try await stage.service.createGroup("films", for: request)
        try await stage.service.create(definition("a", in: "films"), for: request)
        try await stage.service.fireDue()
        try await stage.leap(to: "2026-11-01T01:00:00Z")
        #expect(stage.fired == ["2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z"])
    }

    @Test func `a token does its work once, and with another text it is a conflict`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        let service = stage.service
        let make = { (text: String) in
            try await service.create(self.definition("a"), for: service.request(token: "t", text: text))
        }
        let first = try await make("create a")
        #expect(try await make("create a") == first)
        let conflict = await #expect(throws: SchedulerError.self) { _ = try await make("create a differently") }
        #expect(conflict?.code == .conflict)
        let delete = { try await service.delete(first.key, for: service.request(token: "d", text: "delete a")) }
        try await delete()
        try await delete()
        #expect(try await service.schedules().isEmpty)
        // A day later the token is forgotten.
        stage.clock.advance(by: .seconds(86_401))
        _ = try await make("create a differently")
    }

    @Test func `an update through the API keeps what it does not know of`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.put("rate(1 hour)", catchUp: .all, overlap: .queue)
        var definition = try definition("nightly")
        definition.overlap = .allow
        try await stage.service.update(definition, state: .disabled, for: stage.service.request(token: nil, text: ""))
        let schedule = try await stage.schedule()
        #expect(schedule.definition.overlap == .queue)
        #expect(schedule.definition.catchUp == .all)
        #expect(schedule.state == .disabled)
    }

    @Test func `tags are replaced by key, and there may be fifty`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        try await stage.service.createGroup("films", tags: [.init(key: "a", value: "1"), .init(key: "b", value: "2")])
        try await stage.service.addTags([.init(key: "a", value: "3")], toGroup: "films")
        try await stage.service.removeTags(["b", "x"], fromGroup: "films")
        #expect(try await stage.service.group("films").tags == [.init(key: "a", value: "3")])
        let many = (1...50).map { ScheduleGroup.Tag(key: "k\($0)", value: "") }
        let error = await #expect(throws: SchedulerError.self) {
            try await stage.service.addTags(many, toGroup: "films")
        }
        #expect(error?.code == .validation)
        #expect(try await stage.service.group("films").tags.count == 1)
    }

    @Test func `there may be five hundred groups`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        for number in 1..<500 { try await stage.service.createGroup("g\(number)") }
        let error = await #expect(throws: SchedulerError.self) { try await stage.service.createGroup("more") }
        #expect(error?.code == .quotaExceeded)
    }

    @Test func `schedules are listed by group and name, from a key on`() async throws {
        let stage = try SchedulerStage(at: "2026-11-01T00:00:00Z")
        for key in ["b/y", "a/x", "a/y", "a/zz", "b/x"] {
            let parts = key.split(separator: "/").map(String.init)
            try await stage.service.put(definition(parts[1], in: parts[0]))
        }
        try await stage.service.pause(Schedule.Key(name: "x", groupName: "b"))
        func list(_ query: ScheduleQuery, after key: Schedule.Key? = nil) async throws -> [String] {
            try await stage.service.schedules(query, after: key, limit: 3).map(\.key.description)
        }
        #expect(try await list(ScheduleQuery()) == ["a/x", "a/y", "a/zz"])
        let last = Schedule.Key(name: "zz", groupName: "a")
        #expect(try await list(ScheduleQuery(), after: last) == ["b/x", "b/y"])
        #expect(try await list(ScheduleQuery(namePrefix: "y")) == ["a/y", "b/y"])
        #expect(try await list(ScheduleQuery(groupName: "b", state: .disabled)) == ["b/x"])
    }
}
