internal import JSON

/// What is wrong with a `function.json`: every fault.
struct FunctionFileError: Error, Equatable, CustomStringConvertible {
    let faults: [String]

    var description: String { faults.joined(separator: "; ") }
}

/// A `function.json`.
///
/// | Key | Value | Default |
/// | --- | --- | --- |
/// | `handler` | `MODULE.FUNCTION` of Python | |
/// | `command` | a program and its arguments, instead of a handler | |
/// | `runtime` | `python3.x`, or `provided` for the program `bootstrap` | `python3` with a handler |
/// | `mode` | `runtime`: it speaks the Lambda Runtime API; `plain`: JSON in, JSON out | `runtime` |
/// | `environment` | an object of texts | none |
/// | `timeout` | 1 … 900 seconds | 3 |
/// | `memory` | 128 … 10240 MiB | 128 |
/// | `storage` | 512 … 10240 MiB | 512 |
/// | `concurrency` | 1 … 1000 | 4 |
/// | `layers` | a list of ARNs of layer versions | none |
/// | `description` | a text | none |
/// | `events` | a list of `{"bucket", "prefix", "suffix"}` | none |
struct FunctionFile {
    private(set) var configuration: FunctionConfiguration
    private(set) var events: [ObjectFilter] = []
    private var faults: [String] = []

    private static let keys: Set<String> = [
        "handler", "command", "runtime", "mode", "environment", "timeout", "memory", "storage", "concurrency",
        "layers", "description", "events",
    ]

    init(name: String, _ bytes: [UInt8]) throws(FunctionFileError) {
        configuration = FunctionConfiguration(name: name)
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw FunctionFileError(faults: ["it is not JSON: \(error)"])
        }
        guard let object = json.object else { throw FunctionFileError(faults: ["it must hold an object"]) }
        if !FunctionName.isValid(name) {
            faults.append("the folder \"\(name)\" must have a name of 1 to 64 letters, digits, \"-\" and \"_\"")
        }
        for key in object.keys where !Self.keys.contains(key) {
            let suggestion = NearestName.find(key, among: Self.keys).map { ", did you mean \"\($0)\"?" } ?? ""
            faults.append("\"\(key)\" is not a known key\(suggestion)")
        }
        read(json)
        guard faults.isEmpty else { throw FunctionFileError(faults: faults) }
    }

    private mutating func read(_ json: JSON) {
        configuration.handler = text(json, "handler")
        configuration.command = texts(json, "command")
        configuration.runtime = text(json, "runtime")
        configuration.description = text(json, "description") ?? ""
        configuration.layers = texts(json, "layers") ?? []
        configuration.timeoutSeconds = number(json, "timeout", in: 1...900) ?? configuration.timeoutSeconds
        configuration.memoryMegabytes = number(json, "memory", in: 128...10_240) ?? configuration.memoryMegabytes
        configuration.storageMegabytes = number(json, "storage", in: 512...10_240) ?? configuration.storageMegabytes
        configuration.concurrency = number(json, "concurrency", in: 1...1_000) ?? configuration.concurrency
        if let word = text(json, "mode") {
            if let mode = FunctionConfiguration.Mode(rawValue: word) {
                configuration.mode = mode
            } else {
                faults.append("mode \"\(word)\" must be \"runtime\" or \"plain\"")
            }
        }
        for (key, value) in json["environment"]?.object ?? [:] {
            if let text = value.string {
                configuration.environment[key] = text
            } else {
                faults.append("environment.\(key) must be a text")
            }
        }
        for (index, value) in (json["events"]?.array ?? []).enumerated() { readEvent(value, index) }
        if configuration.command == nil, configuration.runtime == nil { configuration.runtime = "python3" }
        faults += configuration.faults
    }

    private mutating func readEvent(_ value: JSON, _ index: Int) {
        guard let bucket = value["bucket"]?.string, !bucket.isEmpty else {
            return faults.append("events[\(index)].bucket is missing; it names the bucket that is watched")
        }
        let filter = ObjectFilter(
            bucket: bucket,
            prefix: value["prefix"]?.string ?? "",
            suffix: value["suffix"]?.string ?? ""
        )
        events.append(filter)
    }

    private mutating func text(_ json: JSON, _ key: String) -> String? {
        guard let value = json[key], !value.isNull else { return nil }
        if value.string == nil { faults.append("\(key) must be a text, it is \(value.typeName)") }
        return value.string
    }

    private mutating func texts(_ json: JSON, _ key: String) -> [String]? {
        guard let value = json[key], !value.isNull else { return nil }
        let texts = value.array?.compactMap(\.string)
        if texts == nil || texts?.count != value.array?.count { faults.append("\(key) must be a list of texts") }
        return texts
    }

    private mutating func number(_ json: JSON, _ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let number = value.int, range.contains(number) else {
            faults.append("\(key) \(value.text) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }
}

extension FunctionConfiguration {
    /// What does not fit together.
    var faults: [String] {
        if let command {
            return command.first?.isEmpty == false ? [] : ["command must begin with a program"]
        }
        guard let runtime else {
            return ["runtime is missing; it is python3.x, or provided with a program \"bootstrap\""]
        }
        if runtime.hasPrefix("provided") { return [] }
        guard runtime.hasPrefix("python") else {
            return [
                "runtime \"\(runtime)\" is not available here; use python3.x, or provided with a program \"bootstrap\" "
                    + "that speaks the Lambda Runtime API"
            ]
        }
        guard let handler, handler.contains("."), !handler.hasPrefix("."), !handler.hasSuffix(".") else {
            return ["handler \"\(handler ?? "")\" must be MODULE.FUNCTION"]
        }
        return []
    }
}
