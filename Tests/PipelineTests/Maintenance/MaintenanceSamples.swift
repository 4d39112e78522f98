import JSON

@testable import Pipeline

/// Files of the successor's shape.
extension Samples {
    /// A component with its request.
    static func service(_ request: JSON, _ more: JSONObject = [:]) -> JSON {
        var component: JSON = ["serviceConfig": request]
        for (key, value) in more { component[key] = value }
        return component
    }

    static func maintained(_ dataset: JSON, as name: String) -> JSON {
        [
            "dataset": service(["name": .string(name)]),
            "schema": service(["name": .string("\(name)_schema"), "schema": dataset["schema"] ?? [:]]),
        ]
    }

    /// One solution that is trained in a moment, with one campaign.
    static let maintained: JSON = [
        "datasetGroup": service(["name": "shop"]),
        "datasets": ["interactions": maintained(interactions, as: "shop_interactions")],
        "solutions": [
            service(
                ["name": "popular", "recipeArn": recipe("aws-popularity-count")],
                ["campaigns": [service(["name": "popular", "minProvisionedTPS": 1])]]
            )
        ],
    ]

    /// A file with every key of the shape.
    static let wholeMaintained: JSON = [
        "tags": [["tagKey": "team", "tagValue": "films"]],
        "datasetGroup": service(
            ["name": "shop", "tags": [["tagKey": "own", "tagValue": "group"]]],
            ["workflowConfig": ["schedules": ["import": "cron(0 */6 * * ? *)"], "maxAge": "two days"]]
        ),
        "datasets": [
            "serviceConfig": ["importMode": "INCREMENTAL", "publishAttributionMetricsToS3": true],
            "users": maintained(users, as: "shop_users"),
            "interactions": maintained(interactions, as: "shop_interactions"),
        ],
        "eventTracker": service(["name": "clicks"]),
        "filters": [
            service([
                "name": "unseen", "filterExpression": "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (\"*\")",
            ])
        ],
        "solutions": [
            service(
                [
                    "name": "up", "recipeArn": recipe("aws-user-personalization"), "performAutoTraining": true,
                    "solutionVersion": [
                        "name": "first", "trainingMode": "UPDATE", "tags": [["tagKey": "own", "tagValue": "version"]],
                    ],
                ],
                [
                    "workflowConfig": [
                        "schedules": ["full": "cron(0 3 ? * SUN *)", "update": "cron(0 4 * * ? *)"]
                    ],
                    "campaigns": [
                        service([
                            "name": "home", "minProvisionedTPS": 1,
                            "campaignConfig": ["itemExplorationConfig": ["explorationWeight": "0.3"]],
                        ]),
                        service(["name": "mail", "minProvisionedTPS": 1]),
                    ],
                    "batchInferenceJobs": [
                        service(
                            ["numResults": 10],
                            ["workflowConfig": ["schedule": "cron(0 5 * * ? *)", "maxAge": "1 day"]]
                        )
                    ],
                ]
            ),
            service(
                ["name": "who", "recipeArn": recipe("aws-item-affinity")],
                [
                    "batchSegmentJobs": [
                        service([:], ["workflowConfig": ["schedule": "cron(30 5 * * ? *)"]])
                    ]
                ]
            ),
        ],
    ]
}
