import JSON
import Personalize

extension ServiceUnderTest {
    private static let actionSchemas = [
        (
            "Actions",
            """
            {"type":"record","name":"Actions","namespace":"com.amazonaws.personalize.schema","fields":[
            {"name":"ACTION_ID","type":"string"},{"name":"VALUE","type":["null","long"]}],"version":"1.0"}
            """
        ),
        (
            "Action_Interactions",
            """
            {"type":"record","name":"Action_Interactions","namespace":"com.amazonaws.personalize.schema","fields":[
            {"name":"USER_ID","type":"string"},{"name":"ACTION_ID","type":"string"},
            {"name":"EVENT_TYPE","type":"string"},{"name":"TIMESTAMP","type":"long"}],"version":"1.0"}
            """
        ),
    ]

    /// Makes the datasets of actions and of what users do with them.
    func prepareActions() async throws {
        for (name, schema) in Self.actionSchemas {
            try await call("CreateSchema", ["name": .string(name), "schema": .string(schema)])
            let dataset: JSON = [
                "name": .string(name), "schemaArn": .string(arn("schema/\(name)")), "datasetType": .string(name),
                "datasetGroupArn": .string(arn("dataset-group/films")),
            ]
            try await create("CreateDataset", dataset)
        }
    }

    /// Lets a user take an action.
    func take(_ action: String, by user: String, tracking id: String, at time: Int = 1_800_000_000) async throws {
        let event: JSON = [
            "actionId": .string(action), "userId": .string(user), "sessionId": "s", "timestamp": JSON(time),
            "eventType": "Taken",
        ]
        _ = try await service.putActionInteractions([
            "trackingId": .string(id), "actionInteractions": [event],
        ])
    }
}
