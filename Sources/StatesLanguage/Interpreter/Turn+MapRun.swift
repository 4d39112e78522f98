import FoundationEssentials
import JSON

// Distributed maps: their children are executions of their own, which the Map Run looks after.
extension Turn {
    /// Asks for the Map Run, or goes on with the one that failed when the execution is redriven.
    mutating func run(
        _ map: MapState,
        _ distributed: DistributedMap,
        _ frame: inout Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Step {
        if state.mapRuns[frame.id] == nil {
            try start(map, distributed, &frame, current)
        } else {
            redriveMapRun(&frame)
        }
        frame.phase = .mapRun
        return .wait
    }

    private mutating func start(
        _ map: MapState,
        _ distributed: DistributedMap,
        _ frame: inout Frame,
        _ current: StateDefinition
    ) throws(StatesError) {
        let label = distributed.label ?? state.generator.uuid()
        let request = MapRunRequest(
            id: state.nextTask,
            arn: mapRunARN(label),
            stateName: current.name,
            label: label,
            isExpress: distributed.executionType == .express,
            maxConcurrency: try maxConcurrency(of: map, frame, current),
            toleratedFailureCount: try toleratedCount(distributed, frame, current),
            toleratedFailurePercentage: try toleratedPercentage(distributed, frame, current),
            source: try source(map, distributed, frame, current),
            batch: try batch(distributed.batcher, frame, current),
            writer: try writer(distributed.writer, frame, current),
            scope: try MapRunScope(self, frame, current).json
        )
        state.nextTask += 1
        record(.mapStateStarted, ["length": JSON(length(of: request.source))], of: &frame)
        record(.mapRunStarted, ["mapRunArn": .string(request.arn)], of: &frame)
        state.mapRuns[frame.id] = MapRun(id: request.id, arn: request.arn)
        effects.commands.append(.startMapRun(request))
    }

    private mutating func redriveMapRun(_ frame: inout Frame) {
        state.mapRuns[frame.id]?.redriveCount += 1
        guard let run = state.mapRuns[frame.id] else { return }
        record(
            .mapRunRedriven,
            ["mapRunArn": .string(run.arn), "redriveCount": JSON(run.redriveCount)],
            of: &frame
        )
        effects.commands.append(.redriveMapRun(run.id))
    }

    private mutating func mapRunARN(_ label: String) -> String {
        let parts = state.context.execution.id.split(separator: ":", omittingEmptySubsequences: false)
        let account = parts.count > 4 ? parts[..<5].joined(separator: ":") : "arn:aws:states:us-east-1:123456789012"
        let machine = state.context.stateMachine.name.prefix { $0 != "/" }
        return "\(account):mapRun:\(machine)/\(label):\(state.generator.uuid())"
    }

    /// How many items there are; none as long as nobody has read them.
    private func length(of source: MapRunRequest.Source) -> Int {
        guard case .items(let items) = source else { return 0 }
        return items.array?.count ?? items.object?.count ?? 0
    }

    // MARK: Fields

    private mutating func source(
        _ map: MapState,
        _ distributed: DistributedMap,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> MapRunRequest.Source {
        guard let reader = distributed.reader else {
            let items = try itemSource(of: map, frame, current)
            guard items.array != nil || items.object != nil else { throw notAnArray(items, map, current) }
            return .items(items)
        }
        var config = reader.config
        let maximum = try count(reader.maxItems, field: "MaxItems", in: "ItemReader/ReaderConfig/", frame, current)
        // Zero is no limit.
        if let maximum, maximum > 0 { config["MaxItems"] = JSON(maximum) }
        return .reader(
            resource: reader.resource,
            arguments: try evaluateOnInput(reader.arguments, frame, current) ?? [:],
            config: config
        )
    }

    private mutating func batch(
        _ batcher: DistributedMap.ItemBatcher?,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> MapRunRequest.Batch? {
        guard let batcher else { return nil }
        let (limits, place) = (batcher, "ItemBatcher/")
        let items = try count(limits.maxItemsPerBatch, field: "MaxItemsPerBatch", in: place, frame, current)
        let bytes = try count(limits.maxInputBytesPerBatch, field: "MaxInputBytesPerBatch", in: place, frame, current)
        return MapRunRequest.Batch(
            maxItems: items == 0 ? nil : items,
            maxInputBytes: bytes == 0 ? nil : bytes,
            input: try evaluateOnInput(batcher.batchInput, frame, current)
        )
    }

    private mutating func writer(
        _ writer: DistributedMap.ResultWriter?,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> MapRunRequest.Writer? {
        guard let writer else { return nil }
        return MapRunRequest.Writer(
            resource: writer.resource,
            arguments: try evaluateOnInput(writer.arguments, frame, current) ?? [:],
            config: writer.config
        )
    }

    private mutating func evaluateOnInput(
        _ template: Template?,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> JSON? {
        guard let template else { return nil }
        let value = try evaluate(template, on: effectiveInput(frame, current).value, frame)
        try checkSize(of: Payload(value), from: current.name)
        return value
    }

    private mutating func toleratedCount(
        _ distributed: DistributedMap,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Int? {
        let count = try count(distributed.toleratedFailureCount, field: "ToleratedFailureCount", frame, current)
        if let count { note(.toleratedFailureCount, Payload(JSON(count))) }
        return count
    }

    private mutating func toleratedPercentage(
        _ distributed: DistributedMap,
        _ frame: Frame,
        _ current: StateDefinition
    ) throws(StatesError) -> Double? {
        let field = "ToleratedFailurePercentage"
        let share: Double
        switch distributed.toleratedFailurePercentage {
        case nil: return nil
        case .value(let value): share = value
        case .expression(let expression):
            share = try evaluating(on: frame.input.value, frame) { (evaluator) throws(StatesError) in
                try evaluator.value(of: expression, field: field, expected: "number") { $0.double }
            }
            guard (0...100).contains(share) else { throw .query("\(field) must be between 0 and 100.", at: field) }
        case .path(let path):
            let text = try number(path, field: field, frame, current)
            guard let number = Double(text), number.isFinite else { throw notANumber(text, field, "float", path) }
            guard (0...100).contains(number) else { throw runtime("\(field) must be between 0 and 100.") }
            share = number
        }
        note(.toleratedFailurePercentage, Payload(JSON(share)))
        return share
    }

    // MARK: The end

    mutating func mapRunSucceeded(_ id: Int, result: JSON) {
        guard var frame = frame(ofMapRun: id) else { return }
        record(.mapRunSucceeded, after: frame.lastEvent)
        frame.phase = .finished(Payload(result))
        state.frames[frame.id] = frame
        enqueue(frame.id)
    }

    mutating func mapRunFailed(_ id: Int, error: StatesError) {
        guard var frame = frame(ofMapRun: id) else { return }
        record(.mapRunFailed, error.details, of: &frame)
        frame.phase = .stopped
        state.frames[frame.id] = frame
        failMapState(frame.id, error)
    }

    private func frame(ofMapRun id: Int) -> Frame? {
        guard let frame = state.mapRuns.first(where: { $0.value.id == id })?.key, state.frames[frame]?.phase == .mapRun
        else { return nil }
        return state.frames[frame]
    }
}
