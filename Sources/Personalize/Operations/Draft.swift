internal import JSON

/// A resource that is about to be made.
struct Draft {
    let kind: ResourceKind
    let name: String
    /// Its ARN after the kind's word; the name where nothing else is said.
    var path: String
    var parentArn: String?
    var status = ResourceStatus.createPending
    var body: JSON
    /// The members of the body that the answer repeats.
    var answering: [String] = []

    /// Reads the name, the tags and the members that are kept as they are.
    init(_ kind: ResourceKind, _ input: JSON, keeping members: [String]) throws(PersonalizeError) {
        self.kind = kind
        name = input[kind.nameMember]?.string ?? ""
        path = name
        body = [:]
        for member in members + ["tags"] {
            if let value = input[member], !value.isNull { body[member] = value }
        }
        try Tags.check(body["tags"]?.array ?? [])
    }
}

extension PersonalizeService {
    /// Decides to make a resource, when its name is free and there is room.
    func create(_ draft: Draft) async throws(PersonalizeError) -> Decision {
        let arn = arns.of(draft.kind, draft.path)
        if try await found(arn) != nil { throw .exists(draft.kind, arn) }
        let limit = configuration.maximumResourcesPerKind
        guard try await count(ResourceQuery(draft.kind)) < limit else {
            throw PersonalizeError(
                .limitExceeded,
                "there are \(limit) \(draft.kind.title) resources already; delete some"
            )
        }
        let now = now()
        let resource = Resource(
            arn: arn,
            kind: draft.kind,
            name: draft.name,
            parentArn: draft.parentArn,
            status: draft.status,
            body: draft.body,
            createdAt: now,
            updatedAt: now
        )
        var decision = Decision()
        decision.transition.inserts = [resource]
        decision.response = .object([draft.kind.arnMember: .string(arn)])
        for member in draft.answering { decision.response[member] = draft.body[member] }
        return decision
    }
}

extension PersonalizeError {
    /// A resource that is asked for does not exist.
    static func missing(_ title: String, _ arn: String) -> PersonalizeError {
        PersonalizeError(.resourceNotFound, "\(title) \"\(arn)\" does not exist")
    }

    /// A name that is asked for is taken.
    static func exists(_ kind: ResourceKind, _ arn: String) -> PersonalizeError {
        PersonalizeError(.resourceAlreadyExists, "\(kind.title) \"\(arn)\" already exists")
    }

    /// A resource is in the wrong state for what is asked.
    static func inUse(_ resource: Resource, _ remedy: String) -> PersonalizeError {
        let status = resource.status.rawValue
        return PersonalizeError(
            .resourceInUse,
            "\(resource.kind.title) \"\(resource.arn)\" has status \(status); \(remedy)"
        )
    }
}

extension JSON {
    /// A string member that the input's shape requires.
    func required(_ member: String) throws(PersonalizeError) -> String {
        guard let text = self[member]?.string else {
            throw PersonalizeError(.invalidInput, "'\(member)' must be given")
        }
        return text
    }
}
