import FoundationEssentials
public import JSON

/// The form in which an execution's state is saved: short keys, and each big value once.
extension ExecutionState {
    /// Why a saved state cannot be read.
    public struct DecodingFailure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The part that is missing or of a wrong type.
        public let part: String

        /// The fault as a clause, such as `the saved execution state has no valid "frames"`.
        public var description: String { "the saved execution state has no valid \"\(part)\"" }
    }

    /// The state as JSON, for saving; `init(json:)` reads it back.
    public var json: JSON {
        var payloads = PayloadTable(first: context.execution.input)
        let frames = frames.values.sorted { $0.id < $1.id }.map { $0.json(&payloads) }
        var json: JSONObject = [
            "v": 1,
            "status": .string(status.rawValue),
            "context": context.json,
            "next": [JSON(nextEventID), JSON(nextFrame), JSON(nextTask), JSON(nextTimer)],
            "seed": .integer(Int64(bitPattern: generator.state)),
            "frames": .array(frames),
            "inputs": .array(payloads.values),
            "tasks": .array(tasks.sorted { $0.key < $1.key }.map { $0.value.json(id: $0.key) }),
            "timers": .array(timers.sorted { $0.key < $1.key }.map { $0.value.json(id: $0.key) }),
        ]
        if transitions > 0 { json["transitions"] = JSON(transitions) }
        if pace.count > 0 { json["pace"] = [JSON(pace.second), JSON(pace.count)] }
        if !payloads.texts.isEmpty { json["texts"] = .array(payloads.texts) }
        if !variables.isEmpty {
            json["variables"] = .array(
                variables.sorted { $0.key < $1.key }.map { [JSON($0.key), .object($0.value)] }
            )
        }
        if !mapRuns.isEmpty {
            json["mapRuns"] = .array(mapRuns.sorted { $0.key < $1.key }.map { $0.value.json(frame: $0.key) })
        }
        return .object(json)
    }

    /// Reads a saved state.
    ///
    /// - Parameter json: What `json` gave.
    /// - Throws: `DecodingFailure` naming the part that cannot be read.
    public init(json: JSON) throws(DecodingFailure) {
        guard let next = json["next"]?.array?.compactMap(\.int), next.count == 4 else {
            throw DecodingFailure(part: "next")
        }
        guard let seed = json["seed"], case .integer(let bits) = seed else { throw DecodingFailure(part: "seed") }
        self.init(context: try ExecutionContext(saved: json["context"]), seed: UInt64(bitPattern: bits))
        guard let status = json["status"]?.string.flatMap(Status.init) else { throw DecodingFailure(part: "status") }
        self.status = status
        (nextEventID, nextFrame, nextTask, nextTimer) = (next[0], next[1], next[2], next[3])
        transitions = json["transitions"]?.int ?? 0
        if let counts = json["pace"]?.array?.compactMap(\.int), counts.count == 2 {
            pace = Pace(second: counts[0], count: counts[1])
        }
        var payloads = (json["inputs"]?.array ?? []).map { Payload($0) }
        for saved in json["texts"]?.array ?? [] {
            guard let place = saved[0]?.int, payloads.indices.contains(place - 1), let text = saved[1]?.string,
                let payload = try? Payload(parsing: text)
            else { throw DecodingFailure(part: "texts") }
            payloads[place - 1] = payload
        }
        payloads.insert(context.execution.input, at: 0)
        for saved in json["frames"]?.array ?? [] {
            guard let frame = Frame(saved: saved, payloads: payloads) else { throw DecodingFailure(part: "frames") }
            frames[frame.id] = frame
        }
        for saved in json["variables"]?.array ?? [] {
            guard let frame = saved[0]?.int, let object = saved[1]?.object else {
                throw DecodingFailure(part: "variables")
            }
            variables[frame] = object
            variableBytes += object.variableBytes
        }
        for saved in json["mapRuns"]?.array ?? [] {
            guard let (frame, run) = MapRun.read(saved) else { throw DecodingFailure(part: "mapRuns") }
            mapRuns[frame] = run
        }
        for saved in json["tasks"]?.array ?? [] {
            guard let (id, task) = OpenTask.read(saved) else { throw DecodingFailure(part: "tasks") }
            tasks[id] = task
        }
        for saved in json["timers"]?.array ?? [] {
            guard let (id, purpose) = TimerPurpose.read(saved) else { throw DecodingFailure(part: "timers") }
            timers[id] = purpose
        }
    }
}

extension ExecutionState: Codable {
    /// Reads the state from the JSON text that `encode(to:)` wrote.
    public init(from decoder: any Decoder) throws {
        try self.init(json: JSON(parsing: decoder.singleValueContainer().decode(String.self)))
    }

    /// Writes the state as one string, its JSON text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(json.text)
    }
}

