/// Where a resource is in its life.
///
/// ```
/// CREATE PENDING ─► CREATE IN_PROGRESS ─┬─► ACTIVE ─► DELETE PENDING ─► (gone)
///       │                    │          └─► CREATE FAILED ──┘
///       └► CREATE STOPPED ◄─ CREATE STOPPING       (solution versions only)
///
/// ACTIVE ─► STOP PENDING ─► STOP IN_PROGRESS ─► INACTIVE ─► START PENDING ─► START IN_PROGRESS ─► ACTIVE
///                                               (recommenders only)
/// ```
public enum ResourceStatus: String, Sendable, CaseIterable {
    case createPending = "CREATE PENDING"
    case createInProgress = "CREATE IN_PROGRESS"
    case active = "ACTIVE"
    case createFailed = "CREATE FAILED"
    case createStopping = "CREATE STOPPING"
    case createStopped = "CREATE STOPPED"
    case stopPending = "STOP PENDING"
    case stopInProgress = "STOP IN_PROGRESS"
    case inactive = "INACTIVE"
    case startPending = "START PENDING"
    case startInProgress = "START IN_PROGRESS"
    case deletePending = "DELETE PENDING"
    case deleteInProgress = "DELETE IN_PROGRESS"

    /// Whether nothing more happens to the resource until somebody asks for it.
    public var isSettled: Bool {
        switch self {
        case .active, .createFailed, .createStopped, .inactive: true
        default: false
        }
    }

    /// Whether the resource is still being made.
    var isBeingCreated: Bool {
        switch self {
        case .createPending, .createInProgress, .createStopping: true
        default: false
        }
    }
}
