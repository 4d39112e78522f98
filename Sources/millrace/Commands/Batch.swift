import ArgumentParser
import HTTPAPI
import JSON

/// The command `millrace batch …`.
struct Batch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer files of questions: recommendations for users or items, segments of users.",
        discussion: """
            A file has a JSON object a line: {"userId": "1"}, {"itemId": "1"}, {"userId": "1", "itemList": ["2", "3"]} \
            or, for segments, {"itemAttributes": "ITEMS.GENRES = \\"Comedy\\""}; {"allUsers": true} and \
            {"allItems": true} stand for all. The answers to users.json are users.json.out.
            """,
        subcommands: [ListBatches.self, CreateBatch.self, ShowBatch.self],
        defaultSubcommand: ListBatches.self
    )
}

/// The two kinds of batch jobs.
enum BatchKind: String, CaseIterable {
    case inference = "BatchInferenceJob"
    case segments = "BatchSegmentJob"

    /// The member of the API that holds a job's ARN.
    var arnMember: String { "\(member)Arn" }
    var member: String { "b" + rawValue.dropFirst() }
    var word: String { self == .inference ? "inference" : "segments" }
}

extension Batch {
    /// The command `millrace batch list`.
    struct ListBatches: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the batch jobs.")

        @OptionGroup var options: ClientOptions

        func run() async throws {
            try await reporting {
                let client = try options.client
                var answer: JSON = [:]
                var table = Table("Name", "Kind", "Status", "Updated", "Reason")
                for kind in BatchKind.allCases {
                    let jobs = try await client.batchJobs(kind)
                    answer["\(kind.member)s"] = .array(jobs)
                    for job in jobs {
                        table.add(
                            job["jobName"]?.string ?? "",
                            kind.word,
                            Style.status(job["status"]?.string ?? ""),
                            Moment.text(job["lastUpdatedDateTime"]),
                            job["failureReason"]?.string ?? ""
                        )
                    }
                }
                let isEmpty = answer.object?.values.allSatisfy { $0 == [] } ?? true
                options.show(answer) { isEmpty ? Terminal.print("No batch jobs yet.") : table.print() }
            }
        }
    }

    /// The command `millrace batch create`.
    struct CreateBatch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create a batch job, and wait until it is done.",
            discussion: """
                Example: millrace batch create monday --version films-personalize --input s3://films/questions/ \
                --to s3://films/answers/
                Ends with 1 when the job fails.
                """
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name of the job.")
        var name: String
        @Option(help: "What answers: a solution version, or the name of a solution for its newest that is ACTIVE.")
        var version: String
        @Option(help: "The file or folder of questions, as s3://BUCKET/KEY.")
        var input: String
        @Option(help: "The folder of answers, as s3://BUCKET/KEY/.")
        var to: String
        @Option(help: "A SQLite database that the answers are written to as well, as s3://BUCKET/KEY.")
        var database: String?
        @Option(name: [.customShort("n"), .long], help: "How many answers a question.")
        var count = 25
        @Option(help: "The name or ARN of a filter.")
        var filter: String?
        @Flag(help: "Segments of users, by a version of aws-item-affinity or aws-item-attribute-affinity.")
        var segments = false
        @Flag(help: "Do not wait until the job is done.")
        var detach = false

        func run() async throws {
            try await reporting {
                let client = try options.client
                let kind = segments ? BatchKind.segments : .inference
                let created = try await client.personalize("Create\(kind.rawValue)", try await request(client))
                let arn = created[kind.arnMember]?.string ?? ""
                let job = detach ? created : try await client.batchJob(kind, arn, isWaiting: true)
                options.show(job) { Terminal.print(detach ? arn : BatchReport.text(job)) }
                if job["status"] == "CREATE FAILED" { throw MillraceExit.failure }
            }
        }

        private func request(_ client: Client) async throws -> JSON {
            var output: JSON = ["s3DataDestination": ["path": .string(to)]]
            if let database { output["sqliteDataDestination"] = ["path": .string(database)] }
            var request: JSON = [
                "jobName": .string(name),
                "solutionVersionArn": .string(try await client.activeVersionARN(of: version)),
                "numResults": JSON(count), "roleArn": "arn:aws:iam::000000000000:role/millrace",
                "jobInput": ["s3DataSource": ["path": .string(input)]], "jobOutput": output,
            ]
            if let filter { request["filterArn"] = .string(try await client.filterARN(of: filter)) }
            return request
        }
    }

    /// The command `millrace batch show`.
    struct ShowBatch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a batch job and how far it has come.",
            discussion: "Ends with 1 when the job has failed."
        )

        @OptionGroup var options: ClientOptions
        @Argument(help: "The name or ARN of the job.")
        var job: String
        @Flag(help: "Wait until the job is done.")
        var wait = false

        func run() async throws {
            try await reporting {
                let client = try options.client
                let (kind, arn) = try await client.batchARN(of: job)
                let job = try await client.batchJob(kind, arn, isWaiting: wait)
                options.show(job) { Terminal.print(BatchReport.text(job)) }
                if job["status"] == "CREATE FAILED" { throw MillraceExit.failure }
            }
        }
    }
}

