internal import JSON

/// What the SDK of AWS adds to an answer about its request, and tasks of optimised integrations pass on.
enum SDKMetadata {
    /// An answer with these members.
    static func adding(to answer: JSON, requestID: String) -> JSON {
        var answer = answer
        let headers: JSON = ["Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": .string(requestID)]
        let lists = (headers.object ?? [:]).map { ($0.key, JSON.array([$0.value])) }
        answer["SdkHttpMetadata"] = [
            "AllHttpHeaders": .object(JSONObject(lists)), "HttpHeaders": headers, "HttpStatusCode": 200,
        ]
        answer["SdkResponseMetadata"] = ["RequestId": .string(requestID)]
        return answer
    }
}
