internal import ChildProcesses
internal import Glibc
internal import Personalize

/// How the programs of a recipe are run: as processes of this machine, or from an image by a container engine.
struct Runner: Sendable {
    let file: RecipeFile
    /// The container engine; `nil` where the recipe has programs.
    private let engine: String?

    /// The port that a container listens on, inside of it.
    private static let containerPort = 8080
    static let engines = ["podman", "docker"]

    /// How a recipe is run.
    ///
    /// - Parameters:
    ///   - file: The recipe.
    ///   - path: Where programs are looked for, as `PATH` has it.
    /// - Throws: `ProgramFault` when it needs a container engine and there is none.
    init(_ file: RecipeFile, path: String) throws(ProgramFault) {
        self.file = file
        guard let image = file.image else {
            engine = nil
            return
        }
        let candidates = Self.engines.flatMap { engine in path.split(separator: ":").map { "\($0)/\(engine)" } }
        let found = candidates.first { candidate in unsafe access(candidate, X_OK) == 0 }
        guard let found else {
            throw ProgramFault(
                .unavailable,
                "recipe \"\(file.recipe.name)\" is the image \"\(image)\", and neither podman nor docker is on the path "
                    + "\"\(path)\"; install one of them, or put programs train and serve into \(file.directory)"
            )
        }
        engine = found
    }

    /// The layout of a root, as the programs see it.
    func layout(_ root: String) -> ContainerLayout {
        ContainerLayout(root: root, seen: engine == nil ? root : "/opt/ml")
    }

    /// What trains.
    func training(_ training: ProgramTraining) throws -> ProcessCommand {
        let environment = try layout(training.root).environment(of: training)
        return command("train", environment, label: training.label, root: training.root, mounts: [])
    }

    /// What serves a model at a port of the loopback address.
    func serving(_ model: String, port: Int, root: String, label: String) -> ProcessCommand {
        let isContainer = engine != nil
        let environment = layout(root).environment(
            servingAt: isContainer ? Self.containerPort : port,
            model: isContainer ? "/opt/ml/model" : model
        )
        let mounts = [
            "--publish", "127.0.0.1:\(port):\(Self.containerPort)", "--volume", "\(model):/opt/ml/model:ro",
        ]
        return command("serve", environment, label: label, root: root, mounts: mounts)
    }

    /// Removes the container of a label, which outlives the program that started it where that is killed.
    func removal(of label: String) -> ProcessCommand? {
        engine.map { engine in
            ProcessCommand(
                program: engine,
                arguments: ["rm", "--force", Self.container(label)],
                environment: Self.engineEnvironment
            )
        }
    }

    private func command(
        _ work: String,
        _ environment: [String: String],
        label: String,
        root: String,
        mounts: [String]
    ) -> ProcessCommand {
        let variables = environment.merging(file.environment) { _, given in given }
        guard let engine, let image = file.image else {
            return ProcessCommand(
                program: "\(file.directory)/\(work)",
                arguments: [work],
                environment: variables,
                workingDirectory: file.directory,
                limits: ProcessLimits(residentMemory: file.memory)
            )
        }
        let memory = file.memory.map { ["--memory", "\($0)"] } ?? []
        let own = work == "train" ? ["--volume", "\(root):/opt/ml"] : []
        return ProcessCommand(
            program: engine,
            arguments: ["run", "--rm", "--init", "--name", Self.container(label)] + memory + own
                + (work == "serve" ? mounts : [])
                + variables.sorted { $0.key < $1.key }.filter { $0.key != "PATH" }
                .flatMap { ["--env", "\($0.key)=\($0.value)"] }
                + [image, work],
            environment: Self.engineEnvironment
        )
    }

    private static func container(_ label: String) -> String { "millrace-\(label)" }

    /// A container engine finds its configuration and its service by the environment of who started this service.
    private static var engineEnvironment: [String: String] {
        let names = [
            "PATH", "HOME", "USER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DOCKER_HOST",
            "DOCKER_CONFIG",
            "CONTAINER_HOST", "TMPDIR",
        ]
        return names.reduce(into: [:]) { environment, name in
            guard let value = unsafe getenv(name) else { return }
            environment[name] = unsafe String(cString: value)
        }
    }
}
