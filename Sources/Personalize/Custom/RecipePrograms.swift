/// Recipes that are programs of the user's; supplied by whoever can start processes.
public protocol RecipePrograms: Sendable {
    /// The recipes that there are now, by name; those whose description cannot be used are left out.
    func recipes() -> [CustomRecipe]

    /// The recipe of a name, as it is now.
    ///
    /// - Parameter name: Its name.
    /// - Returns: The recipe; `nil` when there is none.
    /// - Throws: `PersonalizeError` with `invalidInput` that tells every fault of its description.
    func recipe(_ name: String) throws(PersonalizeError) -> CustomRecipe?

    /// Runs a recipe's training to its end.
    ///
    /// - Parameter training: What is trained, and where.
    /// - Returns: The metrics that it told, each as it was told last.
    /// - Throws: `ProgramFault` when the program ends badly, `CancellationError` when it was stopped.
    func train(_ training: ProgramTraining) async throws -> [String: Double]

    /// Starts to serve a model; questions may be asked at once and wait until the program answers.
    ///
    /// - Parameters:
    ///   - recipe: The recipe's name.
    ///   - model: The directory that the training has left.
    ///   - label: What the process and its log are called.
    /// - Returns: What serves.
    func serve(_ recipe: String, model: String, label: String) -> any ServedProgram
}

/// A training of a custom recipe.
public struct ProgramTraining: Sendable {
    /// The recipe's name.
    public var recipe: String
    /// The directory that stands for `/opt/ml`; the channels are in `input/data` already.
    public var root: String
    /// All hyperparameters.
    public var hyperparameters: [String: String]
    /// What the process and its log are called: `films-1a2b3c4d`.
    public var label: String

    /// A training.
    public init(recipe: String, root: String, hyperparameters: [String: String], label: String) {
        self.recipe = recipe
        self.root = root
        self.hyperparameters = hyperparameters
        self.label = label
    }
}

/// A program that serves a model, started again whenever it ends by itself.
public protocol ServedProgram: Sendable {
    /// Waits until the program answers.
    ///
    /// - Throws: `ProgramFault` when it has ended, or has not answered in time.
    func waitUntilReady() async throws

    /// Asks a question.
    ///
    /// - Parameter question: What is asked.
    /// - Returns: What the program answered, whatever its status; `nil` when another serves in its place.
    /// - Throws: `ProgramFault` when it does not answer.
    func invoke(_ question: ProgramMessage) async throws(ProgramFault) -> ProgramAnswer?

    /// Ends the program once the questions in hand are answered; later ones are for what has taken its place.
    func retire()
}

/// What goes to a program or comes from one: bytes and what they are.
public struct ProgramMessage: Sendable, Equatable {
    /// The bytes.
    public var body: [UInt8]
    /// What they are.
    public var contentType: String
    /// What is wanted in answer; whatever the program likes when `nil`.
    public var accept: String?

    /// A message.
    public init(body: [UInt8], contentType: String, accept: String? = nil) {
        self.body = body
        self.contentType = contentType
        self.accept = accept
    }
}

/// What a program answered.
public struct ProgramAnswer: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// The body, and what it is.
    public var message: ProgramMessage

    /// An answer.
    public init(status: Int, message: ProgramMessage) {
        self.status = status
        self.message = message
    }
}

/// Why a program has not done what it was to do.
public struct ProgramFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable, Equatable {
        /// It does not run, or does not answer yet.
        case unavailable
        /// It took too long.
        case timedOut
        /// What it did makes no sense.
        case failed
    }

    /// What kind of fault it is.
    public let code: Code
    /// Place, fact and, where there is one, remedy.
    public let message: String

    /// A fault.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
