internal import CKernels

/// The instructions that the innermost loops are run with; the best the processor has, unless a test says otherwise.
///
/// All of them add in the same order; those with fused multiplication and addition give the same bytes.
public enum InstructionSet: Int, Sendable, CaseIterable {
    /// What every processor of the family has.
    case least
    /// AVX2, with fused multiplication and addition.
    case avx2
    /// AVX-512.
    case avx512

    /// The one in use on this thread.
    public static var current: InstructionSet { InstructionSet(rawValue: Int(millrace_instruction_set())) ?? .least }

    /// Runs a closure with this instruction set, as far as it works on this thread.
    ///
    /// - Parameter body: What to run.
    /// - Returns: What it returns, or nil where the processor does not have the instructions.
    /// - Throws: What it throws.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result? {
        let former = millrace_instruction_set()
        guard millrace_use(Int32(rawValue)) != 0 else { return nil }
        defer { _ = millrace_use(former) }
        return try body()
    }
}
