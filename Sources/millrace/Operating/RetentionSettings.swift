import Pipeline

/// How long what the service keeps is kept; what is in use or needed for a rollback is kept anyhow.
///
/// | Environment | Key in `config.json` | Default |
/// | --- | --- | --- |
/// | `MILLRACE_RETENTION_EXECUTIONS` | `retention.executions` | `90 days` after their end |
/// | `MILLRACE_RETENTION_VERSIONS` | `retention.versions` | the 10 newest of a solution |
/// | `MILLRACE_RETENTION_JOBS` | `retention.jobs` | `90 days` after their end: records of imports and batch jobs |
/// | `MILLRACE_RETENTION_LOGS` | `retention.logs` | `90 days` after their last line: logs of state machines |
/// | `MILLRACE_RETENTION_LOG_BYTES` | `retention.log.bytes` | 67108864, then a log begins anew |
/// | `MILLRACE_RETENTION_INTERVAL` | `retention.interval` | `1 hour` between two looks |
///
/// A length of time may also be `forever`.
struct RetentionSettings: Sendable {
    /// A length of time that may have no end.
    enum Age: Sendable, Equatable {
        case forever
        /// In seconds.
        case limited(Double)

        /// `90 days`, `forever`; `nil` for what is no length of time.
        init?(_ text: String) {
            if text.lowercased() == "forever" {
                self = .forever
            } else if let span = TimeSpan(text) {
                self = .limited(span.seconds)
            } else {
                return nil
            }
        }

        static func days(_ days: Double) -> Age { .limited(days * 86_400) }

        /// In seconds; `nil` when it has no end.
        var seconds: Double? {
            switch self {
            case .forever: nil
            case .limited(let seconds): seconds
            }
        }
    }

    var executions = Age.days(90)
    var versions = 10
    var jobs = Age.days(90)
    var logs = Age.days(90)
    var logBytes = 64 << 20
    var interval = Age.limited(3600)
}
