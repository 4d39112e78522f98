extension Resource {
    /// The status in the words that the API has for the kind.
    var statusText: String {
        guard kind == .dataDeletionJob else { return status.rawValue }
        return switch status {
        case .createPending: "PENDING"
        case .createInProgress: "IN_PROGRESS"
        case .active: "COMPLETED"
        case .createFailed: "FAILED"
        default: status.rawValue
        }
    }
}
