internal import Crypto
internal import JSON
internal import Personalize
internal import Recommenders

/// The description of a custom recipe: `recipes/NAME/recipe.json`.
///
/// | Member | Type | Default |
/// | --- | --- | --- |
/// | `type` | `USER_PERSONALIZATION`, `PERSONALIZED_RANKING`, `RELATED_ITEMS`, `POPULAR_ITEMS` | required |
/// | `description` | text | empty |
/// | `hyperparameters` | list of `name`, `type` (`Integer`, `Continuous`, `Categorical`), `defaultValue`, `minValue` and `maxValue` or `values`, `isTunable`, `description` | none |
/// | `metricDefinitions` | list of `name` and `regex`, whose first group is the value | none |
/// | `objective` | `metricName` and `type` (`Maximize`, `Minimize`) | none |
/// | `image` | an OCI image, run by podman or docker in place of `train` and `serve` | none |
/// | `environment` | object of texts | empty |
/// | `trainSeconds` | 1 … 604800 | 3600 |
/// | `startSeconds` | 1 … 3600 | 60 |
/// | `invokeSeconds` | 1 … 3600 | 60 |
/// | `memoryMegabytes` | 16 … | no limit |
struct RecipeFile: Sendable, Equatable {
    let recipe: CustomRecipe
    /// Where it lies, as an absolute path.
    let directory: String
    let metrics: [MetricDefinition]
    let image: String?
    let environment: [String: String]
    let trainTime: Duration
    let startTime: Duration
    let invokeTime: Duration
    /// In bytes.
    let memory: UInt64?

    /// Why a description cannot be used: every fault.
    struct Invalid: Error {
        let faults: [String]
    }

    /// Reads a description.
    ///
    /// - Parameters:
    ///   - text: The bytes of `recipe.json`.
    ///   - name: The name of its directory.
    ///   - directory: The directory.
    ///   - programs: The bytes of `train` and `serve`, for the fingerprint.
    /// - Throws: `Invalid` with every fault.
    init(_ text: [UInt8], name: String, directory: String, programs: [[UInt8]]) throws(Invalid) {
        let value: JSON
        do throws(JSONError) {
            value = try JSON(parsing: text)
        } catch {
            throw Invalid(faults: ["it is no JSON: \(error)"])
        }
        var reader = RecipeReader(value)
        reader.checkName(name)
        let kind = reader.kind()
        let hyperparameters = reader.hyperparameters()
        metrics = reader.metrics()
        let objective = reader.objective(among: metrics.map(\.name))
        let summary = reader.text("description") ?? ""
        image = reader.text("image")
        environment = reader.environment()
        trainTime = .seconds(reader.number("trainSeconds", 1...604_800) ?? 3600)
        startTime = .seconds(reader.number("startSeconds", 1...3600) ?? 60)
        invokeTime = .seconds(reader.number("invokeSeconds", 1...3600) ?? 60)
        memory = reader.number("memoryMegabytes", 16...(1 << 30)).map { UInt64($0) << 20 }
        reader.refuseOthers()
        guard reader.faults.isEmpty else { throw Invalid(faults: reader.faults) }
        self.directory = directory
        recipe = CustomRecipe(
            name: name,
            kind: kind,
            summary: summary,
            hyperparameters: hyperparameters,
            metrics: metrics.map(\.name),
            objective: objective,
            fingerprint: Self.fingerprint([text] + programs)
        )
    }

    private static func fingerprint(_ parts: [[UInt8]]) -> String {
        var digest = SHA256()
        for part in parts {
            digest.update(data: Array("\(part.count)\n".utf8))
            digest.update(data: part)
        }
        return digest.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 2 ? text : "0" + text
        }
        .joined()
    }
}
