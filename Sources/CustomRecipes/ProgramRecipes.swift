internal import DurableFiles
public import Logging
public import Personalize
public import ServiceLifecycle
internal import Synchronization

/// Custom recipes: a directory each, with `recipe.json`, `train` and `serve`, run as processes or as containers.
///
/// It runs for as long as the service; at a shutdown the programs that serve are ended after whoever asks them.
public final class ProgramRecipes: RecipePrograms, Service {
    private let surroundings: ProcessSurroundings
    private let serving = Mutex<[ObjectIdentifier: ServingProcess]>([:])
    private let complaints = Mutex<[String: String]>([:])

    /// Recipes of a directory.
    ///
    /// - Parameters:
    ///   - directory: The directory, which need not exist.
    ///   - home: Where programs that serve have a directory of their own, and where logs are kept.
    ///   - path: Where container engines are looked for, as `PATH` has it.
    ///   - clock: Measures the pauses before a program that has ended is started again.
    ///   - logger: Where it tells what happens.
    /// - Throws: `FileError` when a directory cannot be made.
    public init(
        directory: String,
        home: String,
        path: String,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) throws {
        surroundings = ProcessSurroundings(
            recipes: RecipeDirectory(path: directory.hasPrefix("/") ? directory : Self.absolute(directory)),
            folders: Self.absolute("\(home)/serving"),
            logs: Self.absolute("\(home)/logs/recipes"),
            path: path,
            clock: clock,
            logger: logger
        )
        try FileTree.remove(surroundings.folders)
        try DirectoryListing.create(surroundings.folders)
    }

    /// Programs find their way by absolute paths, wherever they start.
    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(CurrentDirectory.path)/\(path)"
    }

    /// Waits for the shutdown and then ends what serves.
    public func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }

    /// Ends all programs that serve, and waits for their end.
    public func stop() async {
        let running = serving.withLock { Array($0.values) }
        await withDiscardingTaskGroup { group in
            for process in running { group.addTask { await process.stop() } }
        }
    }

    /// The recipes that there are now; the log is told once of what cannot be used.
    public func recipes() -> [CustomRecipe] {
        surroundings.recipes.names.compactMap { name in
            do throws(PersonalizeError) {
                return try recipe(name)
            } catch {
                let isNew = complaints.withLock { $0.updateValue(error.message, forKey: name) != error.message }
                if isNew {
                    surroundings.logger.warning("a recipe cannot be used", metadata: ["reason": "\(error.message)"])
                }
                return nil
            }
        }
    }

    /// The recipe of a name.
    public func recipe(_ name: String) throws(PersonalizeError) -> CustomRecipe? {
        try surroundings.recipes.file(name)?.recipe
    }

    /// Runs a training.
    public func train(_ training: ProgramTraining) async throws -> [String: Double] {
        guard let file = try surroundings.read(training.recipe) else {
            throw ProgramFault(.failed, "recipe \"\(training.recipe)\" does not exist any more")
        }
        let process = TrainingProcess(
            runner: try Runner(file, path: surroundings.path),
            training: training.absolute,
            log: ProgramLog(surroundings.logPath("training", training.label)),
            clock: surroundings.clock
        )
        return try await process.run()
    }

    /// Starts what serves.
    public func serve(_ recipe: String, model: String, label: String) -> any ServedProgram {
        let process = ServingProcess(
            recipe: recipe,
            model: Self.absolute(model),
            label: label,
            surroundings
        )
        let id = ObjectIdentifier(process)
        serving.withLock { $0[id] = process }
        Task {
            await process.begin()
            await process.ended()
            _ = serving.withLock { $0.removeValue(forKey: id) }
        }
        return process
    }
}

extension ProgramTraining {
    fileprivate var absolute: ProgramTraining {
        var training = self
        if !root.hasPrefix("/") { training.root = "\(CurrentDirectory.path)/\(root)" }
        return training
    }
}
