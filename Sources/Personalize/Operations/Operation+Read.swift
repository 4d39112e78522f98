internal import JSON
internal import Shapes

// MARK: - Describe and list, the same for every kind

extension Operation {
    /// `Describe…` and `List…` of a kind.
    static func describeAndList(_ kind: ResourceKind) -> [Operation] {
        [describe(kind), list(kind)]
    }

    private static func describe(_ kind: ResourceKind) -> Operation {
        .read("Describe\(kind.title)", .structure([.required(kind.arnMember, .arn)])) {
            service,
            input throws(PersonalizeError) in
            let resource = try await service.resource(kind, try input.required(kind.arnMember))
            return .object([kind.member: try await service.describe(resource)])
        }
    }

    private static func list(_ kind: ResourceKind) -> Operation {
        let parents = kind.parentMember.map { [Field.optional($0, .arn)] } ?? []
        return .read("List\(kind.title)s", .page(parents)) { service, input throws(PersonalizeError) in
            var query = ResourceQuery(kind)
            if let member = kind.parentMember { query.parentArn = input[member]?.string }
            if kind == .solutionVersion, let solution = query.parentArn {
                _ = try await service.resource(.solution, solution)
            }
            let page = try Page(input, of: kind.listMember)
            query.after = Int64(page.offset)
            query.limit = page.size + 1
            let found = try await service.resources(query)
            let next = found.count > page.size ? found[page.size - 1].sequence : nil
            return page.answer(found.prefix(page.size).map(\.summary), next: next.map(Int.init))
        }
    }
}

extension PersonalizeService {
    /// What `Describe…` answers: the resource's own members, and what is only known now.
    func describe(_ resource: Resource) async throws(PersonalizeError) -> JSON {
        var answer = resource.description
        switch resource.kind {
        case .solution:
            let query = ResourceQuery(.solutionVersion, parentArn: resource.arn, limit: 1, isNewestFirst: true)
            answer["latestSolutionVersion"] = try await resources(query).first?.summary
        default: break
        }
        return answer
    }
}

// MARK: - Pages

/// Which part of a list is asked for.
struct Page {
    /// How many it holds at most.
    let size: Int
    /// After which place it begins.
    let offset: Int
    private let member: String

    /// Reads `nextToken` and `maxResults`.
    init(_ input: JSON, of member: String) throws(PersonalizeError) {
        self.member = member
        size = input["maxResults"]?.int ?? 100
        offset = try Self.offset(input["nextToken"]?.string, member)
    }

    private static func offset(_ token: String?, _ member: String) throws(PersonalizeError) -> Int {
        guard let token else { return 0 }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == member, let offset = Int(parts[1]), offset > 0 else {
            throw PersonalizeError(.invalidNextToken, "nextToken \"\(token)\" is not of this list; start without one")
        }
        return offset
    }

    /// The answer of a list, with a token for the rest if there is one.
    func answer(_ summaries: [JSON], next: Int?) -> JSON {
        var answer: JSON = .object([member: .array(summaries)])
        if let next { answer["nextToken"] = .string("\(member).\(next)") }
        return answer
    }
}

// MARK: - Metrics

extension Operation {
    static let getSolutionMetrics = Operation.read(
        "GetSolutionMetrics",
        .structure([.required("solutionVersionArn", .arn)])
    ) { service, input throws(PersonalizeError) in
        let version = try await service.resource(.solutionVersion, try input.required("solutionVersionArn"))
        guard version.status == .active, let metrics = version.body["metrics"] else {
            let status = version.status.rawValue
            throw PersonalizeError(
                .resourceInUse,
                "SolutionVersion \(version.arn) has status \(status); metrics exist once it is ACTIVE"
            )
        }
        return ["solutionVersionArn": .string(version.arn), "metrics": metrics]
    }
}
