import JSON

extension DefinitionReader {
    mutating func map(_ fields: Fields) -> MapState? {
        let hasProcessor = checkExactlyOne(["ItemProcessor", "Iterator"], in: fields)
        checkExclusive(["ItemSelector", "Parameters"], in: fields)
        // A reader passes over an ItemsPath beside it, but the expressions of Items have no such excuse.
        if fields.language == .jsonata { checkExclusive(["ItemReader", "Items"], in: fields) }
        let selector = template(
            fields.language == .jsonPath && !fields.has("ItemSelector") ? "Parameters" : "ItemSelector",
            in: fields
        )
        let items = items(fields)
        let concurrency = mapLimit("MaxConcurrency", in: fields)
        let result = result(fields)
        let handling = errorHandling(fields)
        let processor = self.fields(fields.has("Iterator") ? "Iterator" : "ItemProcessor", in: fields)
        guard hasProcessor, let processor else { return nil }
        checkNames(of: processor, known: ["StartAt", "States", "Comment", "ProcessorConfig"])
        let mode = mode(of: processor)
        let distributed = distributed(mode, fields)
        let outerType = type
        if let type = mode.type { self.type = type }
        defer { type = outerType }
        guard let (startAt, _) = readScope(processor, seesOutside: mode.type == nil) else { return nil }
        return MapState(
            startAt: startAt,
            items: items,
            itemSelector: selector,
            maxConcurrency: concurrency,
            distributed: distributed,
            result: result,
            handling: handling
        )
    }

    private mutating func items(_ fields: Fields) -> MapState.Items {
        guard fields.language == .jsonata else { return .path(singlePath("ItemsPath", in: fields) ?? .input) }
        guard let value = fields.object["Items"] else { return .path(.input) }
        if value.array == nil, value.object == nil, value.string?.hasPrefix("{%") != true {
            report(fields.place("Items"), "Expected value of type Array or JSONata")
        }
        return jsonataTemplate("Items", in: fields).map(MapState.Items.template) ?? .path(.input)
    }

    /// `ProcessorConfig`: the execution type of the children of a distributed Map.
    private mutating func mode(of processor: Fields) -> (isKnown: Bool, type: StateMachineType?) {
        guard let config = fields("ProcessorConfig", in: processor) else {
            return (!processor.has("ProcessorConfig"), nil)
        }
        let isDistributed = config.object["Mode"] == "DISTRIBUTED"
        checkNames(of: config, known: isDistributed ? ["Mode", "ExecutionType"] : ["Mode"])
        if config.has("Mode"), choice("Mode", of: ["INLINE", "DISTRIBUTED"], in: config) == nil { return (false, nil) }
        guard isDistributed else { return (true, nil) }
        if type == .express {
            report(
                config.place("Mode"),
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
            )
        }
        checkRequired(["ExecutionType"], in: config)
        let type = choice("ExecutionType", of: ["STANDARD", "EXPRESS"], in: config)
        return (true, type.flatMap(StateMachineType.init) ?? .standard)
    }

    private mutating func distributed(
        _ mode: (isKnown: Bool, type: StateMachineType?),
        _ fields: Fields
    ) -> DistributedMap? {
        guard let type = mode.type else {
            for name in StateFields.distributed where mode.isKnown && fields.has(name) {
                report(
                    fields.location,
                    "Field '\(name)' is not supported",
                    remedy: "only a Map whose ProcessorConfig has the Mode DISTRIBUTED can have it"
                )
            }
            return nil
        }
        return DistributedMap(
            executionType: type,
            label: label(fields),
            reader: itemReader(fields),
            batcher: itemBatcher(fields),
            writer: resultWriter(fields),
            toleratedFailureCount: mapLimit("ToleratedFailureCount", in: fields),
            toleratedFailurePercentage: share("ToleratedFailurePercentage", in: fields)
        )
    }

    private mutating func share(_ name: String, in fields: Fields) -> DistributedMap.Share? {
        if fields.language == .jsonata, let expression = expression(name, in: fields) {
            return expression.map(DistributedMap.Share.expression)
        }
        checkExclusive([name, "\(name)Path"], in: fields)
        if let value = number(name, in: fields, in: 0...100) { return .value(value) }
        return inputPath("\(name)Path", in: fields).map(DistributedMap.Share.path)
    }

    private mutating func label(_ fields: Fields) -> String? {
        guard let label = string("Label", in: fields) else { return nil }
        let place = fields.place("Label")
        if label.utf16.count > 40 {
            report(place, "Label exceeds the 40-character limit allowed by the service", code: .invalidLabelName)
        } else if label.isEmpty || label.unicodeScalars.contains(where: Self.isForbidden) {
            report(
                place,
                "Invalid Label name: \(label)",
                code: .invalidLabelName,
                remedy: "white space, control characters and any of < > { } [ ] ? * \" # % \\ ^ | ~ ` $ & , ; : / "
                    + "are not allowed"
            )
        }
        if let first = labels[label] {
            report(place, "Duplicate Label name: \(label)", code: .duplicateLabelName, remedy: "first used at \(first)")
        } else {
            labels[label] = place
        }
        return label
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || "<>{}[]?*\"#%\\^|~`$&,;:/".unicodeScalars.contains(scalar)
    }
}
