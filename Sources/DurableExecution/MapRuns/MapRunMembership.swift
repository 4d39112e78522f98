import StatesLanguage

/// What an execution has that is a child of a Map Run.
public struct MapRunMembership: Sendable, Equatable {
    /// The Map Run.
    public var mapRunArn: String
    /// The Map state, whose processor the child runs.
    public var stateName: String
    /// Whether it is an Express execution, which keeps no history.
    public var isExpress: Bool
    /// The child's number in the run, from 0, in the order of the items.
    public var index: Int
    /// How many items are in its input.
    public var itemCount: Int
    /// The run's redrive in which it last ran.
    public var redriveCount: Int

    /// A membership of all its parts.
    public init(
        mapRunArn: String,
        stateName: String,
        isExpress: Bool,
        index: Int,
        itemCount: Int,
        redriveCount: Int = 0
    ) {
        self.mapRunArn = mapRunArn
        self.stateName = stateName
        self.isExpress = isExpress
        self.index = index
        self.itemCount = itemCount
        self.redriveCount = redriveCount
    }

    /// From where to where a child went in one transaction.
    public struct Step: Sendable, Equatable {
        /// Where it stood; `nil` when it has just been started.
        public var from: Execution.Status?
        /// Where it stands.
        public var to: Execution.Status
        /// Whether it was redriven meanwhile.
        public var isRedriven: Bool

        /// A step of all its parts.
        public init(from: Execution.Status?, to: Execution.Status, isRedriven: Bool) {
            self.from = from
            self.to = to
            self.isRedriven = isRedriven
        }
    }
}

extension MapRunMembership {
    /// `MACHINE/LABEL`, the name of the machine that a Map Run's children run.
    static func machineName(ofMapRun arn: String) -> String {
        MapRunNames(arn).machine
    }

    /// The ARN of another kind in the namespace of a Map Run.
    static func arn(_ kind: ResourceNames.Kind, ofMapRun arn: String, name: String?) -> String {
        MapRunNames(arn).arn(of: kind.rawValue, name: name)
    }
}
