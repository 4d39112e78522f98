internal import JSON
internal import Recommenders

extension ServedCampaign {
    /// A filter with what a request says, when it can be used for it.
    func filterRequest(
        _ filter: RuntimeFilter,
        _ values: JSON?,
        _ input: JSON,
        about subject: FilterExpression.Subject = .item
    ) throws(PersonalizeError) -> FilterRequest {
        let expression = filter.expression
        guard expression.subject == subject else {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(filter.arn)\" is about \(expression.subject.rawValue), and asked for is \(subject.rawValue)"
            )
        }
        let request = FilterRequest(
            filter: filter,
            values: try FilterValues(values, for: expression, filter.arn),
            user: input["userId"]?.string.flatMap { $0.isEmpty ? nil : $0 },
            item: input["itemId"]?.string
        )
        if expression.needsUser, request.user == nil {
            throw PersonalizeError(
                .invalidInput,
                "'userId' must be given for filter \"\(filter.arn)\", which asks about the user"
            )
        }
        if expression.needsItem, served.entry.recipe.kind != .relatedItems {
            throw PersonalizeError(
                .invalidInput,
                "Filter \"\(filter.arn)\" asks about CurrentItem, which only recipes for related items have; "
                    + "that of \"\(arn)\" is \(served.entry.name)"
            )
        }
        return request
    }

    /// The recipe's own filter for the user of a request; `nil` when it has none.
    func automaticRequest(_ input: JSON) -> FilterRequest? {
        guard let automaticFilter, let user = input["userId"]?.string else { return nil }
        return FilterRequest(filter: automaticFilter, values: FilterValues(), user: user)
    }
}

extension FilterRestriction {
    /// What both leave.
    func joined(_ other: FilterRestriction?) -> FilterRestriction {
        guard let other else { return self }
        var joined = self
        joined.excluded.formUnion(other.excluded)
        joined.wantsMetItems = wantsMetItems || other.wantsMetItems
        return joined
    }
}
