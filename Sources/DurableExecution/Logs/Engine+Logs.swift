import Logging
import StatesLanguage

extension Engine {
    /// Logs events of an execution as its state machine wants it; what cannot be written holds nobody up.
    func log(_ events: [HistoryEvent], of execution: Execution, _ machine: Machine) {
        guard let logSink, let logging = machine.logging else { return }
        let lines = logging.lines(for: events, of: execution)
        guard !lines.isEmpty else { return }
        do {
            try logSink.append(lines, to: logging.group)
        } catch {
            logger.error(
                "the log of an execution cannot be written",
                metadata: ["execution.arn": "\(execution.arn)", "log.group": "\(logging.group)", "error": "\(error)"]
            )
        }
    }
}
