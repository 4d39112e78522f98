internal import DurableFiles
internal import Glibc

/// Where the service keeps its files, under the home directory.
///
/// ```
/// data/     snapshots of datasets, each named by the hash of its content
/// models/   a model a solution version or a recommender
/// jobs/     what is done of each batch job that is going on
/// training/ the roots of custom recipes' trainings that are going on
/// ```
struct Files: Sendable {
    let data: String
    let models: String
    let jobs: String
    private let trainings: String

    /// Makes the directories and clears what a crash left unfinished.
    init(home: String) throws(FileError) {
        data = "\(home)/data"
        models = "\(home)/models"
        jobs = "\(home)/jobs"
        trainings = "\(home)/training"
        for directory in [data, models, jobs] {
            try DirectoryListing.create(directory)
            try AtomicFile.removeLeftovers(in: directory)
        }
        // A training that a crash has ended begins again, in a new root.
        try FileTree.remove(trainings)
        try DirectoryListing.create(trainings)
        guard unsafe chmod(trainings, 0o700) == 0 else { throw FileError("protect", trainings, code: errno) }
    }

    /// The model file of a solution version: `films-1a2b3c4d.model`.
    func model(of versionArn: String) -> String { "\(models)/\(Self.stem(versionArn)).model" }

    /// The file of ids and histories beside the model: `films-1a2b3c4d.index`.
    func index(of versionArn: String) -> String { "\(models)/\(Self.stem(versionArn)).index" }

    /// The ids of the actions that a model knows: `films-1a2b3c4d.actions`.
    func actions(of versionArn: String) -> String { "\(models)/\(Self.stem(versionArn)).actions" }

    /// The model by which a version's metrics were measured, from which updates are measured and by which versions are
    /// compared: `films-1a2b3c4d.measured`.
    func measuredModel(of versionArn: String) -> String { "\(models)/\(Self.stem(versionArn)).measured" }

    /// What the names of the files of a model end with.
    static let modelSuffixes = [".model", ".index", ".actions", ".measured", ".profile"]

    /// What the name of the directory of a custom recipe's model ends with.
    static let programSuffix = ".program"

    /// What the files of a version take on the disk.
    func bytes(ofVersion versionArn: String) -> Int {
        let files = Self.modelSuffixes.compactMap { FileTree.bytes(of: "\(models)/\(Self.stem(versionArn))\($0)") }
        let program = (try? FileTree.files(in: programModel(of: versionArn))) ?? []
        return files.reduce(0, +) + program.reduce(0) { $0 + $1.bytes }
    }

    /// The directory that the training of a custom recipe has left: `films-1a2b3c4d.program`.
    func programModel(of versionArn: String) -> String {
        "\(models)/\(Self.stem(versionArn))\(Self.programSuffix)"
    }

    /// Where a version of a custom recipe is trained.
    func training(of versionArn: String) -> String { "\(trainings)/\(Self.stem(versionArn))" }

    /// What the version was trained on, in figures, with which later imports are compared: `films-1a2b3c4d.profile`.
    func profile(of versionArn: String) -> String { "\(models)/\(Self.stem(versionArn)).profile" }

    /// What every model file of a recommender begins with; no name of a solution does, for names have no dots.
    static let recommenderPrefix = "recommender."

    /// What the files of a version, or of a recommender's model, are called before the dot.
    static func stem(_ versionArn: String) -> String {
        let path = String(ARN.path(of: versionArn)).replacing("/", with: "-")
        return ARN.isRecommender(versionArn) ? recommenderPrefix + path : path
    }

    /// Whether a snapshot's file is there.
    func hasData(_ name: String) -> Bool { Self.exists("\(data)/\(name)") }

    /// Whether there is a file.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
    /// The folder of a job: `batch-inference-job-weekly`.
    func job(_ job: Resource) -> String { "\(jobs)/\(job.kind.rawValue)-\(job.name)" }

    /// Removes the folders of all jobs but some.
    func keepJobs(_ kept: Set<String>) throws(FileError) {
        for name in try DirectoryListing.names(in: jobs) where !kept.contains("\(jobs)/\(name)") {
            try Self.removeFolder("\(jobs)/\(name)")
        }
    }

    /// Removes a folder of files; one that is gone already is fine.
    static func removeFolder(_ path: String) throws(FileError) {
        do throws(FileError) {
            for name in try DirectoryListing.names(in: path) { try remove("\(path)/\(name)") }
        } catch {
            if error.isMissing { return }
            throw error
        }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path, code: errno) }
    }

    /// Removes a file; one that is gone already is fine.
    static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw FileError("remove", path, code: errno)
        }
    }
}
