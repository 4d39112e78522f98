import FoundationEssentials
import JSON
import Personalize
import TestSupport
import Testing

@Suite struct ExportJobTests {
    @Test func `PUT is what was acknowledged, BULK what was imported, ALL both`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            let tracking = try await test.prepareLiveFilms()
            try await test.put(["i1", "new"], by: "ünï,\"1\"", tracking: tracking, at: 1_800_000_000)
            let put = """
                USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE
                "ünï,""1""\",i1,1800000000,watch,
                "ünï,""1""\",new,1800000001,watch,

                """
            #expect(try await test.export("puts", "INTERACTIONS", mode: nil).status == .active)
            #expect(try test.exported("puts") == put)
            try await test.export("bulk", "INTERACTIONS", mode: "BULK")
            #expect(try test.exported("bulk") == Films().interactions())
            try await test.export("all", "INTERACTIONS", mode: "ALL")
            #expect(
                try test.exported("all") == Films().interactions()
                    + put.split(separator: "\n").dropFirst().map { "\($0)\n" }.joined()
            )
        }
    }

    @Test func `a job is shown as it was asked for`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let job = try await test.export("items", "ITEMS", mode: nil)
            #expect(job.arn == arn("dataset-export-job/items"))
            let shown = try await test.call("DescribeDatasetExportJob", ["datasetExportJobArn": .string(job.arn)])
            let members = try #require(shown["datasetExportJob"]?.object)
            #expect(members["ingestionMode"] == "PUT")
            #expect(members["status"] == "ACTIVE")
            #expect(members["jobOutput"]?["s3DataDestination"]?["path"] == "s3://bucket/out/")
            #expect(members["datasetArn"]?.string == arn("dataset/films/ITEMS"))
            #expect(try test.exported("items") == "ITEM_ID,GENRES,PRICE\n")
            let list = try await test.call(
                "ListDatasetExportJobs",
                ["datasetArn": .string(arn("dataset/films/ITEMS"))]
            )
            #expect(list["datasetExportJobs"]?.array?.count == 1)
        }
    }

    @Test func `what cannot be exported is refused or fails with the reason`() async throws {
        let test = try ServiceUnderTest()
        try await test.running {
            try await test.prepareFilms()
            let refused = { (change: (inout JSON) -> Void) async -> PersonalizeError.Code? in
                var input = ServiceUnderTest.exportInput("x", "ITEMS", mode: "ALL")
                change(&input)
                return await test.code("CreateDatasetExportJob", input)
            }
            #expect(await refused { $0["datasetArn"] = .string(arn("dataset/films/USERS")) } == .resourceNotFound)
            #expect(await refused { $0["datasetArn"] = .string(arn("dataset-group/films")) } == .resourceNotFound)
            #expect(await refused { $0["ingestionMode"] = "SOME" } == .invalidInput)
            #expect(await refused { $0["roleArn"] = nil } == .invalidInput)
            #expect(await refused { $0["jobOutput"] = [:] } == .invalidInput)
            #expect(await refused { $0["jobOutput"] = ["s3DataDestination": ["path": "/tmp"]] } == .invalidInput)

            let nowhere = try await test.export("nowhere", "ITEMS", mode: "ALL", to: "s3://other/out/")
            #expect(nowhere.status == .createFailed)
            let reason = try await test.failureReason("DatasetExportJob", nowhere.arn)
            #expect(reason?.hasPrefix("Invalid S3 output path: \"s3://other/out/nowhere.csv\"") == true)
            #expect(
                await test.code("CreateDatasetExportJob", ServiceUnderTest.exportInput("nowhere", "ITEMS", mode: nil))
                    == .resourceAlreadyExists
            )
        }
    }

    @Test func `a job that a shutdown interrupts is done at the next start`() async throws {
        let test = try ServiceUnderTest()
        try await test.running { try await test.prepareFilms() }
        try await test.call("CreateDatasetExportJob", ServiceUnderTest.exportInput("late", "ITEMS", mode: "BULK"))
        let again = try test.restarted()
        #expect(try await again.settling(arn("dataset-export-job/late")) == .active)
        #expect(try again.exported("late") == Films().itemsFile)
    }
}

extension ServiceUnderTest {
    static func exportInput(_ name: String, _ type: String, mode: String?, to path: String = "s3://bucket/out/") -> JSON
    {
        var input: JSON = [
            "jobName": .string(name), "datasetArn": .string(arn("dataset/films/\(type)")),
            "roleArn": "arn:aws:iam::000000000000:role/any",
            "jobOutput": ["s3DataDestination": ["path": .string(path)]],
        ]
        input["ingestionMode"] = mode.map(JSON.string)
        return input
    }

    /// Exports a dataset of the films and waits for the end.
    @discardableResult
    func export(
        _ name: String,
        _ type: String,
        mode: String?,
        to path: String = "s3://bucket/out/"
    ) async throws -> (arn: String, status: ResourceStatus?) {
        try await create("CreateDatasetExportJob", Self.exportInput(name, type, mode: mode, to: path))
    }

    /// The file that an export wrote.
    func exported(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: directory.file("bucket/out/\(name).csv")), encoding: .utf8)
    }
}
