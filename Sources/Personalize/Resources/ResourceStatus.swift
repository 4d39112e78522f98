/// Where a resource is in its life.
///
/// ```
/// CREATE PENDING ─► CREATE IN_PROGRESS ─┬─► ACTIVE ─► DELETE PENDING ─► (gone)
///       │                    │          └─► CREATE FAILED ──┘
///       └► CREATE STOPPED ◄─ CREATE STOPPING       (solution versions only)
/// ```
public enum ResourceStatus: String, Sendable, CaseIterable {
    case createPending = "CREATE PENDING"
    case createInProgress = "CREATE IN_PROGRESS"
    case active = "ACTIVE"
    case createFailed = "CREATE FAILED"
    case createStopping = "CREATE STOPPING"
    case createStopped = "CREATE STOPPED"
    case deletePending = "DELETE PENDING"
    case deleteInProgress = "DELETE IN_PROGRESS"

    /// Whether nothing more happens to the resource until somebody asks for it.
    public var isSettled: Bool {
        switch self {
        case .active, .createFailed, .createStopped: true
        case .createPending, .createInProgress, .createStopping, .deletePending, .deleteInProgress: false
        }
    }

    /// Whether the resource is still being made.
    var isBeingCreated: Bool {
        switch self {
        case .createPending, .createInProgress, .createStopping: true
        case .active, .createFailed, .createStopped, .deletePending, .deleteInProgress: false
        }
    }
}
