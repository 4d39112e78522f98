import Kernels
import Recommenders
import Testing

/// Data that is extreme but allowed, each kind by its name.
struct BadInput: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// How many users and items the codes are of.
    let size: (users: Int, items: Int)
    let columns: @Sendable () -> EventColumns
    var features: (@Sendable () -> ItemFeatures)?

    func interactions() throws -> Interactions {
        var data = try Interactions(columns(), userCount: size.users, itemCount: size.items)
        data.itemFeatures = features?()
        return data
    }

    /// Rows by a closure, with weights where it gives any.
    init(
        _ name: String,
        users: Int,
        items: Int,
        rows: Int,
        _ row: @escaping @Sendable (Int) -> (user: Int, item: Int, time: Int64, weight: Float?)
    ) {
        testDescription = name
        size = (users, items)
        columns = {
            let rows = (0..<rows).map(row)
            var columns = EventColumns(
                users: MappedArray(rows.map { UInt32($0.user) }),
                items: MappedArray(rows.map { UInt32($0.item) }),
                timestamps: MappedArray(rows.map(\.time))
            )
            let weights = rows.compactMap(\.weight)
            if weights.count == rows.count { columns.weights = MappedArray(weights) }
            return columns
        }
    }
}

extension BadInput {
    static let small: [BadInput] = [
        BadInput("one event", users: 1, items: 1, rows: 1) { _ in (0, 0, 0, nil) },
        BadInput("one user", users: 1, items: 40, rows: 40) { (0, $0, Int64($0), nil) },
        BadInput("one item", users: 40, items: 1, rows: 40) { ($0, 0, 0, nil) },
        BadInput("one item, met again and again", users: 40, items: 1, rows: 400) { ($0 % 40, 0, Int64($0), nil) },
        BadInput("one row a thousand times", users: 2, items: 2, rows: 1000) { _ in (0, 0, 7, nil) },
        BadInput("every row twice", users: 30, items: 20, rows: 600) {
            ($0 / 2 % 30, $0 / 2 % 7, Int64($0 / 2), nil)
        },
        BadInput("every user with every item, at one time", users: 30, items: 20, rows: 600) {
            ($0 / 20, $0 % 20, 7, nil)
        },
        BadInput("all ratings equal", users: 30, items: 20, rows: 400) { ($0 % 30, $0 % 19, Int64($0), 3) },
        BadInput("events with no user in common", users: 60, items: 60, rows: 60) { ($0, $0, Int64($0), nil) },
        BadInput("times of all kinds", users: 30, items: 8, rows: 180) {
            let times: [Int64] = [.min, -1, 0, 1_700_000_000, 1_700_000_000_000, 9_000_000_000, .max]
            return ($0 % 30, ($0 / 30 + $0) % 8, times[$0 % 7], nil)
        },
        BadInput("times in milliseconds", users: 30, items: 8, rows: 180) {
            ($0 % 30, $0 % 7, 1_700_000_000_000 + Int64($0) * 60_000, nil)
        },
        BadInput("weights huge and tiny", users: 30, items: 20, rows: 400) {
            let weights: [Float] = [.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e30, 1e-30, 1]
            return ($0 % 30, $0 % 19, Int64($0 / 200), weights[$0 % 5])
        },
        BadInput("weights of which most are zero", users: 30, items: 20, rows: 400) {
            ($0 % 30, $0 % 19, Int64($0), $0 % 9 == 0 ? 1 : 0)
        },
        BadInput("codes of which few are used", users: 5000, items: 5000, rows: 60) {
            ($0 % 6 * 900, $0 % 10 * 499, Int64($0), nil)
        },
    ]

    static let large: [BadInput] = [
        BadInput("a user who has met 20,000 items", users: 50, items: 20_000, rows: 20_245) {
            $0 < 20_000 ? (0, $0, Int64($0), nil) : (1 + $0 % 49, ($0 % 49 + $0 / 49 * 7) % 60, Int64($0), nil)
        },
        BadInput("a user with 100,000 events of 300 items", users: 50, items: 300, rows: 100_245) {
            $0 < 100_000 ? (0, $0 * 7 % 300, Int64($0), nil) : (1 + $0 % 49, $0 * 11 % 60, Int64($0), nil)
        },
        {
            var input = BadInput("categories of 100,000 values", users: 60, items: 2000, rows: 3000) {
                ($0 % 60, $0 * 13 % 1900, Int64($0), nil)
            }
            input.features = {
                var builder = ItemFeatures.Builder(itemCount: 2000)
                for value in 0..<100_000 {
                    for item in [value % 2000, value * 7 % 2000] {
                        builder.add("v\(value)", field: "CATEGORY", to: UInt32(item))
                    }
                }
                return builder.features()
            }
            return input
        }(),
        {
            var input = BadInput("features that say nothing or too much", users: 40, items: 60, rows: 800) {
                ($0 % 40, $0 % 37, Int64($0), nil)
            }
            input.features = {
                var builder = ItemFeatures.Builder(itemCount: 60)
                for item in 0..<UInt32(70) {
                    builder.add("same", field: "GENRE", to: item)
                    builder.add("", field: "", to: item, weight: .infinity)
                    builder.add(
                        item % 2 == 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude,
                        field: "A",
                        to: item
                    )
                    builder.add(item % 3 == 0 ? .nan : .leastNonzeroMagnitude, field: "B", to: item)
                }
                return builder.features()
            }
            return input
        }(),
    ]
}

extension Recipe {
    /// Settings for little data and a short test, by the names of the hyperparameters, whatever recipes there are.
    var brisk: [String: String] {
        let wanted = [
            "epochs": "2", "n_epochs": "2", "hidden_dimension": "32", "n_factors": "8", "min_cointeraction_count": "1",
        ]
        let known = Set(hyperparameters.map(\.name))
        return wanted.filter { known.contains($0.key) }
    }
}
