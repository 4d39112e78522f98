import JSON

extension DefinitionReader {
    /// Reads `Assign` of a state, a choice rule or a catcher.
    mutating func assign(in fields: Fields, seeing sight: Sight = []) -> Template? {
        guard fields.has("Assign") else { return nil }
        guard let object = object("Assign", in: fields) else { return nil }
        for (key, _) in object {
            let isExpression = fields.language == .jsonPath && key.hasSuffix(".$")
            let name = isExpression ? String(key.dropLast(2)) : key
            let place = "\(fields.place("Assign"))/\(key)"
            if checkVariable(name, at: place) { variables.assign(name, at: place) }
        }
        switch fields.language {
        case .jsonPath: return payloadTemplate("Assign", in: fields).map(Template.jsonPath)
        case .jsonata: return jsonataTemplate("Assign", in: fields, seeing: sight).map(Template.jsonata)
        }
    }

    private mutating func checkVariable(_ name: String, at place: String) -> Bool {
        if name == "states" {
            report(place, "Cannot assign to reserved variable '$states'.", code: .reservedVariableName)
            return false
        }
        let fault: String
        if name.unicodeScalars.count > 80 {
            fault = "the variable name exceeds the 80-character limit."
        } else if !Self.isIdentifier(name) {
            fault = "the variable name contains invalid characters."
        } else {
            return true
        }
        report(place, "Invalid variable name '\(name)': \(fault)", code: .invalidVariableName)
        return false
    }

    /// Whether a text is an identifier by Unicode's rules (UAX 31), of letters, digits and marks, a letter first.
    private static func isIdentifier(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, first.properties.isIDStart else { return false }
        return scalars.dropFirst().allSatisfy(\.properties.isIDContinue)
    }
}