/// The payloads of the frames; one that several have is written once.
private struct PayloadTable {
    /// Those that are not the execution's own input; `null` for one that is written as text.
    private(set) var values: [JSON] = []
    /// The texts that payloads came as, with their places.
    private(set) var texts: [JSON] = []
    private var last: Payload?
    private let first: Payload

    init(first: Payload) {
        self.first = first
    }

    /// The place of a payload: 0 is the execution's input, the others count from 1.
    ///
    /// Branches share their input with the frame before them, so that is where a double is looked for.
    mutating func place(of payload: Payload) -> JSON {
        if let last, last.isSame(as: payload) { return JSON(values.count) }
        if payload.isSame(as: first) { return 0 }
        last = payload
        values.append(payload.source == nil ? payload.value : .null)
        if let source = payload.source { texts.append([JSON(values.count), .string(source)]) }
        return JSON(values.count)
    }
}

extension Payload {
    fileprivate func isSame(as other: Payload) -> Bool {
        if source != nil || other.source != nil { return source == other.source }
        return value.hasText(of: other.value)
    }
}

// MARK: - Parts

extension ExecutionContext {
    var json: JSON {
        let input = execution.input
        var object: JSONObject = [
            "id": .string(execution.id), "name": .string(execution.name), "role": .string(execution.roleArn),
            "start": execution.startTime.json, "input": input.source == nil ? input.value : .null,
            "machine": [.string(stateMachine.id), .string(stateMachine.name)],
        ]
        if let source = input.source { object["text"] = .string(source) }
        if execution.redriveCount > 0 { object["redrives"] = JSON(execution.redriveCount) }
        if let time = execution.redriveTime { object["redriven"] = time.json }
        return .object(object)
    }

    init(saved: JSON?) throws(ExecutionState.DecodingFailure) {
        guard let saved, let id = saved["id"]?.string, let name = saved["name"]?.string,
            let role = saved["role"]?.string, let start = Date(saved: saved["start"]),
            let input = Payload(saved: saved["input"], saved["text"]),
            let machine = saved["machine"]?.array?.compactMap(\.string), machine.count == 2
        else { throw ExecutionState.DecodingFailure(part: "context") }
        self.init(
            execution: Execution(
                id: id,
                name: name,
                roleArn: role,
                startTime: start,
                input: input,
                redriveCount: saved["redrives"]?.int ?? 0,
                redriveTime: Date(saved: saved["redriven"])
            ),
            stateMachine: StateMachine(id: machine[0], name: machine[1])
        )
    }
}

extension Payload {
    /// A payload by its text if that is there, by its value otherwise.
    fileprivate init?(saved value: JSON?, _ text: JSON?) {
        if let text = text?.string {
            guard let payload = try? Payload(parsing: text) else { return nil }
            self = payload
        } else {
            guard let value else { return nil }
            self.init(value)
        }
    }
}

extension Date {
    /// Exact, unlike seconds since 1970.
    var json: JSON { .double(timeIntervalSinceReferenceDate) }

    init?(saved: JSON?) {
        guard let seconds = saved?.double else { return nil }
        self.init(timeIntervalSinceReferenceDate: seconds)
    }
}

extension Frame {
    fileprivate func json(_ payloads: inout PayloadTable) -> JSON {
        [
            JSON(id), parent.map { JSON($0) } ?? .null, JSON(index), .string(stateName), payloads.place(of: input),
            enteredTime.json, JSON(enteredEvent), JSON(lastEvent), .array(retries.map { JSON($0) }),
            phase.json(&payloads), JSON(enteredAfter),
        ]
    }

    fileprivate init?(saved: JSON, payloads: [Payload]) {
        guard let fields = saved.array, fields.count >= 10, let id = fields[0].int, let index = fields[2].int,
            let stateName = fields[3].string, let place = fields[4].int, payloads.indices.contains(place),
            let enteredTime = Date(saved: fields[5]), let enteredEvent = fields[6].int,
            let lastEvent = fields[7].int, let retries = fields[8].array?.compactMap(\.int),
            let phase = Phase(saved: fields[9], payloads: payloads)
        else { return nil }
        self.init(
            id: id,
            parent: fields[1].int,
            index: index,
            stateName: stateName,
            input: payloads[place],
            enteredTime: enteredTime,
            enteredEvent: enteredEvent,
            enteredAfter: saved[10]?.int ?? 0,
            lastEvent: lastEvent,
            retries: retries,
            phase: phase
        )
    }
}

extension MapRun {
    fileprivate func json(frame: Int) -> JSON { [JSON(frame), JSON(id), .string(arn), JSON(redriveCount)] }

    fileprivate static func read(_ saved: JSON) -> (frame: Int, MapRun)? {
        guard let frame = saved[0]?.int, let id = saved[1]?.int, let arn = saved[2]?.string,
            let redrives = saved[3]?.int
        else { return nil }
        return (frame, MapRun(id: id, arn: arn, redriveCount: redrives))
    }
}

