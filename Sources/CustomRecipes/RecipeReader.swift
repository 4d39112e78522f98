internal import JSON
internal import Personalize
internal import Recommenders

/// Reads the members of a `recipe.json` and gathers every fault.
struct RecipeReader {
    private(set) var faults: [String] = []
    private let value: JSON
    private var known: Set<String> = []
    private var recipe = ""

    init(_ value: JSON) {
        self.value = value
        if value.object == nil { refuse("recipe.json", "must be an object, it is \(value.typeName)") }
    }

    private mutating func refuse(_ place: String, _ fact: String) { faults.append("\(place) \(fact)") }

    /// A member, which is thereby known.
    private mutating func member(_ name: String) -> JSON? {
        known.insert(name)
        return value[name].flatMap { $0.isNull ? nil : $0 }
    }

    // MARK: Members

    mutating func checkName(_ name: String) {
        recipe = name
        let letters = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        if !letters || name.isEmpty || name.utf8.count > 63 || name.hasPrefix("-") {
            refuse(
                "the directory's name \"\(name)\"",
                "must be 1 to 63 of a-z, 0-9 and \"-\", and not begin with \"-\""
            )
        } else if let prefix = CustomRecipe.reservedPrefixes.first(where: { name.hasPrefix($0) }) {
            refuse(
                "the directory's name \"\(name)\"",
                "must not begin with \"\(prefix)\", as the recipes that are here do"
            )
        }
        if let given = text("name"), given != name {
            refuse("name", "\"\(given)\" must be that of the directory, \"\(name)\"")
        }
    }

    mutating func text(_ name: String) -> String? {
        guard let found = member(name) else { return nil }
        if found.string == nil { refuse(name, "must be a text, it is \(found.typeName)") }
        return found.string
    }

    mutating func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let found = member(name) else { return nil }
        guard let number = found.int, range.contains(number) else {
            refuse(name, "\(found.text) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func kind() -> Recipe.Kind {
        let kinds = [Recipe.Kind.userPersonalization, .personalizedRanking, .relatedItems, .popularItems]
        let names = kinds.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        guard let given = text("type") else {
            refuse("type", "must be given, one of \(names)")
            return .userPersonalization
        }
        guard let kind = kinds.first(where: { $0.rawValue == given }) else {
            refuse("type", "\"\(given)\" must be one of \(names)")
            return .userPersonalization
        }
        return kind
    }

    mutating func environment() -> [String: String] {
        guard let found = member("environment") else { return [:] }
        guard let object = found.object else {
            refuse("environment", "must be an object, it is \(found.typeName)")
            return [:]
        }
        var environment: [String: String] = [:]
        for (name, value) in object {
            let isName = !name.isEmpty && !name.utf8.contains(UInt8(ascii: "=")) && !name.utf8.contains(0)
            guard isName, let text = value.string, !text.utf8.contains(0) else {
                refuse("environment.\(name)", "must be a text under the name of a variable")
                continue
            }
            environment[name] = text
        }
        return environment
    }

    private mutating func list(_ name: String) -> [JSON] {
        guard let found = member(name) else { return [] }
        guard let list = found.array else {
            refuse(name, "must be a list, it is \(found.typeName)")
            return []
        }
        return list
    }

    mutating func metrics() -> [MetricDefinition] {
        var metrics: [MetricDefinition] = []
        for (index, entry) in list("metricDefinitions").enumerated() {
            let place = "metricDefinitions[\(index)]"
            guard let name = entry["name"]?.string, !name.isEmpty, let pattern = entry["regex"]?.string else {
                refuse(place, "must have the texts name and regex")
                continue
            }
            if metrics.contains(where: { $0.name == name }) { refuse("\(place).name", "\"\(name)\" is there twice") }
            do {
                metrics.append(try MetricDefinition(name: name, pattern: pattern))
            } catch {
                refuse("\(place).regex", "\"\(pattern)\" \(error.fact)")
            }
        }
        return metrics
    }

    mutating func objective(among metrics: [String]) -> CustomRecipe.Objective? {
        guard let found = member("objective") else { return nil }
        guard let metric = found["metricName"]?.string, metrics.contains(metric) else {
            refuse("objective.metricName", "must be the name of one of metricDefinitions")
            return nil
        }
        switch found["type"]?.string {
        case "Maximize": return CustomRecipe.Objective(metric: metric, isMaximized: true)
        case "Minimize": return CustomRecipe.Objective(metric: metric, isMaximized: false)
        default:
            refuse("objective.type", "must be \"Maximize\" or \"Minimize\"")
            return nil
        }
    }

    mutating func hyperparameters() -> [Hyperparameter] {
        var hyperparameters: [Hyperparameter] = []
        for (index, entry) in list("hyperparameters").enumerated() {
            let place = "hyperparameters[\(index)]"
            guard let name = entry["name"]?.string, !name.isEmpty, !name.utf8.contains(0), !name.contains("=") else {
                refuse(place, "must have a name, without \"=\"")
                continue
            }
            if hyperparameters.contains(where: { $0.name == name }) {
                refuse("\(place).name", "\"\(name)\" is there twice")
            }
            guard let values = values(entry, place) else { continue }
            guard let given = entry["defaultValue"], let text = Self.settingText(given) else {
                refuse("\(place).defaultValue", "must be given: trainings that say nothing of \"\(name)\" use it")
                continue
            }
            let hyperparameter = Hyperparameter(
                name: name,
                defaultValue: text,
                values: values,
                isTunable: entry["isTunable"]?.bool ?? true,
                summary: entry["description"]?.string ?? ""
            )
            do throws(RecommenderError) {
                try hyperparameter.validate(text, of: recipe)
                hyperparameters.append(hyperparameter)
            } catch {
                refuse("\(place).defaultValue", "is not one of its values: \(error.message)")
            }
        }
        return hyperparameters
    }

    private mutating func values(_ entry: JSON, _ place: String) -> Hyperparameter.Values? {
        switch entry["type"]?.string {
        case "Integer":
            if let least = entry["minValue"]?.int, let greatest = entry["maxValue"]?.int, least <= greatest {
                return .integer(least...greatest)
            }
            refuse(place, "must have whole numbers minValue and maxValue, the first not above the second")
        case "Continuous":
            if let least = entry["minValue"]?.double, let greatest = entry["maxValue"]?.double, least <= greatest {
                return .continuous(least...greatest)
            }
            refuse(place, "must have numbers minValue and maxValue, the first not above the second")
        case "Categorical":
            let words = (entry["values"]?.array ?? []).compactMap(Self.settingText)
            if !words.isEmpty { return .word(words) }
            refuse("\(place).values", "must be a list of one or more texts")
        default: refuse("\(place).type", "must be \"Integer\", \"Continuous\" or \"Categorical\"")
        }
        return nil
    }

    /// A setting as it is handed to the program: always a text.
    private static func settingText(_ value: JSON) -> String? {
        switch value {
        case .string(let text): text
        case .integer, .double, .bool: value.text
        default: nil
        }
    }

    /// Refuses members that are not known, with what was probably meant.
    mutating func refuseOthers() {
        for name in value.object?.keys ?? [] where !known.contains(name) {
            let meant = NearestName.find(name, among: known.sorted()).map { ", did you mean \"\($0)\"?" }
            refuse(name, "is not known\(meant ?? "; there are \(known.sorted().joined(separator: ", "))")")
        }
    }
}
