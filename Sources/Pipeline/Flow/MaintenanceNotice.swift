internal import JSON

/// How AWS's own successor of the sample tells the end of a run.
///
/// The texts and the object for programs are the same, so that whoever reads them goes on reading; where they name a page
/// of a console, ours name a command.
struct MaintenanceNotice: Sendable {
    let datasetGroup: String
    let execution: String
    /// What failed; `nil` for a success.
    let failure: String?

    /// One sentence.
    var summary: String {
        let outcome = failure == nil ? "successfully" : "with errors"
        return "The personalization workflow for \(datasetGroup) completed \(outcome)"
    }

    /// The text of a mail.
    var description: String {
        guard let failure else {
            return """
                The Personalization job for dataset group \(datasetGroup) is complete

                Link: millrace executions show \(execution)
                """
        }
        return """
            There was an error running the personalization job for dataset group \(datasetGroup)

            Message: \(failure)

            Traces: millrace executions history \(execution)
            """
    }

    /// The object for programs.
    var json: JSON {
        [
            "datasetGroup": .string(datasetGroup),
            "status": .string(failure == nil ? "UPDATE COMPLETE" : "UPDATE FAILED"), "summary": .string(summary),
            "description": .string(description),
        ]
    }
}
