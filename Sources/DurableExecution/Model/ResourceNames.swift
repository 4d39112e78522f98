/// Builds and checks the ARNs of one region and account.
public struct ResourceNames: Sendable, Equatable {
    /// The region in every ARN.
    public var region: String
    /// The account in every ARN.
    public var account: String

    /// Names in a region and account.
    public init(region: String = "us-east-1", account: String = "000000000000") {
        self.region = region
        self.account = account
    }

    /// `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`.
    public func stateMachine(_ name: String) -> String {
        "arn:aws:states:\(region):\(account):stateMachine:\(name)"
    }

    /// `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`.
    public func execution(_ name: String, of machine: String) -> String {
        "arn:aws:states:\(region):\(account):execution:\(machine):\(name)"
    }

    /// `arn:aws:states:REGION:ACCOUNT:express:MACHINE:NAME:ID`.
    public func express(_ name: String, of machine: String, id: String) -> String {
        "arn:aws:states:\(region):\(account):express:\(machine):\(name):\(id)"
    }

    /// `arn:aws:states:REGION:ACCOUNT:activity:NAME`.
    public func activity(_ name: String) -> String {
        "arn:aws:states:\(region):\(account):activity:\(name)"
    }
}

extension ResourceNames {
    enum Kind: String { case stateMachine, execution, activity, mapRun }

    /// Refuses what is no ARN of the wanted kind.
    static func check(_ arn: String, is kind: Kind) throws(ExecutionError) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard arn.hasPrefix("arn:") else {
            throw ExecutionError(.invalidArn, "Invalid Arn: 'Invalid ARN prefix: \(arn)'")
        }
        guard parts.count >= 7, parts[2] == "states" else {
            throw ExecutionError(.invalidArn, "Invalid Arn: 'ARN does not have the required number of parts: \(arn)'")
        }
        guard parts[5] == kind.rawValue else {
            throw ExecutionError(.invalidArn, "Invalid Arn: 'Resource type not valid in this context: \(parts[5])'")
        }
        let counts = kind == .execution || kind == .mapRun ? 8...8 : kind == .stateMachine ? 7...8 : 7...7
        guard counts.contains(parts.count), !parts[6].isEmpty else {
            throw ExecutionError(.invalidArn, "Invalid Arn: '\(arn)'")
        }
    }

    /// Refuses what is no ARN of a kind that has tags.
    static func checkIsTaggable(_ arn: String) throws(ExecutionError) {
        do throws(ExecutionError) {
            try check(arn, is: .stateMachine)
        } catch {
            try check(arn, is: .activity)
        }
    }

    /// Refuses what is no ARN of a role.
    static func check(role arn: String) throws(ExecutionError) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "iam", parts[5].hasPrefix("role/") else {
            throw ExecutionError(.invalidArn, "Invalid Role Arn: '\(arn)'")
        }
    }

    /// Refuses names outside the service's rules: 1 to 80 characters, none of them white space, control or special.
    static func check(name: String) throws(ExecutionError) {
        let isValid = (1...80).contains(name.unicodeScalars.count) && !name.unicodeScalars.contains(where: isForbidden)
        guard isValid else { throw ExecutionError(.invalidName, "Invalid Name: '\(name)'") }
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isWhitespace { return true }
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F: return true
        default: return "<>{}[]?*\"#%\\^|~`$&,;:/".unicodeScalars.contains(scalar)
        }
    }
}
