internal import JSON

/// Writes JSON as `application/x-www-form-urlencoded`.
struct FormEncoding {
    /// How the elements of a list are named.
    enum ArrayFormat: String, CaseIterable {
        case indices = "INDICES"
        case brackets = "BRACKETS"
        case commas = "COMMAS"
        case `repeat` = "REPEAT"
    }

    let arrayFormat: ArrayFormat

    /// `name=value&list[0]=a&object[key]=b`.
    func text(of object: JSONObject) -> String {
        object.flatMap { pairs(Self.encoded($0.key), $0.value) }.joined(separator: "&")
    }

    private func pairs(_ name: String, _ value: JSON) -> [String] {
        switch value {
        case .object(let object): object.flatMap { pairs("\(name)[\(Self.encoded($0.key))]", $0.value) }
        case .array(let values): list(name, values)
        default: ["\(name)=\(Self.encoded(Self.plain(value)))"]
        }
    }

    private func list(_ name: String, _ values: [JSON]) -> [String] {
        switch arrayFormat {
        case .indices: values.enumerated().flatMap { pairs("\(name)[\($0)]", $1) }
        case .brackets: values.flatMap { pairs("\(name)[]", $0) }
        case .repeat: values.flatMap { pairs(name, $0) }
        case .commas: ["\(name)=\(values.map { Self.encoded(Self.plain($0)) }.joined(separator: ","))"]
        }
    }

    static func plain(_ value: JSON) -> String { value.string ?? (value.isNull ? "" : value.text) }

    /// A text with everything but letters, digits and `-_.~` as `%XX`, and a space as `+`, or as `%20` in a URL.
    static func encoded(_ text: String, space: String = "+") -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += space
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
