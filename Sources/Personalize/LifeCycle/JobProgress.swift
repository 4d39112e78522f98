public import JSON
internal import Synchronization

/// How far a training, an import or a batch job has come.
public struct JobProgress: Sendable, Equatable {
    /// What is being done: `READING`, `TRAINING`, `EVALUATING`, `TUNING`, `IMPORTING`, `RECOMMENDING`,
    /// `WRITING`.
    public var stage: String
    /// Which round of training, counted from 1; zero when the stage has none.
    public var epoch: Int
    /// How many rounds there will be; zero when the stage has none.
    public var epochs: Int
    /// The share of the stage that is done, 0 to 1.
    public var share: Double
    /// How many rows were read so far, where rows are read.
    public var rows: Int
    /// Which settings are being tried, counted from 1; zero when none are.
    public var trial: Int
    /// How many settings will be tried; zero when none are.
    public var trials: Int

    /// JobProgress in a stage.
    public init(
        stage: String,
        epoch: Int = 0,
        epochs: Int = 0,
        share: Double = 0,
        rows: Int = 0,
        trial: Int = 0,
        trials: Int = 0
    ) {
        self.stage = stage
        self.epoch = epoch
        self.epochs = epochs
        self.share = share
        self.rows = rows
        self.trial = trial
        self.trials = trials
    }

    /// As `Describe…` shows it.
    public var json: JSON {
        var answer: JSON = ["stage": .string(stage), "share": .double(share)]
        if epochs > 0 {
            answer["epoch"] = JSON(epoch)
            answer["epochs"] = JSON(epochs)
        }
        if trials > 0 {
            answer["trial"] = JSON(trial)
            answer["trials"] = JSON(trials)
        }
        if rows > 0 { answer["rows"] = JSON(rows) }
        return answer
    }
}

/// The progress of everything that is going on.
final class ProgressTable: Sendable {
    private let table = Mutex<[String: JobProgress]>([:])

    var all: [String: JobProgress] { table.withLock(\.self) }

    subscript(arn: String) -> JobProgress? {
        get { table.withLock { $0[arn] } }
        set { table.withLock { $0[arn] = newValue } }
    }
}
