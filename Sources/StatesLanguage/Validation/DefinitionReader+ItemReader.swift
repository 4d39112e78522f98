import JSON

// Where the items of a distributed Map come from, how they are put together, and where the results go.
extension DefinitionReader {
    private func argumentsName(_ fields: Fields) -> String {
        fields.language == .jsonPath ? "Parameters" : "Arguments"
    }

    mutating func itemReader(_ map: Fields) -> DistributedMap.ItemReader? {
        guard let fields = fields("ItemReader", in: map) else { return nil }
        checkNames(of: fields, known: ["Resource", "Parameters", "Arguments", "ReaderConfig"])
        checkRequired(["Resource", argumentsName(fields)], in: fields)
        let arguments = template(argumentsName(fields), in: fields)
        let resource = resource(in: fields, actions: ["s3:getObject", "s3:listObjectsV2"])
        let lists = resource?.hasSuffix(":listObjectsV2") == true
        if resource != nil, !lists { checkRequired(["ReaderConfig"], in: fields) }
        var maxItems: Limit?
        var config = JSONObject()
        if let reader = self.fields("ReaderConfig", in: fields) {
            checkReader(reader, lists: lists)
            maxItems = mapLimit("MaxItems", in: reader, to: 100_000_000)
            config = reader.object
            for name in ["MaxItems", "MaxItemsPath"] { config[name] = nil }
        }
        guard let resource else { return nil }
        return DistributedMap.ItemReader(resource: resource, arguments: arguments, config: config, maxItems: maxItems)
    }

    private mutating func resource(in fields: Fields, actions: [String]) -> String? {
        guard let resource = string("Resource", in: fields) else { return nil }
        let parts = resource.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        if parts.count == 6, parts[0] == "arn", !parts[1].isEmpty, parts[2...4] == ["states", "", ""],
            actions.contains(String(parts[5]))
        {
            return resource
        }
        report(
            fields.place("Resource"),
            "The field 'Resource' does not match any of the allowed values",
            remedy: "use \(actions.map { "arn:aws:states:::\($0)" }.joined(separator: " or "))"
        )
        return nil
    }

    /// `ReaderConfig`: which fields go with which input.
    private mutating func checkReader(_ fields: Fields, lists: Bool) {
        let flattens = fields.object["Transformation"] == "LOAD_AND_FLATTEN"
        let input = fields.object["InputType"]?.string
        var known = ["InputType", "MaxItems", "MaxItemsPath"]
        if lists { known.append("Transformation") }
        if !lists { known.append("ManifestType") }
        if input == "CSV" { known += ["CSVHeaderLocation", "CSVDelimiter"] }
        if input == "CSV", fields.object["CSVHeaderLocation"] != "FIRST_ROW" { known.append("CSVHeaders") }
        if input == "JSON" { known.append("ItemsPointer") }
        checkNames(of: fields, known: known)
        if !lists || flattens { checkRequired(["InputType"], in: fields) }
        checkInput(fields)
        _ = choice("Transformation", of: ["NONE", "LOAD_AND_FLATTEN"], in: fields)
        _ = choice("ManifestType", of: ["ATHENA_DATA", "S3_INVENTORY"], in: fields)
        if let pointer = string("ItemsPointer", in: fields), !pointer.isEmpty, !pointer.hasPrefix("/") {
            report(fields.place("ItemsPointer"), "Value is not a valid JSON Pointer", remedy: "begin it with \"/\"")
        }
        if input == "CSV" { checkTable(fields) }
    }

    private mutating func checkInput(_ fields: Fields) {
        let types = ["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]
        guard choice("InputType", of: types, in: fields) == "PARQUET" else { return }
        report(
            fields.place("InputType"),
            "The InputType 'PARQUET' is not supported here",
            remedy: "convert the objects to CSV, JSON or JSONL"
        )
    }

    private mutating func checkTable(_ fields: Fields) {
        if !fields.has("CSVHeaderLocation") {
            report(fields.location, "The field 'CSVHeaderLocation' is required but was missing")
        }
        let location = choice("CSVHeaderLocation", of: ["FIRST_ROW", "GIVEN"], in: fields)
        _ = choice("CSVDelimiter", of: ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"], in: fields)
        if location == "GIVEN" { checkRequired(["CSVHeaders"], in: fields) }
        guard let headers = fields.object["CSVHeaders"] else { return }
        let place = fields.place("CSVHeaders")
        guard let names = headers.array?.compactMap(\.string), names.count == headers.array?.count else {
            report(place, "Expected value of type Array of String")
            return
        }
        if names.isEmpty { report(place, Self.empty) }
        if Set(names).count < names.count { report(place, "CSV headers cannot contain duplicates.") }
    }

    mutating func itemBatcher(_ map: Fields) -> DistributedMap.ItemBatcher? {
        guard let fields = fields("ItemBatcher", in: map) else { return nil }
        let limits = [
            "MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath",
        ]
        checkNames(of: fields, known: limits + ["BatchInput"])
        if !limits.contains(where: fields.has) {
            report(
                fields.location,
                "This object should have at least one of the following fields: [\(limits.joined(separator: ", "))]"
            )
        }
        return DistributedMap.ItemBatcher(
            maxItemsPerBatch: mapLimit("MaxItemsPerBatch", in: fields, to: 100_000_000),
            maxInputBytesPerBatch: mapLimit("MaxInputBytesPerBatch", in: fields, to: 262_144),
            batchInput: template("BatchInput", in: fields)
        )
    }

    mutating func resultWriter(_ map: Fields) -> DistributedMap.ResultWriter? {
        guard let fields = fields("ResultWriter", in: map) else { return nil }
        checkNames(of: fields, known: ["Resource", "Parameters", "Arguments", "WriterConfig"])
        if fields.has("Resource") || !fields.has("WriterConfig") {
            checkRequired(["Resource", argumentsName(fields)], in: fields)
        }
        let arguments = template(argumentsName(fields), in: fields)
        let resource = resource(in: fields, actions: ["s3:putObject"])
        var config = JSONObject()
        if let writer = self.fields("WriterConfig", in: fields) {
            checkNames(of: writer, known: ["Transformation", "OutputType"])
            checkRequired(["Transformation", "OutputType"], in: writer)
            _ = choice("Transformation", of: ["NONE", "COMPACT", "FLATTEN"], in: writer)
            _ = choice("OutputType", of: ["JSON", "JSONL"], in: writer)
            config = writer.object
        }
        return DistributedMap.ResultWriter(resource: resource, arguments: arguments, config: config)
    }
}
