internal import JSON
internal import Recommenders
internal import Shapes

extension Operation {
    static let algorithms: [Operation] = [
        .read("DescribeAlgorithm", .structure([.required("algorithmArn", .arn)])) {
            service,
            input throws(PersonalizeError) in
            let arn = try input.required("algorithmArn")
            if let custom = service.programs?.recipes().first(where: { $0.algorithmArn == arn }) {
                return ["algorithm": custom.algorithmDescription]
            }
            guard let entry = CatalogEntry.all.first(where: { $0.algorithmArn == arn }) else {
                throw .missing("Algorithm", arn)
            }
            return ["algorithm": entry.algorithmDescription]
        },
        .read("DescribeFeatureTransformation", .structure([.required("featureTransformationArn", .arn)])) {
            _,
            input throws(PersonalizeError) in
            let arn = try input.required("featureTransformationArn")
            guard let entry = CatalogEntry.all.first(where: { $0.featureTransformationArn == arn }) else {
                throw .missing("FeatureTransformation", arn)
            }
            return ["featureTransformation": entry.transformationDescription]
        },
    ]
}

extension CatalogEntry {
    /// The answer of `DescribeAlgorithm`, without the member around it: the settings of our own algorithm.
    ///
    /// There is no container image to name; what is trained from lies in files.
    fileprivate var algorithmDescription: JSON {
        let parameters = recipe.hyperparameters.filter { !transformations.contains($0.name) }
        return [
            "name": .string(algorithm), "algorithmArn": .string(algorithmArn),
            "defaultHyperParameters": defaults(parameters),
            "defaultHyperParameterRanges": Hyperparameter.ranges(parameters, name: givenName),
            "trainingInputMode": "File", "creationDateTime": .double(Self.published),
            "lastUpdatedDateTime": .double(Self.published),
        ]
    }

    /// The answer of `DescribeFeatureTransformation`, without the member around it.
    fileprivate var transformationDescription: JSON {
        [
            "name": .string(name), "featureTransformationArn": .string(featureTransformationArn),
            "defaultParameters": defaults(recipe.hyperparameters.filter { transformations.contains($0.name) }),
            "creationDateTime": .double(Self.published), "lastUpdatedDateTime": .double(Self.published),
            "status": "ACTIVE",
        ]
    }

    private func defaults(_ parameters: [Hyperparameter]) -> JSON {
        .object(JSONObject(parameters.map { (givenName(of: $0), .string($0.defaultValue)) }))
    }

    /// The name by which the recipe of AWS knows a hyperparameter.
    private func givenName(of parameter: Hyperparameter) -> String {
        renamed.first { $0.value == parameter.name }?.key ?? parameter.name
    }

}

extension Hyperparameter {
    /// What `DescribeAlgorithm` tells of the values that hyperparameters take, each under the name that it is known by.
    static func ranges(_ parameters: [Hyperparameter], name: (Hyperparameter) -> String) -> JSON {
        var (integers, numbers, words): ([JSON], [JSON], [JSON]) = ([], [], [])
        for parameter in parameters {
            var range: JSON = ["name": .string(name(parameter)), "isTunable": .bool(parameter.isTunable)]
            switch parameter.values {
            case .integer(let bounds):
                (range["minValue"], range["maxValue"]) = (JSON(bounds.lowerBound), JSON(bounds.upperBound))
                integers.append(range)
            case .continuous(let bounds):
                (range["minValue"], range["maxValue"]) = (.double(bounds.lowerBound), .double(bounds.upperBound))
                numbers.append(range)
            case .boolean:
                range["values"] = ["true", "false"]
                words.append(range)
            case .word(let values):
                range["values"] = .array(values.map(JSON.string))
                words.append(range)
            }
        }
        return [
            "integerHyperParameterRanges": .array(integers), "continuousHyperParameterRanges": .array(numbers),
            "categoricalHyperParameterRanges": .array(words),
        ]
    }
}
