internal import DurableExecution
internal import JSON

extension OperationTable {
    /// `TestState`.
    mutating func addTestState(_ engine: Engine) {
        self["TestState"] = { input in try await engine.testState(Self.testStateRequest(input)).json }
    }

    private static func testStateRequest(_ input: JSON) throws(WireError) -> TestStateRequest {
        let members = OperationInput(input)
        var request = TestStateRequest(
            definition: try members.string("definition"),
            input: try members.optionalString("input") ?? "{}"
        )
        request.stateName = try members.optionalString("stateName")
        request.roleArn = try members.optionalString("roleArn")
        request.variables = try members.optionalString("variables")
        request.context = try members.optionalString("context")
        let level = try members.optionalString("inspectionLevel").flatMap(TestStateRequest.InspectionLevel.init)
        request.inspectionLevel = level ?? .info
        request.revealsSecrets = try members.optionalBool("revealSecrets") ?? false
        if let mock = members.json("mock") {
            request.mock = TestStateRequest.Mock(
                result: mock["result"]?.string,
                error: mock["errorOutput"]?["error"]?.string,
                cause: mock["errorOutput"]?["cause"]?.string,
                fieldValidationMode: mock["fieldValidationMode"]?.string ?? "STRICT"
            )
        }
        let configuration = members.json("stateConfiguration")
        request.retrierRetryCount = configuration?["retrierRetryCount"]?.int ?? 0
        request.errorCausedByState = configuration?["errorCausedByState"]?.string
        request.mapIterationFailureCount = configuration?["mapIterationFailureCount"]?.int
        request.mapItemReaderData = configuration?["mapItemReaderData"]?.string
        return request
    }
}
