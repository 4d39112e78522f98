import JSON
import StatesLanguage

/// How the interpreter's state is kept between two transitions.
enum StateCodec {
    static func encode(_ state: ExecutionState) -> String { state.json.text }

    static func decode(_ text: String) throws -> ExecutionState { try ExecutionState(json: JSON(parsing: text)) }
}
