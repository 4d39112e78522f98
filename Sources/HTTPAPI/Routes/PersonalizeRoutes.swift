public import Personalize

extension OperationTable {
    /// `AmazonPersonalize.…`: every operation of the service's own table.
    public static func personalize(_ service: PersonalizeService) -> OperationTable {
        var table = OperationTable(service: "AmazonPersonalize", protocol: .json11)
        for name in PersonalizeService.operationNames {
            table[name] = { input in try await service.call(name, input) }
        }
        return table
    }
}
