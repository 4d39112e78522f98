/// The system of one row: (G + λI + Σ c h hᵀ) x = Σ c h.
@unsafe
struct RowSystem {
    let fixed: UnsafePointer<Vector>
    let gram: UnsafePointer<Vector>
    let columns: Int
    let vectors: Int
    let regularization: Float
    let observed: UnsafePointer<UInt32>
    let weights: UnsafePointer<Float>
    let count: Int

    func solve(
        _ solution: UnsafeMutablePointer<Vector>,
        solver: ImplicitLeastSquares.Solver,
        workspace: inout Workspace
    ) {
        switch solver {
        case .cholesky:
            let isSolved = unsafe workspace.system.withUnsafeMutableVectors { unsafe solveExactly(solution, in: $0) }
            if !isSolved {
                for index in unsafe 0..<vectors { unsafe solution[index] = .zero }
                unsafe solve(solution, solver: .conjugateGradient(steps: columns), workspace: &workspace)
            }
        case .conjugateGradient(let steps):
            unsafe workspace.directions.withUnsafeMutableVectors { unsafe descend(solution, steps: steps, in: $0) }
        }
    }

    private func solveExactly(
        _ solution: UnsafeMutablePointer<Vector>,
        in system: UnsafeMutablePointer<Vector>
    ) -> Bool {
        unsafe system.update(from: gram, count: columns * vectors)
        for index in unsafe 0..<vectors { unsafe solution[index] = .zero }
        for row in unsafe 0..<columns { unsafe system[row * vectors + row >> 2][row & 3] += regularization }
        unsafe forEachFour { rows, weights in
            unsafe rows.addOuterProduct(factors: weights, to: system, columns, vectors)
            unsafe rows.add(factors: weights, to: solution, vectors)
        }
        return unsafe Cholesky.solve(system, solution, columns: columns, vectors: vectors)
    }

    /// Conjugate gradient from the present solution.
    private func descend(
        _ solution: UnsafeMutablePointer<Vector>,
        steps: Int,
        in memory: UnsafeMutablePointer<Vector>
    ) {
        let (residual, direction, image) = unsafe (memory, memory + vectors, memory + 2 * vectors)
        unsafe apply(to: solution, target: 1, into: residual)
        for index in unsafe 0..<vectors {
            unsafe residual[index] = -residual[index]
            unsafe direction[index] = residual[index]
        }
        var norm = unsafe dot(residual, residual, vectors)
        for _ in 0..<steps {
            guard norm > 1e-20 else { return }
            unsafe apply(to: direction, target: 0, into: image)
            let length = unsafe norm / dot(direction, image, vectors)
            unsafe add(length, direction, to: solution, vectors)
            unsafe add(-length, image, to: residual, vectors)
            let next = unsafe dot(residual, residual, vectors)
            let share = next / norm
            for index in unsafe 0..<vectors { unsafe direction[index] = residual[index] + direction[index] * share }
            norm = next
        }
    }

    /// (G + λI) x + Σ c (hᵀx − target) h.
    @inline(__always)
    private func apply(
        to point: UnsafeMutablePointer<Vector>,
        target: Float,
        into image: UnsafeMutablePointer<Vector>
    ) {
        for index in unsafe 0..<vectors { unsafe image[index] = point[index] * regularization }
        for vector in unsafe 0..<vectors {
            let rows = unsafe FourRows(
                gram + vector &* 4 &* vectors,
                stride: vectors,
                count: min(4, columns &- vector &* 4)
            )
            unsafe image[vector] += dots(point, rows.rows, vectors) * rows.present
        }
        unsafe forEachFour { rows, weights in
            let errors = unsafe (dots(point, rows.rows, vectors) - target) * weights
            unsafe rows.add(factors: errors, to: image, vectors)
        }
    }

    /// Calls a closure with four observed rows at a time and their weights; rows that are not there weigh zero.
    @inline(__always)
    private func forEachFour(_ body: (FourRows, Vector) -> Void) {
        var position = 0
        while unsafe position &+ 4 <= count {
            let rows = unsafe FourRows(fixed, stride: vectors, numbers: observed + position, count: 4)
            unsafe body(
                rows,
                Vector(
                    weights[position],
                    weights[position &+ 1],
                    weights[position &+ 2],
                    weights[position &+ 3]
                )
            )
            position &+= 4
        }
        guard unsafe position < count else { return }
        var rest = Vector.zero
        for index in unsafe position..<count { unsafe rest[index &- position] = weights[index] }
        unsafe body(
            FourRows(fixed, stride: vectors, numbers: observed + position, count: count &- position),
            rest
        )
    }
}
