import JSON
import Personalize
import SQLiteStore
import TestSupport
import Testing

/// Every event is in one window of one source, once.
@Suite struct MetricCountTests {
    @Test func `events count by type, source and quarter of an hour`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(watches, revenue, metric("stars", "rate", "sum(interactions.EVENT_VALUE)"))
            let campaign = arn("campaign/a")
            for (type, item, offset, source, value) in [
                ("watch", "i1", 0, campaign, nil), ("Watch", "i2", 899, campaign, nil), ("watch", "i1", 900, nil, nil),
                ("buy", "i3", 5, "mail, June", nil), ("buy", "i4", 6, "mail, June", nil),
                ("buy", "unknown", 7, "mail, June", nil), ("rate", "i1", 8, nil, 2.5), ("rate", "i1", 9, nil, 1),
                ("rate", "i1", 10, nil, nil), ("skip", "i1", 11, nil, nil),
            ] as [(String, String, Int, String?, Double?)] {
                let time = 1_800_000_000 + offset
                try await test.putEvent(type, item, at: time, by: source, value: value, tracking: tracking)
            }
            let wanted = [
                "900 watches SOURCE_NAME_UNDEFINED 1.0", "0 revenue mail, June 8.0",
                "0 stars SOURCE_NAME_UNDEFINED 3.5", "0 watches \(campaign) 2.0",
            ]
            #expect(try await test.windows() == wanted)
            #expect(try await test.windows() == wanted)
        }
    }

    @Test func `what came before is not counted, what comes again is counted once, what comes late in its window`()
        async throws
    {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            let start = 1_800_000_000
            try await test.putEvent("watch", "i1", at: start, tracking: tracking)
            try await test.measure(watches)
            try await test.putEvent("watch", "i1", at: start, id: "e", tracking: tracking)
            try await test.putEvent("watch", "i1", at: start, id: "e", tracking: tracking)
            try await test.putEvent("watch", "i1", at: start + 2000, tracking: tracking)
            #expect(
                try await test.windows() == [
                    "1800 watches SOURCE_NAME_UNDEFINED 1.0", "0 watches SOURCE_NAME_UNDEFINED 1.0",
                ]
            )
            try await test.putEvent("watch", "i1", at: start - 1, tracking: tracking)
            try await test.putEvent("watch", "i1", at: start + 1, tracking: tracking)
            let late = try await test.windows()
            #expect(
                late == [
                    "1800 watches SOURCE_NAME_UNDEFINED 1.0", "0 watches SOURCE_NAME_UNDEFINED 2.0",
                    "-900 watches SOURCE_NAME_UNDEFINED 1.0",
                ]
            )
        }
    }

    @Test func `what a training or an import seals is counted before it is no batch any more`() async throws {
        let test = try ServiceUnderTest()
        let tracking = try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(watches)
            try await test.put(["i1", "i2", "i3"], by: "u1", tracking: tracking)
            _ = try await test.train("hot")
            try await test.put(["i4"], by: "u1", tracking: tracking)
            return tracking
        }
        let again = try test.restarted()
        try await again.running {
            #expect(try await again.windows() == ["0 watches SOURCE_NAME_UNDEFINED 4.0"])
            try await again.put(["i5"], by: "u1", tracking: tracking)
            _ = try await again.create("CreateSolutionVersion", ["solutionArn": .string(arn("solution/hot"))])
            #expect(try await again.windows() == ["0 watches SOURCE_NAME_UNDEFINED 5.0"])
        }
    }

    @Test func `events count by the metrics that were there when they came`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(watches)
            let before = try await test.call(
                "DescribeMetricAttribution",
                ["metricAttributionArn": .string(ServiceUnderTest.attribution)]
            )
            try await test.put(["i1", "i2"], by: "u1", tracking: tracking)
            test.clock.advance(by: .seconds(1))
            _ = try await test.windows()
            let described = try await test.call(
                "DescribeMetricAttribution",
                ["metricAttributionArn": .string(ServiceUnderTest.attribution)]
            )
            #expect(described == before, "counting is no change that anybody is shown")
            try await test.put(["i3"], by: "u1", tracking: tracking)
            let change: JSON = [
                "metricAttributionArn": .string(ServiceUnderTest.attribution), "removeMetrics": ["watches"],
                "addMetrics": [metric("buys", "buy", "SAMPLECOUNT()")],
            ]
            try await test.call("UpdateMetricAttribution", change)
            try await test.put(["i4"], by: "u1", tracking: tracking)
            try await test.putEvent("buy", "i1", at: 1_800_000_000, tracking: tracking)
            #expect(
                try await test.windows() == [
                    "0 buys SOURCE_NAME_UNDEFINED 1.0", "0 watches SOURCE_NAME_UNDEFINED 3.0",
                ]
            )
        }
    }

    @Test func `items that cannot be read are told of, and hold up no deletion`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(revenue)
            try await test.putEvent("buy", "i3", at: 1_800_000_000, tracking: tracking)
            let items = try await test.store.snapshots(of: arn("dataset/films/ITEMS"))
            try test.directory.write("short", to: "home/data/\(items.first?.name ?? "")")
            let error = await test.putError { () async throws(PersonalizeError) in
                .array(try await test.service.metricWindows(of: ServiceUnderTest.attribution))
            }
            #expect(error?.code == .invalidInput)
            #expect(error?.message.contains("is damaged") == true, "\(String(describing: error))")
            try await test.importFiles("items-2", "ITEMS", "s3://bucket/Items/")
            #expect(try await test.windows() == ["0 revenue SOURCE_NAME_UNDEFINED 3.5"])
            let again = try await test.store.snapshots(of: arn("dataset/films/ITEMS"))
            try test.directory.write("short", to: "home/data/\(again.first?.name ?? "")")
            try await test.putEvent("buy", "i3", at: 1_800_000_000, tracking: tracking)
            let dataset = arn("dataset/films/INTERACTIONS")
            try await test.call("DeleteDataset", ["datasetArn": .string(dataset)])
            #expect(try await test.service.waitUntilSettled(dataset) == nil)
        }
    }

    @Test func `a sum too great for a number stays the greatest, and counting goes on`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(watches, metric("stars", "watch", "SUM(Interactions.EVENT_VALUE)"))
            for value in [3e38, 3e38] {
                try await test.putEvent("watch", "i1", at: 1_800_000_000, value: value, tracking: tracking)
            }
            #expect(
                try await test.windows() == [
                    "0 stars SOURCE_NAME_UNDEFINED 6e+38", "0 watches SOURCE_NAME_UNDEFINED 2.0",
                ]
            )
        }
        var window = MetricWindow(
            attributionArn: ServiceUnderTest.attribution,
            start: 0,
            method: .put,
            metricName: "stars",
            eventType: "watch",
            expression: "SUM(Interactions.EVENT_VALUE)",
            source: "x",
            value: .greatestFiniteMagnitude
        )
        for value in [Double.greatestFiniteMagnitude, .greatestFiniteMagnitude, 1] {
            window.value = value
            var transition = ResourceTransition()
            transition.metrics = [window]
            try await test.store.commit(transition)
        }
        let found = try await test.store.metricWindows(MetricQuery(ServiceUnderTest.attribution, until: 1))
        #expect(found.map(\.value) == [.greatestFiniteMagnitude])
    }
}
