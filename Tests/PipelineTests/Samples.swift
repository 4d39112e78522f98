import Foundation
import JSON

@testable import Pipeline

/// Files of both shapes, and small changes to them.
enum Samples {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A file of this repository.
    static func file(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: repository.appending(path: path)))
    }

    static func schema(_ type: String, _ fields: [JSON]) -> JSON {
        [
            "type": "record", "name": .string(type), "namespace": "com.amazonaws.personalize.schema",
            "fields": .array(fields), "version": "1.0",
        ]
    }

    static let interactions: JSON = [
        "name": "InteractionsDataset",
        "schema": schema(
            "Interactions",
            [
                ["name": "USER_ID", "type": "string"], ["name": "ITEM_ID", "type": "string"],
                ["name": "TIMESTAMP", "type": "long"],
            ]
        ),
    ]

    static let users: JSON = [
        "name": "UsersDataset",
        "schema": schema(
            "Users",
            [
                ["name": "USER_ID", "type": "string"],
                ["name": "GENDER", "type": "string", "categorical": true], ["name": "AGE", "type": "int"],
            ]
        ),
    ]

    /// The file of the older sample, as its description shows it.
    static let older: JSON = [
        "datasetGroup": ["name": "DatasetGroup"],
        "datasets": ["Interactions": interactions, "Users": users],
        "solution": ["name": "Solution", "performAutoML": true],
        "campaign": ["name": "Campaign", "minProvisionedTPS": 1],
    ]

    static func recipe(_ name: String) -> JSON { .string("arn:aws:personalize:::recipe/\(name)") }

    /// A file of the newer sample, with its three fixed solutions.
    static let newer: JSON = [
        "datasetGroup": ["name": "shop"],
        "datasets": ["Interactions": interactions, "Users": users],
        "solutions": [
            "userPersonalization": ["name": "up", "recipeArn": recipe("aws-user-personalization")],
            "sims": ["name": "sims", "recipeArn": recipe("aws-sims")],
            "personalizedRanking": ["name": "rank", "recipeArn": recipe("aws-personalized-ranking")],
        ],
        "campaigns": [
            "userPersonalizationCampaign": ["name": "up", "minProvisionedTPS": 1],
            "simsCampaign": ["name": "sims", "minProvisionedTPS": 1],
            "personalizedRankingCampaign": ["name": "rank", "minProvisionedTPS": 1],
        ],
        "eventTracker": ["name": "clicks"],
        "filters": [["name": "unseen", "filterExpression": "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")"]],
    ]

    /// One solution that is trained in a moment.
    static let small: JSON = [
        "datasetGroup": ["name": "shop"],
        "datasets": ["Interactions": interactions],
        "solution": ["name": "popular", "recipeArn": recipe("aws-popularity-count")],
        "campaign": ["name": "popular", "minProvisionedTPS": 1],
    ]

    /// Forty users who have each seen most of the items of their camp.
    static var events: String {
        var lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
        for user in 0..<40 {
            for item in 0..<24 where item % 2 == user % 2 && (user / 2 + item / 2) % 4 != 0 {
                lines.append("u\(user),i\(item),\(1_700_000_000 + item * 60 + user)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension JSON {
    /// This value with one member set, or removed when there is no value: `solution.recipeArn`.
    func with(_ path: String, _ value: JSON?) -> JSON {
        var copy = self
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        copy[parts[0]] = parts.count == 1 ? value : (self[parts[0]] ?? [:]).with(parts[1], value)
        return copy
    }
}

extension PipelineConfiguration {
    /// The lines of the error that a file is refused with.
    static func faults(_ value: JSON) -> [String] {
        do throws(ConfigurationError) {
            _ = try ParamsFile.read(value)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }
}
