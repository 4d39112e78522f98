internal import Shapes

extension Shape {
    static let putEvents = Shape.structure([
        .required("trackingId", .text(1...256)), .optional("userId", .secret(1...256)),
        .required("sessionId", .text(1...256)), .required("eventList", .list(event, minimum: 1, maximum: 10)),
    ])

    static let putActionInteractions = Shape.structure([
        .required("trackingId", .text(1...256)),
        .required("actionInteractions", .list(actionInteraction, minimum: 1, maximum: 10)),
    ])

    static let putActions = put("actions", "Action", id: "actionId", propertyLength: 32_000)
    static let putItems = put("items", "Item", id: "itemId", propertyLength: 32_000)
    static let putUsers = put("users", "User", id: "userId", propertyLength: 24_000)

    private static func put(_ list: String, _ name: String, id: String, propertyLength: Int) -> Shape {
        let record = Shape.structure(
            [.required(id, .text(1...256)), .optional("properties", .secret(1...propertyLength))],
            name: name
        )
        return .structure([
            .required("datasetArn", .arn), .required(list, .list(record, minimum: 1, maximum: 10)),
        ])
    }

    private static let event = Shape.structure(
        [
            .optional("eventId", .secret(1...256)), .required("eventType", .secret(1...256)),
            .optional("eventValue", .double(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)),
            .optional("itemId", .secret(1...256)), .optional("properties", .secret(1...1024)),
            .required("sentAt", time), .optional("recommendationId", .secret(1...40)),
            .optional("impression", impression),
            .optional(
                "metricAttribution",
                .structure([.required("eventAttributionSource", .text(0...1024, .visible))])
            ),
        ],
        name: "Event"
    )

    private static let actionInteraction = Shape.structure(
        [
            .required("actionId", .secret(1...256)), .optional("userId", .secret(1...256)),
            .required("sessionId", .text(1...256)), .required("timestamp", time),
            .required("eventType", .text(1...256)), .optional("eventId", .text(1...256)),
            .optional("recommendationId", .text(1...40)), .optional("impression", impression),
            .optional("properties", .secret(1...1024)),
        ],
        name: "ActionInteraction"
    )

    private static let impression = Shape.list(.secret(1...256), minimum: 1, maximum: 25)
    private static let time = Shape.double(-latestTime...latestTime)

    /// The end of the year 9999 in epoch seconds: what is beyond it was meant as milliseconds.
    private static let latestTime = 253_402_300_799.0
}
