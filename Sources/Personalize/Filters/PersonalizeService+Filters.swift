internal import JSON

extension PersonalizeService {
    /// Refuses an expression that is none, that names what the datasets of a group do not have, or that is too much.
    func checkFilter(_ text: String, group: String) async throws(PersonalizeError) {
        let expression = try FilterExpression(parsing: text)
        var schemas: [DatasetType: Schema] = [:]
        for dataset in try await resources(ResourceQuery(.dataset, parentArn: group)) {
            guard let type = DatasetType(named: dataset.body["datasetType"]?.string ?? "") else { continue }
            schemas[type] = try await schema(of: dataset)
        }
        do throws(FilterFault) {
            try expression.check(schemas)
        } catch {
            throw PersonalizeError(.invalidInput, error.message)
        }
        try await checkLimits(of: expression, group)
    }

    /// Refuses a filter beyond the limits of its group.
    private func checkLimits(of expression: FilterExpression, _ group: String) async throws(PersonalizeError) {
        let others = try await resources(ResourceQuery(.filter, parentArn: group))
        let known = others.compactMap { filter in
            filter.body["filterExpression"]?.string.flatMap { try? FilterExpression(parsing: $0) }
        }
        let all = known.reduce(into: expression.fields) { $0.formUnion($1.fields) }
        for (count, limit, what, remedy) in [
            (
                expression.fields.count, configuration.maximumFieldsPerFilter, "distinct fields in a filter",
                "use several filters"
            ),
            (others.count + 1, configuration.maximumFiltersPerGroup, "filters in a dataset group", "delete some"),
            (
                all.count, configuration.maximumFilteredFieldsPerGroup,
                "distinct fields in the filters of a dataset group", "delete some filters"
            ),
        ] where count > limit {
            throw PersonalizeError(.limitExceeded, "More than \(limit) \(what) (\(group)); \(remedy).")
        }
    }

    /// Builds what a filter needs of every campaign of its group, so that no request has to wait for it.
    func prepareFilter(_ filter: Resource) async {
        guard let expression = try? FilterExpression(parsing: filter.body["filterExpression"]?.string ?? "") else {
            return
        }
        let catalogs = runtime.served.filter { $0.groupArn == filter.parentArn }.map(\.filters)
        try? await BackgroundThread.run(onCancel: {}) {
            for catalog in catalogs { catalog.prepare(expression) }
        }
    }
}

extension FilterExpression {
    /// Reads an expression as an operation is given it.
    init(parsing text: String) throws(PersonalizeError) {
        do throws(FilterFault) {
            self = try FilterParser.parse(text)
        } catch {
            throw PersonalizeError(.invalidInput, error.message)
        }
    }
}