/// A batch job for people.
enum BatchReport {
    static func text(_ job: JSON) -> String {
        let status = job["status"]?.string ?? ""
        var text = "\(job["jobName"]?.string ?? "") \(Style.status(status))"
        if let progress = job["jobProgress"] { text += " \(Self.progress(progress))" }
        if let reason = job["failureReason"]?.string { text += " \(reason)" }
        if status == "ACTIVE", let path = job["jobOutput"]?["s3DataDestination"]?["path"]?.string { text += " \(path)" }
        return text
    }

    static func progress(_ progress: JSON) -> String {
        if progress["stage"] == "WRITING" { return "writing the database" }
        let share = Int(((progress["share"]?.double ?? 0) * 100).rounded())
        return "\(share) %, \(progress["rows"]?.int ?? 0) questions"
    }
}

extension Client {
    fileprivate func batchJobs(_ kind: BatchKind) async throws -> [JSON] {
        try await pages(of: "\(kind.member)s", { try await $0.personalize("List\(kind.rawValue)s", $1) })
    }

    /// A job, as it is or once nothing more happens to it; progress is told meanwhile.
    fileprivate func batchJob(_ kind: BatchKind, _ arn: String, isWaiting: Bool) async throws -> JSON {
        var told = ""
        while true {
            let answer = try await personalize("Describe\(kind.rawValue)", [kind.arnMember: .string(arn)])
            let job = answer[kind.member] ?? [:]
            let isSettled = ["ACTIVE", "CREATE FAILED"].contains(job["status"]?.string ?? "")
            guard isWaiting, !isSettled else { return job }
            let news = job["jobProgress"].map(BatchReport.progress) ?? job["status"]?.string ?? ""
            if news != told { Terminal.warn(Style.dim(news)) }
            told = news
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// The kind and ARN of a job by its name or ARN.
    fileprivate func batchARN(of name: String) async throws -> (BatchKind, String) {
        var names: [String] = []
        for kind in BatchKind.allCases {
            for job in try await batchJobs(kind) {
                let arn = job[kind.arnMember]?.string ?? ""
                if arn == name || job["jobName"]?.string == name { return (kind, arn) }
                names.append(job["jobName"]?.string ?? "")
            }
        }
        let hint = NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
        throw CommandError(message: "no batch job is named \"\(name)\"\(hint)")
    }

    /// The ARN of a version as it is named, or of a solution's newest that is ACTIVE.
    fileprivate func activeVersionARN(of name: String) async throws -> String {
        let newest = try await solutionVersionARN(of: name)
        guard !name.contains("/"), let slash = newest.lastIndex(of: "/") else { return newest }
        let versions = try await pages(
            of: "solutionVersions",
            { try await $0.personalize("ListSolutionVersions", $1) },
            input: ["solutionArn": .string(String(newest[..<slash]))]
        )
        return versions.last { $0["status"] == "ACTIVE" }?["solutionVersionArn"]?.string ?? newest
    }

    /// The ARN of a filter by its name or ARN.
    fileprivate func filterARN(of name: String) async throws -> String {
        if name.hasPrefix("arn:") { return name }
        let filters = try await pages(of: "Filters", { try await $0.personalize("ListFilters", $1) })
        if let arn = filters.first(where: { $0["name"]?.string == name })?["filterArn"]?.string { return arn }
        let names = filters.compactMap { $0["name"]?.string }
        let hint = NearestName.find(name, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
        throw CommandError(message: "no filter is named \"\(name)\"\(hint)")
    }
}
