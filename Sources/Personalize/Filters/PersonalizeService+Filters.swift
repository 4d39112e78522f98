internal import JSON

extension PersonalizeService {
    /// Refuses an expression that is none, or that names what the datasets of a group do not have.
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
