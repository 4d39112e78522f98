import JSON
import Testing

@testable import HTTPAPI

/// How a method and a path find their operation.
@Suite struct RESTRouteTests {
    private static let routes = RESTRoutes([
        RESTRoute("/recommendations") { _ in "recommendations" },
        RESTRoute(
            "GET",
            "/schedules",
            query: [.init("MaxResults", .integer), .init("GroupName", named: "ScheduleGroup")]
        ) {
            ["list": $0]
        },
        RESTRoute("GET", "/schedules/{Name}") { ["get": $0] },
        RESTRoute("DELETE", "/schedules/{Name}") { ["delete": $0] },
        RESTRoute("DELETE", "/tags/{ResourceArn}", query: [.init("TagKeys", .list)]) { ["untag": $0] },
    ])

    private static func call(_ method: String, _ path: String, query: String? = nil, body: JSON = [:]) async throws
        -> JSON
    {
        let route = try #require(try routes.find(method: method, path: path, query: query))
        switch route.handler {
        case .atOnce(let handler): return try JSON(parsing: handler(body))
        case .atOnceOr(let handler, let other):
            guard let text = try handler(body) else { return try await other(body) }
            return try JSON(parsing: text)
        case .waiting(let handler): return try await handler(body)
        // Those are seen in answer to whole requests only.
        case .exchange: throw NotRunning()
        }
    }

    @Test func `a plain path is found by its method`() async throws {
        #expect(try await Self.call("POST", "/recommendations") == "recommendations")
        #expect(try Self.routes.find(method: "POST", path: "/recommendation", query: nil) == nil)
        let error = #expect(throws: WireError.self) {
            try Self.routes.find(method: "GET", path: "/recommendations", query: nil)
        }
        #expect(error?.code == "MethodNotAllowedException")
        #expect(error?.message == "/recommendations takes POST, not GET")
    }

    @Test func `parts in braces and members of the query join those of the body`() async throws {
        #expect(try await Self.call("GET", "/schedules/a%20b", body: ["x": 1]) == ["get": ["x": 1, "Name": "a b"]])
        #expect(
            try await Self.call("GET", "/schedules", query: "MaxResults=7&ScheduleGroup=films&other=1")
                == ["list": ["MaxResults": 7, "GroupName": "films"]]
        )
        #expect(
            try await Self.call("DELETE", "/tags/arn%3Aaws%3Ag%2Ffilms", query: "TagKeys=a&TagKeys=b%2B")
                == ["untag": ["ResourceArn": "arn:aws:g/films", "TagKeys": ["a", "b+"]]]
        )
    }

    @Test func `what does not fit is told`() throws {
        let method = #expect(throws: WireError.self) {
            try Self.routes.find(method: "PATCH", path: "/schedules/a", query: nil)
        }
        #expect(method?.message == "/schedules/{Name} takes DELETE, GET, not PATCH")
        let number = #expect(throws: WireError.self) {
            try Self.routes.find(method: "GET", path: "/schedules", query: "MaxResults=many")
        }
        #expect(number?.code == "ValidationException")
        #expect(try Self.routes.find(method: "GET", path: "/schedules/a/b", query: nil) == nil)
    }
}
