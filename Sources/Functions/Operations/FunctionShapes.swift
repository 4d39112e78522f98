internal import JSON
internal import Shapes

/// What the inputs of the operations must look like; members that are not here are passed over, as Lambda does.
enum FunctionShapes {
    static let inputs: [String: Shape] = [
        "CreateFunction": .structure(
            settings + [
                .required("FunctionName", name), .required("Code", code), .required("Role", .text(1...2_048)),
                .optional("Tags", tags),
            ]
        ),
        "UpdateFunctionCode": .structure([.required("FunctionName", name)] + codeFields),
        "UpdateFunctionConfiguration": .structure(settings + [.required("FunctionName", name)]),
        "PublishLayerVersion": .structure([
            .required("LayerName", name), .required("Content", code), .optional("Description", .text(0...256)),
            .optional("CompatibleRuntimes", .list(.text(1...64), maximum: 15)),
        ]),
        "PutFunctionConcurrency": .structure([
            .required("FunctionName", name), .required("ReservedConcurrentExecutions", .integer(0...1_000)),
        ]),
        "TagResource": .structure([.required("Resource", .text(1...256)), .required("Tags", tags)]),
    ]

    private static let tags = Shape.map(key: .text(1...128), value: .text(0...256), maximum: 50)

    private static let name = Shape.text(1...170)

    private static let codeFields: [Field] = [
        .optional("ZipFile", .text(0...Int.max)), .optional("S3Bucket", .text(3...63)),
        .optional("S3Key", .text(1...1_024)),
    ]

    private static let code = Shape.structure(codeFields)

    private static let settings: [Field] = [
        .optional("Description", .text(0...256)), .optional("Handler", .text(0...128)),
        .optional("Runtime", .text(1...64)), .optional("Timeout", .integer(1...900)),
        .optional("MemorySize", .integer(128...10_240)), .optional("Role", .text(1...2_048)),
        .optional("Layers", .list(.text(1...140), maximum: 5)),
        .optional(
            "Environment",
            .structure([.optional("Variables", .map(key: .text(1...256), value: .text(0...4_096), maximum: 1_000))])
        ),
        .optional("EphemeralStorage", .structure([.required("Size", .integer(512...10_240))])),
    ]
}
