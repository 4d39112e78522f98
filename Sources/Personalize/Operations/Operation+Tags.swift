internal import JSON
internal import Shapes

/// The rules of tags.
enum Tags {
    /// The most one resource may have.
    static let maximum = 50

    /// Refuses too many tags and a key given twice.
    static func check(_ tags: [JSON]) throws(PersonalizeError) {
        guard tags.count <= maximum else {
            throw PersonalizeError(.tooManyTags, "\(tags.count) tags are given; a resource may have \(maximum)")
        }
        var keys: Set<String> = []
        for key in tags.compactMap({ $0["tagKey"]?.string }) where !keys.insert(key).inserted {
            throw PersonalizeError(.invalidInput, "tagKey \"\(key)\" is given twice")
        }
    }
}

extension Operation {
    static let tagging: [Operation] = [
        .read("ListTagsForResource", .structure([.required("resourceArn", .arn)])) {
            service,
            input throws(PersonalizeError) in
            let resource = try await service.anyResource(try input.required("resourceArn"))
            return ["tags": resource.body["tags"] ?? []]
        },
        .write("TagResource", .structure([.required("resourceArn", .arn), .required("tags", .tags)])) {
            service,
            input throws(PersonalizeError) in
            let given = input["tags"]?.array ?? []
            let keys = Set(given.compactMap { $0["tagKey"]?.string })
            return try await service.retag(input) { $0.filter { !keys.contains($0["tagKey"]?.string ?? "") } + given }
        },
        .write(
            "UntagResource",
            .structure([
                .required("resourceArn", .arn), .required("tagKeys", .list(.text(1...128, .tag), maximum: 200)),
            ])
        ) { service, input throws(PersonalizeError) in
            let keys = Set((input["tagKeys"]?.array ?? []).compactMap(\.string))
            return try await service.retag(input) { $0.filter { !keys.contains($0["tagKey"]?.string ?? "") } }
        },
    ]
}

extension PersonalizeService {
    fileprivate func retag(_ input: JSON, _ change: ([JSON]) -> [JSON]) async throws(PersonalizeError) -> Decision {
        var resource = try await anyResource(try input.required("resourceArn"))
        let tags = change(resource.body["tags"]?.array ?? [])
        try Tags.check(tags)
        resource.body["tags"] = .array(tags)
        var decision = Decision()
        decision.transition.updates = [resource]
        return decision
    }
}
