internal import JSON
internal import Logging

extension PersonalizeService {
    /// What a job that has ended leaves: members of its body, and what else its end changes in the same commit.
    struct JobResult: Sendable {
        var members: JSONObject = [:]
        var transition = ResourceTransition()
    }

    /// Does a job that waits or that an earlier process had begun: everything that ends by itself but imports.
    func runJob(_ arn: String) async {
        guard let flag = jobs.begin(arn) else { return }
        defer { jobs.end(arn) }
        guard let job = await begun(arn), job.kind.isJob else { return }
        defer { progress[arn] = nil }
        do {
            try await end(job, try await perform(job, flag))
            removeJobFolder(job)
            logger.info("job is ACTIVE", metadata: ["resource.arn": "\(arn)"])
        } catch is CancellationError {
            // A shutdown leaves the job as it is: the next start goes on with it.
        } catch {
            await fail(arn, reason(of: error))
            removeJobFolder(job)
        }
    }

    private func perform(_ job: Resource, _ flag: RunningJobs.Flag) async throws -> JobResult {
        switch job.kind {
        case .datasetExportJob: try await exportDataset(job, flag)
        case .dataDeletionJob: try await deleteData(job, flag)
        case .batchInferenceJob: try await inferBatch(job, flag)
        case .batchSegmentJob: try await segmentBatch(job, flag)
        default: throw TrainingRefusal("\(job.kind.title) is not offered")
        }
    }

    /// The job, once it is recorded as being done; `nil` when there is nothing to do.
    private func begun(_ arn: String) async -> Resource? {
        let job = await insist { () async throws(PersonalizeError) in try await found(arn) }
        guard job?.status == .createPending else { return job?.status == .createInProgress ? job : nil }
        return await change(arn) { job in
            guard job.status == .createPending else { return false }
            job.status = .createInProgress
            return true
        }
    }

    private func end(_ job: Resource, _ result: JobResult) async throws {
        let ended = await insist { () async throws(PersonalizeError) -> Bool? in
            while true {
                var now = try await resource(job.kind, job.arn)
                now.status = .active
                for (name, value) in result.members { now.body[name] = value }
                var transition = result.transition
                transition.updates.append(now)
                if try await save(transition) { return true }
            }
        }
        if ended == nil { throw CancellationError() }
    }
}
