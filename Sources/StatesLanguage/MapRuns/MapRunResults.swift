public import JSON

/// What `WriterConfig` makes of the children's ends.
public struct ResultForm: Sendable {
    /// What becomes of an output.
    public enum Transformation: String, Sendable {
        case none = "NONE"
        case compact = "COMPACT"
        case flatten = "FLATTEN"
    }

    /// What becomes of an output.
    public let transformation: Transformation
    /// Whether the values stand in lines of their own, not in an array.
    public let isLines: Bool

    /// The form that a writer asks for, or another unless it asks.
    public init(_ writer: MapRunRequest.Writer?, default fallback: Transformation) {
        let name = writer?.config["Transformation"]?.string
        transformation = name.flatMap(Transformation.init) ?? fallback
        isLines = writer?.config["OutputType"]?.string == "JSONL"
    }

    /// The values, as JSON text, that a child contributes; a child without output shows what became of it.
    ///
    /// - Parameter child: The child.
    /// - Returns: The texts, in order.
    /// - Throws: `JSONError` where the child's output is no JSON.
    public func texts(of child: MapRunChild) throws(JSONError) -> [String] {
        guard transformation != .none, let output = child.output, child.status == .succeeded else {
            return [child.json.text]
        }
        guard transformation == .flatten, output.utf8.first(where: { !$0.isSpace }) == UInt8(ascii: "[") else {
            return [isLines ? try JSON(parsing: output).text : output]
        }
        return try JSON(parsing: output).array?.map(\.text) ?? [output]
    }

    /// What stands before the first value, between values and after the last.
    public var punctuation: (start: String, separator: String, end: String) {
        isLines ? ("", "\n", "\n") : ("[", ",", "]")
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}

/// The result of a distributed Map without a `ResultWriter`: what its children contribute, in the order of the items.
public struct CollectedResults: Sendable {
    private let form: ResultForm
    private let stateName: String
    private var text: String
    private var isFirst = true

    /// No results.
    ///
    /// - Parameters:
    ///   - writer: What the state says of the results' form.
    ///   - stateName: The Map state.
    public init(_ writer: MapRunRequest.Writer?, stateName: String) {
        form = ResultForm(writer, default: .compact)
        self.stateName = stateName
        text = form.punctuation.start
    }

    /// Takes in the next child.
    ///
    /// - Parameter child: The child, which has ended.
    /// - Throws: `States.DataLimitExceeded` where the result becomes too large; `JSONError` where the child's output is
    ///   no JSON.
    public mutating func add(_ child: MapRunChild) throws {
        for value in try form.texts(of: child) {
            if !isFirst { text += form.punctuation.separator }
            isFirst = false
            text += value
        }
        guard text.utf8.count <= MapRunRequest.dataLimit else {
            throw StatesError(
                name: StatesError.dataLimitExceeded,
                cause: "The state/task '\(stateName)' returned a result with a size exceeding the maximum number of "
                    + "bytes service limit."
            )
        }
    }

    /// The state's result: an array, or for JSON lines a text.
    ///
    /// - Returns: The result.
    /// - Throws: `JSONError` where a child's output is no JSON.
    public func value() throws(JSONError) -> JSON {
        form.isLines ? .string(text) : try JSON(parsing: text + form.punctuation.end)
    }
}

/// Where a `ResultWriter` puts the results of a run.
public struct ResultDestination: Sendable, Equatable {
    /// The bucket.
    public let bucket: String
    /// The folder of the run's files, with a slash at its end.
    public let folder: String
    private let mapRunArn: String

    /// Where a run's results go.
    ///
    /// - Parameters:
    ///   - writer: What the state says of it.
    ///   - arn: The run's ARN.
    /// - Throws: `States.ResultWriterFailed` where the bucket is no string.
    public init(_ writer: MapRunRequest.Writer, ofMapRun arn: String) throws(StatesError) {
        guard let bucket = writer.arguments["Bucket"]?.string else {
            throw StatesError(
                name: StatesError.resultWriterFailed,
                cause: "The Bucket of the ResultWriter must be a string."
            )
        }
        let prefix = writer.arguments["Prefix"]?.string ?? ""
        let parent = prefix.isEmpty || prefix.hasSuffix("/") ? prefix : "\(prefix)/"
        self.bucket = bucket
        folder = "\(parent)\(MapRunNames(arn).uniqueID)/"
        mapRunArn = arn
    }

    /// The key of the file that lists the others.
    public var manifestKey: String { "\(folder)manifest.json" }

    /// The state's result.
    public var result: JSON {
        [
            "MapRunArn": .string(mapRunArn),
            "ResultWriterDetails": ["Bucket": .string(bucket), "Key": .string(manifestKey)],
        ]
    }
}
