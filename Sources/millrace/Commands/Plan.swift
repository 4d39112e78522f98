import ArgumentParser
import Foundation
import HTTPAPI
import JSON

/// The command `millrace plan`.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a configuration would change, and why, without touching anything.",
        discussion: """
            The file lies in a bucket of the service, since its data lies beside it; with --at it may lie elsewhere, \
            and is looked at as if it lay there. Data is compared by content. A drop of a file of the sample's shapes \
            trains anew each time; this shows what `millrace apply` does.
            """
    )

    @OptionGroup var options: ClientOptions
    @Option(help: ArgumentHelp("Where the file would lie.", valueName: "s3://bucket/key"))
    var at: String?
    @Flag(help: "End with 2 when there are changes, as scripts know it from other tools.")
    var detailedExitcode = false
    @Argument(help: "The file, or its s3:// location.")
    var file: String

    func run() async throws {
        try await reporting {
            let client = try options.client
            let plan = try await planned {
                try await client.millrace(
                    "PlanDeployment",
                    try await DeploymentFile(file, at: at, client).input(withContent: at != nil)
                )
            }
            options.show(plan) { PlanTable.print(plan) }
            if detailedExitcode, plan["changes"]?.int != 0 { throw MillraceExit.executionFailed }
        }
    }
}

/// The command `millrace apply`.
struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring into being what a configuration says; do nothing where there is nothing to do.",
        discussion: "Ends with 2 when the run that it starts and follows does not succeed."
    )

    @OptionGroup var options: ClientOptions
    @Flag(help: "Do not wait for the end of the run.")
    var detach = false
    @Argument(help: "The file in a bucket of the service, or its s3:// location.")
    var file: String

    func run() async throws {
        try await reporting {
            let client = try options.client
            let answer = try await planned {
                try await client.millrace(
                    "ApplyDeployment",
                    try await DeploymentFile(file, at: nil, client).input(withContent: false)
                )
            }
            options.show(answer) { PlanTable.print(answer) }
            guard !detach, let executionARN = answer["executionArn"]?.string else { return }
            var watcher = ExecutionWatcher(client: client, executionARN: executionARN, format: options.output)
            guard try await watcher.watch() == "SUCCEEDED" else { throw MillraceExit.executionFailed }
        }
    }
}

/// The command `millrace destroy`.
struct Destroy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a dataset group with all in it, and wait until it is gone.",
        discussion: "As `millrace delete`. Files in the bucket stay; ends with 2 when something could not be deleted."
    )

    @OptionGroup var options: ClientOptions
    @Argument(help: "The name of the dataset group.")
    var datasetGroup: String

    func run() async throws {
        try await reporting {
            let client = try options.client
            let answer = try await client.millrace("DeleteDatasetGroup", ["name": .string(datasetGroup)])
            let executionARN = answer["executionArn"]?.string ?? ""
            var watcher = ExecutionWatcher(client: client, executionARN: executionARN, format: options.output)
            guard try await watcher.watch() == "SUCCEEDED" else { throw MillraceExit.executionFailed }
        }
    }
}

/// A configuration that is refused ends the program as any file that is not valid does.
private func planned(_ work: () async throws -> JSON) async throws -> JSON {
    do {
        return try await work()
    } catch let error as ClientError where error.code == "ValidationException" {
        guard case .refused(_, let message, _) = error else { throw error }
        throw CommandError(message: message, exit: MillraceExit.invalidData)
    }
}

/// A configuration that lies in a bucket of the service, or is looked at as if it did.
private struct DeploymentFile {
    private let file: String
    private let bucket: String
    private let key: String

    init(_ file: String, at location: String?, _ client: Client) async throws {
        self.file = file
        if let parts = Self.parts(of: location ?? file) {
            (bucket, key) = parts
            return
        }
        if let location {
            throw CommandError(message: "--at \"\(location)\" must be a location such as s3://films/train/shop.json")
        }
        let path = URL(filePath: file).standardizedFileURL.resolvingSymlinksInPath().path
        let buckets = try await client.millrace("DescribeService")["buckets"]?.array ?? []
        for entry in buckets {
            guard let root = entry["path"]?.string, let name = entry["name"]?.string else { continue }
            let folder = URL(filePath: root).standardizedFileURL.resolvingSymlinksInPath().path + "/"
            guard path.hasPrefix(folder) else { continue }
            (bucket, key) = (name, String(path.dropFirst(folder.count)))
            return
        }
        let known = buckets.compactMap { $0["path"]?.string }.map { "\"\($0)\"" }.joined(separator: ", ")
        throw CommandError(
            message: "\"\(file)\" lies in no bucket of the service (\(known)), where its data would be; put it there, "
                + "or say with `millrace plan --at s3://BUCKET/KEY` where it is to lie",
            exit: MillraceExit.invalidData
        )
    }

    func input(withContent: Bool) throws -> JSON {
        var input: JSON = ["bucket": .string(bucket), "key": .string(key)]
        if withContent { input["content"] = .string(try InputFile.text(at: file)) }
        return input
    }

    private static func parts(of location: String) -> (String, String)? {
        guard location.hasPrefix("s3://") else { return nil }
        let parts = location.dropFirst(5).split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
}

/// A plan for people: a row a step, and how many there are of each.
private enum PlanTable {
    static func print(_ plan: JSON) {
        let steps = plan["steps"]?.array ?? []
        var table = Table("Action", "Kind", "Name", "Why")
        for step in steps {
            let action = step["action"]?.string ?? ""
            table.add(
                style(action),
                step["kind"]?.string ?? "",
                step["name"]?.string ?? "",
                step["reason"]?.string ?? ""
            )
        }
        table.print()
        let changed = steps.compactMap { $0["action"]?.string }.filter { $0 != "leave" }
        guard !changed.isEmpty else { return Terminal.print("\nNothing to do.") }
        let counts = ["create", "import", "train", "update", "run", "remove"].compactMap { action in
            let count = changed.count { $0 == action }
            return count == 0 ? nil : "\(count) to \(action)"
        }
        Terminal.print("\n\(Style.bold(counts.joined(separator: ", ")))")
    }

    private static func style(_ action: String) -> String {
        switch action {
        case "leave": Style.dim(action)
        case "create", "import", "train", "run": Style.green(action)
        case "remove": Style.red(action)
        default: Style.yellow(action)
        }
    }
}
