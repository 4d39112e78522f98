public import FoundationEssentials
public import JSON

/// A Map Run of a rehearsal and what became of its children.
public struct RehearsedMapRun: Sendable, Equatable {
    /// Its ARN.
    public let arn: String
    /// The Map state.
    public let stateName: String
    /// The ARN of the execution whose Map state it is: the rehearsed one, or a child.
    public let executionARN: String
    /// The number of the child whose Map state it is, among the children of its run; `nil` for a run of the execution
    /// itself.
    public let parentChild: Int?
    /// Where it stands; it never times out by itself.
    public let status: ExecutionState.Status
    /// Why it failed.
    public let error: StatesError?
    /// How many items there are; `nil` where they could not be read.
    public let itemCount: Int?
    /// The children that were started, in the order of their items.
    public let children: [Child]
    /// Where the results would be, though a rehearsal writes nothing; `nil` where the state has no `ResultWriter`.
    public let destination: ResultDestination?
    /// When it was started, on the rehearsal's clock.
    public let startDate: Date
    /// When it ended.
    public let stopDate: Date?

    /// A child and how it ended.
    public struct Child: Sendable, Equatable {
        /// Its number in the run, from 0.
        public let index: Int
        /// How many items are in its input.
        public let itemCount: Int
        /// Its name, input, output, error and dates.
        public let record: MapRunChild
        /// All its events.
        public let history: [HistoryEvent]
    }

    init(_ run: RehearsedRun, executionARN: String, parent: RehearsedExecution.Child?, children: [Child]) {
        arn = run.request.arn
        stateName = run.request.stateName
        self.executionARN = executionARN
        parentChild = parent?.index
        status = run.status
        error = run.error
        itemCount = run.standing.itemTotal
        self.children = children
        destination = run.request.writer.flatMap { writer in
            guard writer.resource != nil else { return nil }
            return try? ResultDestination(writer, ofMapRun: run.request.arn)
        }
        startDate = run.startDate
        stopDate = run.stopDate
    }
}

extension RehearsedMapRun {
    /// How many children stand so.
    ///
    /// - Parameter status: How they stand.
    /// - Returns: Their number.
    public func count(_ status: ExecutionState.Status) -> Int {
        children.count { $0.record.status == status }
    }

    /// How many children ended in an error or at a time limit; those that were stopped are none of them.
    public var failedCount: Int { count(.failed) + count(.timedOut) }

    /// The child that failed first, by the clock and then by its number.
    public var firstFailure: Child? {
        children.filter { $0.record.status == .failed || $0.record.status == .timedOut }
            .min { ($0.record.stopDate ?? .distantFuture) < ($1.record.stopDate ?? .distantFuture) }
    }

    /// The run with all its children, for scripts.
    public var json: JSON {
        var object: JSONObject = [
            "state": .string(stateName), "mapRunArn": .string(arn), "executionArn": .string(executionARN),
            "status": .string(status.rawValue),
        ]
        if let error { object["error"] = .string(error.name) }
        if let cause = error?.cause { object["cause"] = .string(cause) }
        if let stopDate { object["virtualSeconds"] = .double(stopDate.timeIntervalSince(startDate)) }
        if let itemCount { object["itemCount"] = JSON(itemCount) }
        object["childCount"] = JSON(children.count)
        for (name, status) in Self.counted { object[name] = JSON(count(status)) }
        if let destination {
            object["resultWriter"] = [
                "bucket": .string(destination.bucket), "key": .string(destination.manifestKey), "isWritten": false,
            ]
        }
        object["children"] = .array(children.map(\.json))
        return .object(object)
    }

    private static let counted: [(String, ExecutionState.Status)] = [
        ("running", .running), ("succeeded", .succeeded), ("failed", .failed), ("timedOut", .timedOut),
        ("aborted", .aborted),
    ]
}

extension RehearsedMapRun.Child {
    /// The states it entered, in order.
    public var path: [String] {
        history.compactMap { event in
            event.type.rawValue.hasSuffix("StateEntered") ? event.details["name"]?.string : nil
        }
    }

    /// The child with its input and its end, for scripts.
    public var json: JSON {
        var object: JSONObject = [
            "index": JSON(index), "name": .string(record.name), "status": .string(record.status.rawValue),
            "itemCount": JSON(itemCount), "path": .array(path.map { .string($0) }),
            "input": value(record.input),
        ]
        if let output = record.output { object["output"] = value(output) }
        if let error = record.error { object["error"] = .string(error) }
        if let cause = record.cause { object["cause"] = .string(cause) }
        if let stopDate = record.stopDate {
            object["virtualSeconds"] = .double(stopDate.timeIntervalSince(record.startDate))
        }
        return .object(object)
    }

    private func value(_ text: String) -> JSON { (try? JSON(parsing: text)) ?? .string(text) }

    init(_ execution: RehearsedExecution) {
        index = execution.child?.index ?? 0
        itemCount = execution.child?.itemCount ?? 1
        record = execution.mapRunChild
        history = execution.history
    }
}
