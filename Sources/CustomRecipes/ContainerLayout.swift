internal import ChildProcesses
internal import DurableFiles
internal import Glibc
internal import JSON
internal import Personalize

/// The directory that stands for `/opt/ml`, and the environment that a program finds it by.
///
/// ```
/// input/config/hyperparameters.json  inputdataconfig.json  resourceconfig.json
/// input/data/CHANNEL/…
/// model/            what is kept of a training
/// output/failure    why it failed, in the program's own words
/// output/data/      what else it writes; not kept
/// ```
struct ContainerLayout: Sendable {
    /// Where it is on this machine.
    let root: String
    /// Where the program sees it: the same, or `/opt/ml` in a container.
    let seen: String

    /// Longer words of a program about its failure are cut.
    private static let longestFailure = 1024

    /// Writes what a training finds, beside the channels, which are there.
    func prepare(_ training: ProgramTraining) throws {
        for directory in ["input/config", "model", "output/data", "tmp"] {
            try DirectoryListing.create("\(root)/\(directory)")
        }
        let hyperparameters = JSON.object(
            JSONObject(training.hyperparameters.sorted { $0.key < $1.key }.map { ($0, .string($1)) })
        )
        try write(hyperparameters, "hyperparameters.json")
        try write(dataConfig(try channels()), "inputdataconfig.json")
        try write(Self.resourceConfig, "resourceconfig.json")
    }

    private func write(_ value: JSON, _ name: String) throws {
        try AtomicFile.write(value.utf8, to: "\(root)/input/config/\(name)")
    }

    private func channels() throws -> [String] { try DirectoryListing.names(in: "\(root)/input/data").sorted() }

    private func dataConfig(_ channels: [String]) -> JSON {
        let entry: JSON = [
            "ContentType": "text/csv", "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        ]
        return .object(JSONObject(channels.map { ($0, entry) }))
    }

    private static let resourceConfig: JSON = [
        "current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo",
    ]

    /// The variables of a training.
    func environment(of training: ProgramTraining) throws -> [String: String] {
        let channels = try channels()
        var variables = [
            "SM_MODEL_DIR": "\(seen)/model",
            "SM_INPUT_DIR": "\(seen)/input",
            "SM_INPUT_CONFIG_DIR": "\(seen)/input/config",
            "SM_INPUT_DATA_CONFIG": dataConfig(channels).text,
            "SM_RESOURCE_CONFIG": Self.resourceConfig.text,
            "SM_OUTPUT_DIR": "\(seen)/output",
            "SM_OUTPUT_DATA_DIR": "\(seen)/output/data",
            "SM_CHANNELS": JSON.array(channels.map(JSON.string)).text,
            "SM_CURRENT_HOST": "algo-1",
            "SM_HOSTS": "[\"algo-1\"]",
            "SM_NUM_CPUS": "\(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))",
            "SM_NUM_GPUS": "0",
            "SM_HPS": JSON.object(
                JSONObject(training.hyperparameters.sorted { $0.key < $1.key }.map { ($0, .string($1)) })
            ).text,
            "TRAINING_JOB_NAME": training.label,
        ]
        for channel in channels { variables["SM_CHANNEL_\(channel.uppercased())"] = "\(seen)/input/data/\(channel)" }
        for (name, value) in training.hyperparameters { variables["SM_HP_\(name.uppercased())"] = value }
        return variables.merging(common) { own, _ in own }
    }

    /// The variables of a program that serves a model.
    func environment(servingAt port: Int, model: String) -> [String: String] {
        [
            "SM_MODEL_DIR": model, "SAGEMAKER_BIND_TO_PORT": "\(port)", "SAGEMAKER_SAFE_PORT_RANGE": "\(port)-\(port)",
            "PORT": "\(port)", "HOST": seen == root ? "127.0.0.1" : "0.0.0.0",
        ].merging(common) { own, _ in own }
    }

    /// What every program finds.
    private var common: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "HOME": seen, "TMPDIR": seen == root ? "\(root)/tmp" : "/tmp", "SM_ROOT_DIR": seen,
            // So that what a Python program prints is in the log when it ends badly, and nothing is written beside it.
            "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
        ]
    }

    /// What the program says of its failure; `nil` when it says nothing.
    var failure: String? {
        guard var file = try? FileReader("\(root)/output/failure") else { return nil }
        var bytes: [UInt8] = []
        _ = try? file.read(appendingTo: &bytes, count: Self.longestFailure)
        let text = String(decoding: bytes, as: UTF8.self)
        let trimmed = text.drop(while: \.isWhitespace)
        guard !trimmed.isEmpty else { return nil }
        return String(trimmed.reversed().drop(while: \.isWhitespace).reversed())
    }
}
