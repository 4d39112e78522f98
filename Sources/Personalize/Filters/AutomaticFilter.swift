/// What the use cases of the domains leave out of themselves, before the filter of a request.
enum AutomaticFilter {
    /// The type of event whose items a recipe does not recommend to a user again; `nil` when it has no such rule.
    static func eventType(ofRecipe name: String) -> String? {
        switch name {
        case "aws-ecomm-recommended-for-you", "aws-ecomm-customers-who-viewed-x-also-viewed": "Purchase"
        case "aws-vod-top-picks", "aws-vod-more-like-x", "aws-vod-because-you-watched-x": "Watch"
        default: nil
        }
    }

    /// The filter of a recipe.
    static func filter(ofRecipe name: String, group: String) -> RuntimeFilter? {
        guard let type = eventType(ofRecipe: name) else { return nil }
        let condition = FilterExpression.Condition(
            field: FilterExpression.Field(name: "EVENT_TYPE", position: 0),
            comparison: .isIn,
            operand: .values([FilterExpression.Value(kind: .literal(.text(type)), position: 0)])
        )
        let clause = FilterExpression.Clause(
            action: .exclude,
            subject: .item,
            dataset: .interactions,
            alternatives: [[condition]]
        )
        return RuntimeFilter(arn: name, groupArn: group, expression: FilterExpression(clauses: [clause]))
    }
}
