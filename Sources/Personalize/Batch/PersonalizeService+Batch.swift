internal import JSON
internal import Logging
internal import Recommenders

extension PersonalizeService {
    /// Answers the questions of a batch inference job.
    ///
    /// What an earlier process has finished of it stays.
    func inferBatch(_ job: Resource, _ flag: RunningJobs.Flag) async throws -> JobResult {
        let campaign = try await campaign(of: job)
        let answerer = BatchInference(
            campaign: campaign,
            filter: try filter(of: job, campaign),
            count: job.body["numResults"]?.int ?? 25
        )
        let question = campaign.served.entry.recipe.kind == .relatedItems ? "itemId" : "userId"
        try await answer(job, by: answerer, AnswerTable(job, campaign, question, "recommendedItem"), flag)
        return JobResult()
    }

    /// Answers the questions of a batch segment job.
    ///
    /// What an earlier process has finished of it stays.
    func segmentBatch(_ job: Resource, _ flag: RunningJobs.Flag) async throws -> JobResult {
        let campaign = try await campaign(of: job)
        let (items, people) = (
            try await records(.items, campaign.groupArn), try await records(.users, campaign.groupArn)
        )
        let files = files
        let users = try await BackgroundThread.run(onCancel: {}) {
            try FilterCatalog(usersOf: campaign.served.index, people, in: files)
        }
        let answerer = BatchSegments(
            campaign: campaign,
            itemSchema: items?.schema,
            users: users,
            filter: try filter(of: job, campaign),
            count: job.body["numResults"]?.int ?? 25
        )
        let hasAttributes = campaign.served.entry.recipe == .itemAttributeAffinity
        let question = hasAttributes ? "itemAttributes" : "itemId"
        try await answer(job, by: answerer, AnswerTable(job, campaign, question, "recommendedUser"), flag)
        return JobResult()
    }

    /// A job's version as a campaign of its configuration would serve it.
    private func campaign(of job: Resource) async throws -> ServedCampaign {
        let version = try await activeResource(.solutionVersion, job.parentArn ?? "")
        // What was put until now is then in files, and cannot go away while the job reads it.
        try await sealDatasets(of: version.body["datasetGroupArn"]?.string ?? "")
        // The job's configuration has the members of a campaign's.
        let config = job.body["batchInferenceJobConfig"]
        // A job explores only where its configuration says how much.
        let canExplore = config?["itemExplorationConfig"]?[Exploration.weightName] != nil
        return try await campaign(job.arn, serving: version, config: config, canExplore: canExplore)
    }

    private func filter(of job: Resource, _ campaign: ServedCampaign) throws(PersonalizeError) -> RuntimeFilter? {
        guard let arn = job.body["filterArn"]?.string else { return nil }
        return try runtime.filters.filter(arn, of: campaign.groupArn)
    }

    /// Answers the questions of a batch job, file by file, and puts the answers where the job says.
    func answer(
        _ job: Resource,
        by answerer: any BatchAnswerer,
        _ table: AnswerTable,
        _ flag: RunningJobs.Flag
    ) async throws {
        let (objects, configuration, folder) = (objects, configuration, files.job(job))
        let (progress, database) = (progress, answerDatabase)
        let count = try await BackgroundThread.run(onCancel: { flag.stop() }) {
            let locations = BatchLocations(job.body)
            let files = try locations.files(objects)
            try locations.begin(objects)
            let run = BatchRun(
                files: files,
                folder: try BatchFolder(folder, files),
                answerer: answerer,
                threads: configuration.trainingThreads,
                partSize: configuration.batchPartSize,
                progress: { progress[job.arn] = $0 },
                isCancelled: { flag.isStopped }
            )
            let count = try run.run()
            if let path = locations.database {
                progress[job.arn] = JobProgress(stage: "WRITING", rows: count)
                try Self.write(table, files, to: try objects.writablePath(of: path), database)
            }
            try locations.end(objects)
            return count
        }
        logger.info("questions answered", metadata: ["resource.arn": "\(job.arn)", "count": "\(count)"])
    }

    private static func write(
        _ table: AnswerTable,
        _ files: [BatchFile],
        to path: String,
        _ database: (any AnswerDatabase)?
    ) throws {
        var rows = AnswerRows(files, questionMember: table.questionColumn)
        try database?.write(table, to: path) { try rows.next() }
    }

    /// Removes what an ended job has left to go on with.
    func removeJobFolder(_ job: Resource) {
        do {
            try Files.removeFolder(files.job(job))
        } catch {
            logger.warning("job folder not removed", metadata: ["resource.arn": "\(job.arn)", "error": "\(error)"])
        }
    }

    /// Removes the folders of jobs that are not going on, which a crash has left after their end.
    func removeStrayJobFolders() async throws(PersonalizeError) {
        let unfinished = ResourceStatus.allCases.filter { !$0.isSettled }
        let jobs = try await resources(
            ResourceQuery(.batchInferenceJob, .batchSegmentJob, statuses: unfinished)
        )
        do {
            try files.keepJobs(Set(jobs.map(files.job)))
        } catch {
            logger.warning("stray job folders not removed", metadata: ["error": "\(error)"])
        }
    }
}

extension AnswerTable {
    fileprivate init(_ job: Resource, _ campaign: ServedCampaign, _ question: String, _ answer: String) {
        self.init(
            jobName: job.name,
            jobArn: job.arn,
            solutionVersionArn: campaign.served.versionArn,
            questionColumn: question,
            answerColumn: answer
        )
    }
}

extension FilterCatalog {
    /// The users of a model, with what the Users dataset says of them.
    fileprivate convenience init(
        usersOf index: ModelIndex,
        _ records: ServingSources.Records?,
        in files: Files
    ) throws {
        let dataset = try records.flatMap { records in
            let snapshots = try records.snapshots.map { try Snapshot($0, in: files.data) }
            let table = EntityTable(.users, snapshots, live: records.live)
            return table.map { Dataset(table: $0, schema: records.schema) }
        }
        self.init(ids: .table(index.users), items: dataset, users: nil, events: [])
    }
}
