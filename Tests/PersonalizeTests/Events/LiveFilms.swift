import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

extension ServiceUnderTest {
    /// The films with an event tracker; answers its tracking id.
    func prepareLiveFilms(_ films: Films = Films()) async throws -> String {
        try await prepareFilms(films)
        return try await track()
    }

    /// Makes the event tracker of the films.
    func track() async throws -> String {
        let input: JSON = ["name": "clicks", "datasetGroupArn": .string(arn("dataset-group/films"))]
        let created = try await call("CreateEventTracker", input)
        _ = try await service.waitUntilSettled(created["eventTrackerArn"]?.string ?? "")
        return created["trackingId"]?.string ?? ""
    }

    /// Makes the dataset of users, of whom only ages are known.
    func prepareUsers() async throws {
        let schema = """
            {"type":"record","name":"Users","namespace":"com.amazonaws.personalize.schema","fields":[
            {"name":"USER_ID","type":"string"},{"name":"AGE","type":["null","int"]}],"version":"1.0"}
            """
        try await call("CreateSchema", ["name": "people", "schema": .string(schema)])
        let dataset: JSON = [
            "name": "people", "schemaArn": .string(arn("schema/people")), "datasetType": "Users",
            "datasetGroupArn": .string(arn("dataset-group/films")),
        ]
        try await create("CreateDataset", dataset)
    }

    /// Puts an event a item, one second after another.
    func put(
        _ items: [String],
        by user: String?,
        tracking id: String,
        session: String = "s",
        type: String = "watch",
        at start: Int = 1_800_000_000,
        ids: [String] = []
    ) async throws {
        for first in stride(from: 0, to: items.count, by: 10) {
            let events = items[first..<min(first + 10, items.count)].enumerated().map { index, item -> JSON in
                var event: JSONObject = [
                    "eventType": .string(type), "itemId": .string(item), "sentAt": JSON(start + first + index),
                ]
                if !ids.isEmpty { event["eventId"] = .string(ids[first + index]) }
                return .object(event)
            }
            var input: JSONObject = [
                "trackingId": .string(id), "sessionId": .string(session), "eventList": .array(events),
            ]
            input["userId"] = user.map(JSON.string)
            let answer = try await service.putEvents(.object(input))
            #expect(answer == [:])
        }
    }

    /// Makes a filter of the films and waits until it is ACTIVE.
    func filmFilter(_ name: String, _ expression: String) async throws -> JSON {
        let input: JSON = [
            "name": .string(name), "datasetGroupArn": .string(arn("dataset-group/films")),
            "filterExpression": .string(expression),
        ]
        let filter = try await create("CreateFilter", input)
        #expect(filter.status == .active)
        return .string(filter.arn)
    }

    /// What a call of the events API throws.
    func putError(_ body: () async throws(PersonalizeError) -> JSON) async -> PersonalizeError? {
        do throws(PersonalizeError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    /// How many records a dataset has in its snapshots, by how they came.
    func rowCounts(_ type: String) async throws -> [DatasetSnapshot.Source: Int] {
        try await store.snapshots(of: arn("dataset/films/\(type)")).reduce(into: [:]) { counts, snapshot in
            counts[snapshot.source, default: 0] += snapshot.rowCount
        }
    }
}
