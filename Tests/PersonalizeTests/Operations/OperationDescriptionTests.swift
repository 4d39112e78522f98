import Testing

@testable import Personalize

/// What the manual says of operations.
@Suite struct OperationDescriptionTests {
    @Test func `every operation is described once, and every note is of one`() {
        let names = PersonalizeService.operations.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(names) == Set(Operation.table.keys).union(OperationNotes.paths.keys))
        #expect(OperationNotes.all.keys.filter { !names.contains($0) } == [])
        #expect(OperationNotes.all.values.allSatisfy { !$0.isEmpty && !$0.contains("|") })
    }
}
