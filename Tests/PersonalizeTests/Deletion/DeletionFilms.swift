import FoundationEssentials
import JSON
import Personalize
import SQLiteStore
import TestSupport

extension ServiceUnderTest {
    static func deletionInput(_ name: String, _ location: String) -> JSON {
        [
            "jobName": .string(name), "datasetGroupArn": .string(arn("dataset-group/films")),
            "dataSource": ["dataLocation": .string(location)], "roleArn": "arn:aws:iam::000000000000:role/any",
        ]
    }

    /// Deletes users from the films and waits for the end.
    @discardableResult
    func delete(_ users: [String], job name: String = "gone") async throws -> (arn: String, status: ResourceStatus?) {
        try directory.write("USER_ID\n" + users.map { "\($0)\n" }.joined(), to: "bucket/deletions/\(name).csv")
        return try await create(
            "CreateDataDeletionJob",
            Self.deletionInput(name, "s3://bucket/deletions/\(name).csv")
        )
    }

    /// What `DescribeDataDeletionJob` shows.
    func deletion(_ name: String) async throws -> JSON {
        let input: JSON = ["dataDeletionJobArn": .string(arn("data-deletion-job/\(name)"))]
        return try await call("DescribeDataDeletionJob", input)["dataDeletionJob"] ?? .null
    }

    /// Who is in the column USER_ID of a dataset of the films.
    func users(_ type: String) async throws -> Set<String> {
        let name = "look-\(UUID().uuidString)"
        try await export(name, type, mode: "ALL")
        return Set(
            try exported(name).split(separator: "\n").dropFirst().compactMap { $0.split(separator: ",").first }.map(
                String.init
            )
        )
    }

    /// The names of the files of data.
    func dataFiles() throws -> Set<String> { Set(try DataFiles.names(in: directory.file("home/data"))) }

    /// The snapshots of a dataset of the films.
    func snapshotNames(_ type: String) async throws -> [String] {
        try await store.snapshots(of: arn("dataset/films/\(type)")).map(\.name)
    }
}
