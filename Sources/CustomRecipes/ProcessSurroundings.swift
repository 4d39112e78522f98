internal import DurableFiles
internal import Logging
internal import Personalize

/// What the processes of recipes find around them.
struct ProcessSurroundings: Sendable {
    let recipes: RecipeDirectory
    /// Where serving programs have a directory for themselves.
    let folders: String
    /// Where logs are kept.
    let logs: String
    /// Where container engines are looked for, as `PATH` has it.
    let path: String
    let clock: any Clock<Duration>
    let logger: Logger

    /// Now, by a clock that nobody can set back.
    var now: ContinuousClock.Instant { .now }

    /// A recipe's description.
    ///
    /// - Throws: `ProgramFault` with every fault of it.
    func read(_ recipe: String) throws(ProgramFault) -> RecipeFile? {
        do throws(PersonalizeError) {
            return try recipes.file(recipe)
        } catch {
            throw ProgramFault(.unavailable, error.message)
        }
    }

    /// The log of a program: `logs/recipes/training/films-1a2b3c4d.log`.
    func logPath(_ work: String, _ label: String) -> String {
        let directory = "\(logs)/\(work)"
        try? DirectoryListing.create(directory)
        return "\(directory)/\(label).log"
    }

    /// Makes the directory that a serving program has for itself, empty.
    func makeFolder(_ label: String) throws -> String {
        let folder = "\(folders)/\(label)"
        try FileTree.remove(folder)
        try DirectoryListing.create("\(folder)/tmp")
        return folder
    }

    /// Removes it; what cannot be removed is removed at the next start.
    func removeFolder(_ label: String) async { try? FileTree.remove("\(folders)/\(label)") }
}
