/// The id of a user, an item or a session, which is another when any of its bytes is.
///
/// Swift takes two ways of writing one accent for the same text; snapshots and models do not.
struct RecordID: Sendable, Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: RecordID, right: RecordID) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    // Texts of the same bytes have the same hash.
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
