import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

/// Windows and imports as files in the bucket.
@Suite struct MetricReportTests {
    private static let header = "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP\n"

    @Test func `a window is reported when it ends, and again when an event of it comes late`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(watches, revenue)
            let start = 1_800_000_000
            try await test.putEvent("watch", "i1", at: start, by: "mail, \"June\"", tracking: tracking)
            try await test.putEvent("buy", "i2", at: start + 1, tracking: tracking)
            try await test.putEvent("watch", "i1", at: start + 900, tracking: tracking)
            await test.clock.sleepers()
            #expect(try test.reports() == [:])
            try await Self.nextReport(test)
            let name = "AggregatedAttributionMetrics - PUT - 1800000000.csv"
            let lines = [
                "revenue,BUY,2.5,sum,SOURCE_NAME_UNDEFINED,1800000000\n",
                "watches,watch,1.0,samplecount,\"mail, \"\"June\"\"\",1800000000\n",
            ]
            #expect(try test.reports() == [name: Self.header + lines.joined()])
            try await test.putEvent("buy", "i3", at: start + 2, tracking: tracking)
            try await Self.nextReport(test)
            let reports = try test.reports()
            #expect(reports.count == 2)
            #expect(reports[name]?.contains("revenue,BUY,6.0,sum,") == true, "\(reports)")
        }
    }

    /// Lets a quarter of an hour pass and waits until the reports of it are written.
    private static func nextReport(_ test: ServiceUnderTest) async throws {
        await test.clock.sleepers()
        test.clock.advance(by: .seconds(900))
        await test.clock.sleepers()
    }

    @Test func `a report that could not be written is written at the next time`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.measure(watches)
            try await test.putEvent("watch", "i1", at: 1_800_000_000, tracking: tracking)
            let folder = URL(filePath: test.directory.file("bucket/reports"))
            try FileManager.default.removeItem(at: folder)
            try test.directory.write("no folder", to: "bucket/reports")
            try await Self.nextReport(test)
            try FileManager.default.removeItem(at: folder)
            try await Self.nextReport(test)
            #expect(try test.reports().count == 1)
        }
    }

    @Test func `an import publishes what it brings, and only an incremental one adds to the windows`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            _ = try await test.prepareLiveFilms()
            let unmeasured = await test.error("CreateDatasetImportJob", Self.job("early", "FULL"))
            #expect(unmeasured?.message.contains("needs a metric attribution") == true)
            try await test.measure(watches, revenue)
            let rows = """
                USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE
                u1,i3,1800000000,buy,1
                u2,i4,1800000001,Buy,1
                u2,i4,1799999999,watch,
                u2,nothing,1800000001,buy,1

                """
            try test.directory.write(rows, to: "bucket/More/a.csv")
            let added = try await test.create("CreateDatasetImportJob", Self.job("more", "INCREMENTAL"))
            #expect(added.status == .active)
            let lines = [
                "revenue,BUY,8.0,sum,SOURCE_NAME_UNDEFINED,1800000000\n",
                "watches,watch,1.0,samplecount,SOURCE_NAME_UNDEFINED,1799999100\n",
            ]
            let name = "AggregatedAttributionMetrics - INCREMENTAL - 1800000000.csv"
            #expect(try test.reports() == [name: Self.header + lines.joined()])
            let windows = try await test.windows()
            #expect(
                windows == [
                    "0 revenue SOURCE_NAME_UNDEFINED 8.0", "-900 watches SOURCE_NAME_UNDEFINED 1.0",
                ]
            )
            try test.directory.write(Films().interactions(), to: "bucket/More/a.csv")
            let replaced = try await test.create("CreateDatasetImportJob", Self.job("again", "FULL"))
            #expect(replaced.status == .active)
            let names = try test.reports().keys.sorted()
            #expect(names == ["AggregatedAttributionMetrics - FULL - 1800000000.csv", name])
            #expect(try await test.windows() == windows)
        }
    }

    private static func job(_ name: String, _ mode: String) -> JSON {
        [
            "jobName": .string(name), "datasetArn": .string(arn("dataset/films/INTERACTIONS")),
            "dataSource": ["dataLocation": "s3://bucket/More/"], "importMode": .string(mode),
            "publishAttributionMetricsToS3": true,
        ]
    }

    @Test func `interactions of a file are credited to the sources it names`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let schema = interactionsSchema.replacing(
                #"{"name":"EVENT_VALUE","#,
                with: #"{"name":"EVENT_ATTRIBUTION_SOURCE","type":["null","string"]},{"name":"EVENT_VALUE","#
            )
            try await test.call("CreateSchema", ["name": "credited", "schema": .string(schema)])
            let group = JSON.string(arn("dataset-group/films"))
            let dataset = JSON.string(arn("dataset/films/INTERACTIONS"))
            try await test.call("DeleteDataset", ["datasetArn": dataset])
            _ = try await test.service.waitUntilSettled(arn("dataset/films/INTERACTIONS"))
            let made: JSON = [
                "name": "seen", "schemaArn": .string(arn("schema/credited")), "datasetGroupArn": group,
                "datasetType": "Interactions",
            ]
            try await test.create("CreateDataset", made)
            try await test.measure(watches)
            var rows = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_ATTRIBUTION_SOURCE,EVENT_VALUE\n"
            for row in 0..<120 {
                rows += "u\(row % 20),i\(row % 7),1800000000,watch,\(["", "mail"][row % 2]),\n"
            }
            try test.directory.write(rows, to: "bucket/More/a.csv")
            let job = try await test.create("CreateDatasetImportJob", Self.job("more", "FULL"))
            #expect(job.status == .active)
            let lines = [
                "watches,watch,60.0,samplecount,SOURCE_NAME_UNDEFINED,1800000000\n",
                "watches,watch,60.0,samplecount,mail,1800000000\n",
            ]
            #expect(try test.reports().values.map(\.self) == [Self.header + lines.joined()])
        }
    }
}
