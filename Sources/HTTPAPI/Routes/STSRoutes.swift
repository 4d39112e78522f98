internal import JSON

extension OperationTable {
    /// `GetCallerIdentity` of STS: whoever has a key is the account itself.
    ///
    /// - Parameter account: The account.
    /// - Returns: The operation.
    public static func sts(account: String) -> OperationTable {
        var table = OperationTable(service: "sts", protocol: .query)
        table["GetCallerIdentity"] = { _ in
            [
                "Arn": .string("arn:aws:iam::\(account):root"), "UserId": .string(account),
                "Account": .string(account),
            ]
        }
        return table
    }
}
