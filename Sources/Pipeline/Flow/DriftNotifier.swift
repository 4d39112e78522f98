internal import FoundationEssentials
internal import JSON
public import Logging
internal import Notifications
public import Personalize
public import ServiceLifecycle

/// Tells the topic of a dataset group that imported data has drifted beyond its bound and, where the policy says so, starts
/// a run that trains anew; at least once, also after a crash, and under one key and one name of the execution, so that
/// nothing is told or trained twice.
public struct DriftNotifier: Service {
    private let personalize: PersonalizeService
    private let notices: Notices
    private let launcher: PipelineLauncher
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// How long a retraining waits for a run of its dataset group that goes on, before it looks again.
    private static let pause = Duration.seconds(10)

    /// A notifier of one service's findings.
    ///
    /// - Parameters:
    ///   - personalize: Whose findings.
    ///   - notices: What tells people.
    ///   - launcher: What starts a retraining.
    ///   - clock: Measures the pauses.
    ///   - logger: Where faults are told.
    public init(
        personalize: PersonalizeService,
        notices: Notices,
        launcher: PipelineLauncher,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.personalize = personalize
        self.notices = notices
        self.launcher = launcher
        self.clock = clock
        self.logger = logger
    }

    /// Tells and trains until the service shuts down.
    public func run() async throws {
        let telling = Telling(what: "drift", clock: clock, logger: logger)
        await telling.run(personalize.driftSignals(), actOnAll)
    }

    func actOnAll() async throws {
        var told: Set<String> = []
        while true {
            let findings = try await personalize.untoldDrift()
            guard !findings.isEmpty else { return }
            var isWaiting = false
            for finding in findings {
                if told.insert(finding.importJobArn).inserted { try await tell(finding) }
                if try await isSettled(finding) {
                    try await personalize.acknowledge(finding)
                } else {
                    isWaiting = true
                }
            }
            if isWaiting { try await clock.sleep(for: Self.pause) }
        }
    }

    private func tell(_ finding: DriftFinding) async throws {
        let notice = DriftNotice(finding)
        do {
            _ = try await notices.publish(notice.message, topic: notices.topic(of: notice.datasetGroup, for: nil))
        } catch let error as NotificationError {
            // One that can never be told must not hold up the others.
            logger.error("drift cannot be told", metadata: ["error": "\(error.message)"])
        }
    }

    /// Does what else is to be done; false while a run of the dataset group is in the way.
    private func isSettled(_ finding: DriftFinding) async throws -> Bool {
        guard finding.policy.action == .retrain, let source = finding.policy.source else { return true }
        // The run that brought the data may train by itself.
        if try await personalize.isTrained(finding.datasetGroupArn, since: finding.date) { return true }
        let launch: PipelineLauncher.Launch
        do {
            launch = try await launcher.retrain(source, because: finding)
        } catch let error where PipelineLauncher.isForGood(error) {
            logger.error(
                "drift cannot be answered by a training",
                metadata: ["bucket.key": "\(source.key)", "error": "\(error)"]
            )
            return true
        }
        switch launch {
        case .started(let arn):
            logger.info("drift is answered by a training", metadata: ["execution.arn": "\(arn)"])
            return true
        case .busy: return false
        }
    }
}

/// What the world hears of drift.
struct DriftNotice {
    private let finding: DriftFinding

    init(_ finding: DriftFinding) { self.finding = finding }

    /// As many columns as a notice names.
    private static let lineLimit = 10

    var datasetGroup: String { Self.name(finding.datasetGroupArn) }

    private static func name(_ arn: String) -> String { arn.split(separator: "/").last.map(String.init) ?? arn }

    private var dataset: String { finding.report["datasetType"]?.string?.capitalized ?? "" }

    /// The report of the version that the data is furthest from.
    private var worst: JSON {
        let reports = finding.report["reports"]?.array ?? []
        return reports.max { $0["score"]?.double ?? 0 < $1["score"]?.double ?? 0 } ?? [:]
    }

    private var remedy: String {
        finding.policy.action == .retrain
            ? "The pipeline trains anew." : "Train anew:    drop the configuration again, or millrace apply FILE"
    }

    var message: Message {
        let subject = "Millrace: data of \"\(datasetGroup)\" has drifted"
        let score = finding.report["score"]?.text ?? ""
        var lines = [
            "The \(dataset) of \"\(datasetGroup)\" differ from what the serving version was trained on: score \(score), "
                + "bound \(finding.policy.threshold).",
            "", "Import:        \(Self.name(finding.importJobArn))",
        ]
        for arn in worst["solutionVersionArns"]?.array?.compactMap(\.string) ?? [] {
            lines.append("Version:       \(arn.split(separator: "/", maxSplits: 1).last ?? "")")
        }
        lines.append("")
        for line in (worst["columns"]?.array ?? []).prefix(Self.lineLimit) {
            lines.append(
                "\(line["score"]?.text ?? "")  \(line["name"]?.string ?? "") (\(line["kind"]?.string ?? "")): "
                    + (line["remark"]?.string ?? "")
            )
        }
        lines += ["", "All:           millrace drift \(datasetGroup)", remedy]
        return Message(
            subject: subject,
            body: lines.joined(separator: "\n") + "\n",
            payload: payload(subject),
            attributes: ["Drift": dataset],
            deduplicationKey: "drift/\(finding.importJobArn)@\(finding.date.timeIntervalSince1970)"
        )
    }

    private func payload(_ subject: String) -> JSON {
        var columns = worst["columns"]?.array ?? []
        columns.removeLast(max(0, columns.count - 100))
        return [
            "type": "data.drifted", "datasetGroup": .string(datasetGroup), "subject": .string(subject),
            "datasetType": finding.report["datasetType"] ?? .null,
            "datasetImportJobArn": .string(finding.importJobArn), "score": finding.report["score"] ?? .null,
            "threshold": .double(finding.policy.threshold), "action": .string(finding.policy.action.rawValue),
            "solutionVersionArns": worst["solutionVersionArns"] ?? [], "columns": .array(columns),
        ]
    }
}
