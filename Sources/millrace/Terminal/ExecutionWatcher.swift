import Foundation
import HTTPAPI
import JSON

/// Follows one execution: a line for each state it enters, and a bar for each import or training in progress.
struct ExecutionWatcher {
    private let client: Client
    private let executionARN: String
    private let format: OutputFormat
    private var nextEvent = 1
    private var barCount = 0
    private var start: Double?
    /// The names of the Task states entered, by event, until they are scheduled.
    private var entered: [Int: String] = [:]
    /// What was told of before.
    private var seen: Set<String> = []

    /// How long to rest between two looks.
    private static let interval = Duration.milliseconds(250)

    init(client: Client, executionARN: String, format: OutputFormat) {
        self.client = client
        self.executionARN = executionARN
        self.format = format
    }

    /// Follows the execution to its end.
    ///
    /// - Returns: The status it ended with.
    mutating func watch() async throws -> String {
        if format == .table { Terminal.print(Style.bold(executionARN)) }
        while true {
            let execution = try await client.stepFunctions("DescribeExecution", ["executionArn": .string(executionARN)])
            start = execution["startDate"]?.double
            let events = try await newEvents()
            let status = execution["status"]?.string ?? ""
            let isRunning = status == "RUNNING" || status == "PENDING_REDRIVE"
            let progress = isRunning ? try await currentProgress() : []
            show(events, progress)
            guard isRunning else {
                end(execution, status)
                return status
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private mutating func newEvents() async throws -> [JSON] {
        var events: [JSON] = []
        var input: JSON = ["executionArn": .string(executionARN), "maxResults": 100, "reverseOrder": true]
        repeat {
            let page = try await client.stepFunctions("GetExecutionHistory", input)
            let fresh = (page["events"]?.array ?? []).filter { ($0["id"]?.int ?? 0) >= nextEvent }
            events += fresh
            input["nextToken"] = fresh.isEmpty ? .null : page["nextToken"] ?? .null
        } while input["nextToken"]?.string != nil
        events.reverse()
        if let last = events.last?["id"]?.int { nextEvent = last + 1 }
        return events
    }

    private func currentProgress() async throws -> [JSON] {
        try await client.millrace("ListProgress")["progress"]?.array ?? []
    }

    private mutating func show(_ events: [JSON], _ progress: [JSON]) {
        switch format {
        case .json:
            for event in events { Terminal.print(event.text) }
        case .table:
            eraseBars()
            for event in events { show(event) }
            if Terminal.isInteractive { drawBars(progress) }
        }
    }

    /// Polling enters the same states again and again: only what moves on is news.
    private mutating func show(_ event: JSON) {
        let type = event["type"]?.string ?? ""
        let offset = Moment.seconds(max(0, (event["timestamp"]?.double ?? 0) - (start ?? 0))).padded(to: 10)
        let line: String
        if let state = EventText.enteredState(of: event) {
            if type == "TaskStateEntered" { return entered[event["id"]?.int ?? 0] = state }
            guard !state.hasPrefix("Wait For "), !type.hasPrefix("Choice") else { return }
            line = state
        } else if type == "TaskScheduled" {
            guard let state = entered.removeValue(forKey: event["previousEventId"]?.int ?? 0) else { return }
            let isNews = seen.insert("\(state) \(EventText.subject(of: event))").inserted
            guard isNews else { return }
            line = "\(state.padded(to: 26)) \(Style.dim(EventText.subject(of: event)))"
        } else if type.hasSuffix("Failed") || type.hasSuffix("TimedOut") || type.hasSuffix("Aborted") {
            let text = EventText.text(of: event)
            guard !text.contains("ResourceNotFoundException") else { return }
            line = "\(Style.red(type)) \(text)"
        } else {
            return
        }
        Terminal.print("  \(Style.dim(offset)) \(line)")
    }

    private mutating func drawBars(_ progress: [JSON]) {
        for job in progress {
            let path = job["arn"]?.string?.split(separator: ":").last ?? ""
            let name = path.split(separator: "/").dropFirst().joined(separator: "/")
            let stage = (job["stage"]?.string ?? "").lowercased()
            let epoch = job["epoch"]?.int.map { "\($0)/\(job["epochs"]?.int ?? 0)" } ?? ""
            let what = "\(name.truncated(to: 30).padded(to: 30)) \(stage.padded(to: 10)) \(epoch.padded(to: 6))"
            Terminal.print("    \(what) \(progressBar(job["share"]?.double ?? 0, width: 16))")
        }
        barCount = progress.count
    }

    private mutating func eraseBars() {
        guard barCount > 0 else { return }
        Terminal.write("\u{1B}[\(barCount)A\u{1B}[J")
        barCount = 0
    }

    private func end(_ execution: JSON, _ status: String) {
        guard format == .table else { return Terminal.print(execution.text) }
        let took = Moment.duration(from: execution["startDate"], to: execution["stopDate"])
        Terminal.print("\(Style.status(status)) after \(took)")
        if let error = execution["error"]?.string {
            Terminal.print("\(Style.red(error)): \(execution["cause"]?.string ?? "")")
        }
    }
}