extension Frame.Phase {
    fileprivate func json(_ payloads: inout PayloadTable) -> JSON {
        switch self {
        case .ready: ["ready"]
        case .rerun: ["rerun"]
        case .task(let id): ["task", JSON(id)]
        case .finished(let result): ["result", payloads.place(of: result)]
        case .mapRun: ["mapRun"]
        case .wait(let timer): ["wait", JSON(timer)]
        case .waited: ["waited"]
        case .retry(let timer): ["retry", JSON(timer)]
        case .children(let children): ["children", children.json(&payloads)]
        case .stopped: ["stopped"]
        }
    }

    fileprivate init?(saved: JSON, payloads: [Payload]) {
        switch (saved[0]?.string, saved[1], saved[1]?.int) {
        case ("ready", _, _): self = .ready
        case ("rerun", _, _): self = .rerun
        case ("task", _, let id?): self = .task(id)
        // What earlier versions wrote.
        case ("finished", let result?, _): self = .finished(Payload(result))
        case ("result", _, let place?) where payloads.indices.contains(place): self = .finished(payloads[place])
        case ("mapRun", _, _): self = .mapRun
        case ("wait", _, let timer?): self = .wait(timer: timer)
        case ("waited", _, _): self = .waited
        case ("retry", _, let timer?): self = .retry(timer: timer)
        case ("stopped", _, _): self = .stopped
        case ("children", let saved?, _):
            guard let children = Frame.Children(saved: saved, payloads: payloads) else { return nil }
            self = .children(children)
        default: return nil
        }
    }
}

extension Frame.Children {
    /// The outputs are written as pairs of index and value, so that those still missing cost nothing.
    fileprivate func json(_ payloads: inout PayloadTable) -> JSON {
        let done = outputs.enumerated().compactMap { index, output in output.map { JSON.array([JSON(index), $0]) } }
        let fields: [JSON] = [
            JSON(outputs.count), .array(done), JSON(next), .array(frames.map { JSON($0) }), JSON(limit),
        ]
        return .array(items.isEmpty ? fields : fields + [payloads.place(of: Payload(.array(items)))])
    }

    fileprivate init?(saved: JSON, payloads: [Payload]) {
        guard let fields = saved.array, fields.count >= 5, let count = fields[0].int, let done = fields[1].array,
            let next = fields[2].int, let frames = fields[3].array?.compactMap(\.int), let limit = fields[4].int
        else { return nil }
        var items: [JSON] = []
        if fields.count > 5 {
            guard let place = fields[5].int, payloads.indices.contains(place),
                let saved = payloads[place].value.array
            else { return nil }
            items = saved
        }
        self.init(
            outputs: Array(repeating: nil, count: count),
            next: next,
            frames: frames,
            limit: limit,
            items: items
        )
        for pair in done {
            guard let index = pair[0]?.int, outputs.indices.contains(index), let output = pair[1] else { return nil }
            outputs[index] = output
        }
    }
}

extension OpenTask {
    fileprivate func json(id: Int) -> JSON {
        [
            JSON(id), JSON(frame), .bool(isStarted), heartbeatSeconds.map { JSON($0) } ?? .null,
            timeoutTimer.map { JSON($0) } ?? .null, heartbeatTimer.map { JSON($0) } ?? .null,
        ]
    }

    fileprivate static func read(_ saved: JSON) -> (Int, OpenTask)? {
        guard let id = saved[0]?.int, let frame = saved[1]?.int, let isStarted = saved[2]?.bool else { return nil }
        return (
            id,
            OpenTask(
                frame: frame,
                isStarted: isStarted,
                heartbeatSeconds: saved[3]?.int,
                timeoutTimer: saved[4]?.int,
                heartbeatTimer: saved[5]?.int
            )
        )
    }
}

extension TimerPurpose {
    fileprivate func json(id: Int) -> JSON {
        switch self {
        case .execution: [JSON(id), "execution"]
        case .frame(let frame): [JSON(id), "frame", JSON(frame)]
        case .taskTimeout(let task): [JSON(id), "timeout", JSON(task)]
        case .heartbeat(let task): [JSON(id), "heartbeat", JSON(task)]
        case .continuation: [JSON(id), "continuation"]
        }
    }

    fileprivate static func read(_ saved: JSON) -> (Int, TimerPurpose)? {
        guard let id = saved[0]?.int else { return nil }
        switch (saved[1]?.string, saved[2]?.int) {
        case ("execution", _): return (id, .execution)
        case ("frame", let frame?): return (id, .frame(frame))
        case ("timeout", let task?): return (id, .taskTimeout(task))
        case ("heartbeat", let task?): return (id, .heartbeat(task))
        case ("continuation", _): return (id, .continuation)
        default: return nil
        }
    }
}
