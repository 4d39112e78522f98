public import FoundationEssentials
public import JSON

/// Makes the inputs of a Map Run's children, item by item.
///
/// ```swift
/// let inputs = MapRunInputs(of: definition, request)
/// let input = try inputs?.input(of: item, at: 17, now: now)
/// let batch = inputs?.batch(of: [input])
/// ```
public struct MapRunInputs: Sendable {
    private let selector: Template?
    private let scope: MapRunScope
    private let batchInput: JSON?

    /// What is needed for the children of a Map Run.
    ///
    /// There is nothing when the definition has no such state or the request was not made by an interpreter.
    ///
    /// - Parameters:
    ///   - definition: The machine whose execution asked for the run.
    ///   - request: What it asked for.
    public init?(of definition: Definition, _ request: MapRunRequest) {
        guard case .map(let map)? = definition.statesByName[request.stateName]?.kind,
            let scope = MapRunScope(json: request.scope)
        else { return nil }
        selector = map.itemSelector
        batchInput = request.batch?.input
        self.scope = scope
    }

    /// What `ItemSelector` makes of an item; where there is none the item itself, or the pair of a name and a value.
    ///
    /// The same item at the same place has the same input however often it is asked for.
    ///
    /// - Parameters:
    ///   - item: `$$.Map.Item.Value`.
    ///   - index: `$$.Map.Item.Index`, from 0.
    ///   - key: `$$.Map.Item.Key`, the name of a member where the run walks through an object.
    ///   - source: `$$.Map.Item.Source`, where the item was read from.
    ///   - now: What `$now` answers.
    /// - Returns: The input of a child, or a part of a batch.
    /// - Throws: `StatesError` where the selector cannot be evaluated; the Map state fails of it.
    public func input(
        of item: JSON,
        at index: Int,
        key: String? = nil,
        source: String? = nil,
        now: Date
    ) throws(StatesError) -> JSON {
        guard let selector else { return key.map { ["Key": .string($0), "Value": item] } ?? item }
        var context = scope.context
        context.mapItem = ContextObject.MapItem(index: index, value: item, key: key, source: source)
        var evaluator = Evaluator(
            input: scope.input,
            surroundings: Surroundings(context: context, variables: VariableScope(scope.variables)),
            generator: SeededGenerator(seed: scope.seed &+ UInt64(index)),
            states: .init(input: scope.input),
            now: now
        )
        do throws(StatesError) {
            return try evaluator.value(of: selector)
        } catch {
            throw error.placed(in: context.stateName, enteredAt: scope.enteredEvent)
        }
    }

    /// The input of a child that takes a batch: `{"BatchInput": …, "Items": […]}`.
    ///
    /// - Parameter inputs: What `input` made of the items.
    /// - Returns: The child's input.
    public func batch(of inputs: [JSON]) -> JSON {
        var object = JSONObject()
        object["BatchInput"] = batchInput
        object["Items"] = .array(inputs)
        return .object(object)
    }
}
