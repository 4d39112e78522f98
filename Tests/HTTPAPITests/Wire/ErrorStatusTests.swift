import DurableExecution
import Personalize
import Testing

@testable import HTTPAPI

@Suite struct ErrorStatusTests {
    private static let codesOfNouns =
        ExecutionError.Code.allCases.map(\.rawValue) + PersonalizeError.Code.allCases.map(\.rawValue)

    @Test(arguments: codesOfNouns)
    func `every code that a service throws has a status`(code: String) {
        #expect(ErrorStatus.status(of: code, in: .json10) != nil)
        #expect(ErrorStatus.status(of: code, in: .restJSON) != nil)
    }

    @Test(arguments: [
        ("ResourceNotFoundException", 400, 404), ("ResourceInUseException", 400, 409), ("ConflictException", 400, 409),
        ("ThrottlingException", 400, 429), ("ServiceQuotaExceededException", 400, 402),
        ("InvalidInputException", 400, 400), ("ValidationException", 400, 400), ("InternalFailure", 500, 500),
        ("ServiceUnavailable", 503, 503),
    ])
    func `the JSON protocols say 400 where REST has a status of its own`(code: String, json: Int, rest: Int) {
        #expect(ErrorStatus.status(of: code, in: .json10) == json)
        #expect(ErrorStatus.status(of: code, in: .json11) == json)
        #expect(ErrorStatus.status(of: code, in: .restJSON) == rest)
    }

    @Test func `a code nobody knows has none`() {
        #expect(ErrorStatus.status(of: "Frobnication", in: .json10) == nil)
    }
}
