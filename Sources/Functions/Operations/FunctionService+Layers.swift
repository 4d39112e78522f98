internal import FoundationEssentials
internal import JSON
internal import Synchronization

/// Layers: archives of which functions have the folders on their paths.
extension FunctionService {
    /// The version of a layer that an ARN names.
    ///
    /// - Throws: `FunctionError` with `invalidParameterValue` when there is none.
    func layer(_ arn: String) throws(FunctionError) -> LayerVersion {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let found = state.withLock { state in
            state.layers.first { layer in
                parts.count == 8 && parts[5] == "layer" && layer.name == parts[6] && "\(layer.version)" == parts[7]
            }
        }
        guard let found else {
            throw FunctionError(.invalidParameterValue, "Layer version \(arn) does not exist; publish it first")
        }
        return found
    }

    func publishLayer(_ input: JSON) async throws -> JSON {
        let name = try Self.layerName(input)
        let code = try code(input["Content"] ?? [:])
        let (description, date) = (input["Description"]?.string ?? "", now().timeIntervalSince1970)
        let runtimes = input["CompatibleRuntimes"]?.array?.compactMap(\.string) ?? []
        let layer = try await store.addLayerVersion(of: name) { version in
            LayerVersion(
                name: name,
                version: version,
                description: description,
                compatibleRuntimes: runtimes,
                code: code,
                createdAt: date
            )
        }
        state.withLock { $0.layers.append(layer) }
        return json(of: layer, withContent: true)
    }

    /// By name and number, or by ARN.
    func describeLayer(_ input: JSON) throws(FunctionError) -> JSON {
        if let arn = input["Arn"]?.string {
            do {
                return json(of: try layer(arn), withContent: true)
            } catch {
                throw FunctionError(.resourceNotFound, error.message)
            }
        }
        return json(of: try layer(input), withContent: true)
    }

    func deleteLayer(_ input: JSON) async throws -> JSON {
        guard let layer = try? layer(input) else { return [:] }
        try await store.deleteLayerVersion(layer.version, of: layer.name)
        state.withLock { $0.layers.removeAll { $0 == layer } }
        return [:]
    }

    func listLayers() -> JSON {
        let layers = state.withLock { Dictionary(grouping: $0.layers, by: \.name) }
        let lines = layers.sorted { $0.key < $1.key }.compactMap { name, versions -> JSON? in
            guard let latest = versions.max(by: { $0.version < $1.version }) else { return nil }
            return [
                "LayerName": .string(name), "LayerArn": .string(layerARN(name)),
                "LatestMatchingVersion": json(of: latest, withContent: false),
            ]
        }
        return ["Layers": .array(lines)]
    }

    func listLayerVersions(_ input: JSON) -> JSON {
        let name = (try? Self.layerName(input)) ?? ""
        let layers = state.withLock { $0.layers.filter { $0.name == name } }.sorted { $0.version > $1.version }
        return ["LayerVersions": .array(layers.map { json(of: $0, withContent: false) })]
    }

    private func layer(_ input: JSON) throws(FunctionError) -> LayerVersion {
        let name = try Self.layerName(input)
        let text = input["VersionNumber"]?.string ?? ""
        do {
            return try layer("\(layerARN(name)):\(text)")
        } catch {
            throw FunctionError(.resourceNotFound, "The resource you requested does not exist: layer \(name) \(text)")
        }
    }

    /// A layer's name, which may be given as its ARN.
    private static func layerName(_ input: JSON) throws(FunctionError) -> String {
        let text = input["LayerName"]?.string ?? ""
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let name = parts.count >= 7 && parts[5] == "layer" ? parts[6] : text
        guard (1...140).contains(name.utf8.count), name.utf8.allSatisfy(FunctionName.isNameByte) else {
            throw FunctionError(
                .validation,
                "1 validation error detected: Value '\(text.prefix(200))' at 'layerName' failed to satisfy constraint: "
                    + "a name has 1 to 140 letters, digits, \"-\" and \"_\""
            )
        }
        return name
    }

    private func layerARN(_ name: String) -> String {
        "arn:aws:lambda:\(configuration.region):\(configuration.account):layer:\(name)"
    }

    private func json(of layer: LayerVersion, withContent: Bool) -> JSON {
        var json: JSON = [
            "LayerArn": .string(layerARN(layer.name)),
            "LayerVersionArn": .string("\(layerARN(layer.name)):\(layer.version)"),
            "Version": .init(layer.version), "Description": .string(layer.description),
            "CreatedDate": .string(Self.text(layer.createdAt)),
            "CompatibleRuntimes": .array(layer.compatibleRuntimes.map(JSON.string)),
        ]
        if withContent, case .archive(let hash, let size) = layer.code {
            json["Content"] = [
                "Location": .string("file://\(configuration.code)/\(hash).zip"), "CodeSize": .init(size),
                "CodeSha256": .string(Self.base64(ofHexadecimal: hash)),
            ]
        }
        return json
    }
}
