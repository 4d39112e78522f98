import JSON
import Testing

@testable import HTTPAPI

/// What whoever watches the service is told.
@Suite struct MonitoringTests {
    private static let route = RESTRoute(
        "/at-once",
        atOnce: { input in
            guard input["fails"] == nil else { throw WireError("ResourceNotFoundException", "no campaign") }
            return (["itemList": []] as JSON).utf8
        }
    )

    /// Sends requests to one server, one after another, and returns their answers.
    private static func answers(
        to requests: [(method: String, path: String, body: String)],
        monitoring: Monitoring = Monitoring()
    ) async throws -> [RawAnswer] {
        try await withServer(routes: [route], monitoring: monitoring) { port in
            var answers: [RawAnswer] = []
            for request in requests {
                let raw = try RawConnection(port: port)
                try raw.send(
                    "\(request.method) \(request.path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
                        + "content-length: \(request.body.utf8.count)\r\n\r\n\(request.body)"
                )
                answers.append(try RawAnswer(await raw.untilClosed()))
            }
            return answers
        }
    }

    @Test func `each answer is counted by its operation and its status`() async throws {
        let answers = try await Self.answers(to: [
            ("POST", "/at-once", "{}"), ("POST", "/at-once", "{}"), ("POST", "/at-once", #"{"fails": 1}"#),
            ("GET", "/made-up", ""), ("GET", "/metrics", ""),
        ])
        let page = try #require(answers.last)
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(page.body.split(separator: "\n").map(String.init))
        #expect(lines.contains("# TYPE millrace_http_request_duration_seconds histogram"))
        #expect(lines.contains(#"millrace_http_request_duration_seconds_count{operation="/at-once"} 3"#))
        #expect(lines.contains(#"millrace_http_request_duration_seconds_bucket{operation="/at-once",le="+Inf"} 3"#))
        // A name that anybody may make up is no label.
        #expect(lines.contains(#"millrace_http_request_duration_seconds_count{operation="other"} 1"#))
        #expect(!page.body.contains("made-up"))
        #expect(lines.contains(#"millrace_http_requests_total{status="200"} 2"#))
        #expect(lines.contains(#"millrace_http_requests_total{status="404"} 2"#))
    }

    @Test func `a histogram counts what is within each bound, and never less than within the one before`() throws {
        let histogram = LatencyHistogram()
        for nanoseconds: Int64 in [0, 25_000, 25_001, 9_000_000, 11_000_000_000] {
            histogram.note(nanoseconds: nanoseconds)
        }
        let samples = histogram.samples(of: "x")
        let buckets = samples.filter { $0.suffix == "_bucket" }
        let values = Dictionary(uniqueKeysWithValues: buckets.map { ($0.labels[1].value, $0.value) })
        #expect(values["2.5e-05"] == 2)
        #expect(values["5e-05"] == 3)
        #expect(values["0.01"] == 4)
        #expect(values["10.0"] == 4)
        #expect(values["+Inf"] == 5)
        #expect(buckets.map(\.value) == buckets.map(\.value).sorted())
        #expect(samples.first { $0.suffix == "_count" }?.value == 5)
        #expect(abs((samples.first { $0.suffix == "_sum" }?.value ?? 0) - 11.009050001) < 1e-9)
    }

    @Test func `help and labels are escaped, and whole numbers are written without a point`() {
        let family = MetricFamily(
            .gauge,
            "m",
            "one\\two\nlines",
            [MetricFamily.Sample(3, ("path", "a\"b\\c\nd")), MetricFamily.Sample(0.5), MetricFamily.Sample(.infinity)]
        )
        #expect(
            MetricFamily.text(of: [family, MetricFamily(.counter, "empty_total", "none", [])])
                == "# HELP m one\\\\two\\nlines\n# TYPE m gauge\nm{path=\"a\\\"b\\\\c\\nd\"} 3\nm 0.5\nm +Inf\n"
        )
    }

    @Test func `a fault of any part makes the service not ready, while it is alive`() async throws {
        let monitoring = Monitoring(readiness: {
            [Monitoring.Check("database"), Monitoring.Check("bucket films", fault: "its directory is missing")]
        })
        let requests = [("GET", "/health/ready", ""), ("GET", "/health/live", ""), ("POST", "/health/ready", "{}")]
        let answers = try await Self.answers(to: requests, monitoring: monitoring)
        #expect(answers.map(\.status) == [503, 200, 405])
        let json = try JSON(parsing: answers[0].body)
        #expect(json["status"] == "not ready")
        #expect(json["checks"]?.array?[0] == ["name": "database", "status": "ok"])
        #expect(json["checks"]?.array?[1]["reason"] == "its directory is missing")
        let well = try await Self.answers(to: [("GET", "/health/ready", "")])
        #expect(well[0].status == 200)
    }

    @Test func `metrics that cannot be told are a fault of ours`() async throws {
        struct Fault: Error {}
        let answers = try await Self.answers(
            to: [("GET", "/metrics", "")],
            monitoring: Monitoring(metrics: { throw Fault() })
        )
        #expect(answers[0].status == 500)
    }
}
