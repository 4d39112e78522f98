internal import JSON
internal import Shapes

/// What the inputs of EventBridge Scheduler's operations must look like: all 12 of the public API model.
///
/// Members that only targets of other services have are not here: they are refused by name.
enum SchedulerShapes {
    /// The shape of an operation's input, by the operation's name.
    static let inputs: [String: Shape] = [
        "CreateSchedule": .structure(schedule), "UpdateSchedule": .structure(schedule),
        "GetSchedule": .structure([.optional("GroupName", name), .required("Name", name)]),
        "DeleteSchedule": .structure([
            .optional("ClientToken", clientToken), .optional("GroupName", name), .required("Name", name),
        ]),
        "ListSchedules": .structure(
            page + [.optional("GroupName", name), .optional("State", .oneOf("ENABLED", "DISABLED"))]
        ),
        "CreateScheduleGroup": .structure([
            .optional("ClientToken", clientToken), .required("Name", name), .optional("Tags", tags),
        ]),
        "GetScheduleGroup": .structure([.required("Name", name)]),
        "DeleteScheduleGroup": .structure([.optional("ClientToken", clientToken), .required("Name", name)]),
        "ListScheduleGroups": .structure(page),
        "TagResource": .structure([.required("ResourceArn", groupARN), .required("Tags", tags)]),
        "UntagResource": .structure([
            .required("ResourceArn", groupARN), .required("TagKeys", .list(.text(1...128), maximum: 200)),
        ]),
        "ListTagsForResource": .structure([.required("ResourceArn", groupARN)]),
    ]

    private static let schedule: [Field] = [
        .optional("ActionAfterCompletion", .oneOf("NONE", "DELETE")), .optional("ClientToken", clientToken),
        .optional("Description", .text(0...512)), .optional("EndDate", date),
        .required(
            "FlexibleTimeWindow",
            .structure([
                .optional("MaximumWindowInMinutes", .integer(1...1440)),
                .required("Mode", .oneOf("OFF", "FLEXIBLE")),
            ])
        ),
        .optional("GroupName", name), .optional("KmsKeyArn", kmsKeyARN), .required("Name", name),
        .required("ScheduleExpression", .text(1...256)), .optional("ScheduleExpressionTimezone", .text(1...50)),
        .optional("StartDate", date), .optional("State", .oneOf("ENABLED", "DISABLED")), .required("Target", target),
    ]

    private static let target = Shape.structure([
        .required("Arn", .text(1...1600)), .optional("DeadLetterConfig", .structure([.optional("Arn", queueARN)])),
        .optional("Input", .text(1...Int.max)),
        .optional(
            "RetryPolicy",
            .structure([
                .optional("MaximumEventAgeInSeconds", .integer(60...86_400)),
                .optional("MaximumRetryAttempts", .integer(0...185)),
            ])
        ),
        .required("RoleArn", roleARN),
    ])

    private static let page: [Field] = [
        .optional("MaxResults", .integer(1...100)), .optional("NamePrefix", name),
        .optional("NextToken", .text(1...2048)),
    ]

    private static let date = Shape.double(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)

    private static let tags = Shape.list(
        .structure([.required("Key", .text(1...128)), .required("Value", .text(1...256))], name: "Tag"),
        maximum: 200
    )

    // MARK: Patterns

    private static let name = Shape.text(1...64, TextPattern("^[0-9a-zA-Z-_.]+$", matches: isName))

    private static let clientToken = Shape.text(
        1...64,
        TextPattern("^[a-zA-Z0-9-_]+$") { isName($0) && !$0.utf8.contains(UInt8(ascii: ".")) }
    )

    private static let groupARN = Shape.text(
        1...1011,
        TextPattern(#"^arn:aws(-[a-z]+)?:scheduler:[a-z0-9\-]+:\d{12}:schedule-group\/[0-9a-zA-Z-_.]+$"#) { text in
            guard let resource = resource(text, of: "scheduler"), resource.hasPrefix("schedule-group/") else {
                return false
            }
            return isName(String(resource.dropFirst("schedule-group/".count)))
        }
    )

    private static let roleARN = Shape.text(
        1...1600,
        TextPattern(#"^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@\/-]+$"#) { text in
            guard let role = resource(text, of: "iam", hasRegion: false), role.hasPrefix("role/") else { return false }
            let name = role.utf8.dropFirst("role/".utf8.count)
            return !name.isEmpty && name.allSatisfy { $0.isNameByte || "+=,@/".utf8.contains($0) }
        }
    )

    private static let queueARN = Shape.text(
        1...1600,
        TextPattern(#"^arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+$"#) { text in
            guard let queue = resource(text, of: "sqs") else { return false }
            return isName(queue) && !queue.utf8.contains(UInt8(ascii: "."))
        }
    )

    private static let kmsKeyARN = Shape.text(
        1...2048,
        TextPattern(#"^arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*$"#) { text in
            guard let key = resource(text, of: "kms"), let kind = ["key/", "alias/"].first(where: key.hasPrefix) else {
                return false
            }
            return key.dropFirst(kind.count).utf8.allSatisfy { $0.isNameByte && $0 != UInt8(ascii: ".") }
        }
    )

    private static func isName(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(\.isNameByte) }

    /// What an ARN names, when its service is this one and its region and account have their form.
    private static func resource(_ arn: String, of service: String, hasRegion: Bool = true) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == service else { return nil }
        let partition = parts[1]
        let isPartition =
            partition == "aws"
            || partition.hasPrefix("aws-") && partition.count > 4
                && partition.dropFirst(4).utf8.allSatisfy { (97...122).contains($0) }
        let isRegion =
            hasRegion
            ? !parts[3].isEmpty
                && parts[3].utf8.allSatisfy {
                    (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
                }
            : parts[3].isEmpty
        guard isPartition, isRegion, parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return String(parts[5])
    }
}

extension UInt8 {
    /// Of `[0-9a-zA-Z-_.]`.
    fileprivate var isNameByte: Bool {
        switch self {
        case 48...57, 65...90, 97...122: true
        default: "-_.".utf8.contains(self)
        }
    }
}
