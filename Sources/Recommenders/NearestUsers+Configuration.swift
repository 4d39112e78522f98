internal import Kernels

extension NearestUsers {
    /// The settings of nearest users.
    public struct Configuration: Sendable, Equatable {
        /// How many of the nearest users are asked what they liked, 30 by default.
        public var neighbours: Int
        /// The least weight of an event by which an item counts as liked; 0, the default, takes all events.
        public var likedThreshold: Double
        /// The most columns of the items' vectors, 512 by default.
        public var columns: Int
        /// The share of the ten nearest users that a search is to find, 0.97 by default.
        public var recall: Double

        /// Settings.
        ///
        /// - Parameters:
        ///   - neighbours: How many of the nearest users are asked.
        ///   - likedThreshold: The least weight of an event by which an item counts as liked.
        ///   - columns: The most columns of the items' vectors.
        ///   - recall: The share of the ten nearest users that a search is to find.
        public init(neighbours: Int = 30, likedThreshold: Double = 0, columns: Int = 512, recall: Double = 0.97) {
            self.neighbours = neighbours
            self.likedThreshold = likedThreshold
            self.columns = columns
            self.recall = recall
        }

        /// The settings by the names of the hyperparameters.
        var hyperparameters: [String: String] {
            [
                "neighbors": "\(neighbours)",
                "liked_threshold": "\(likedThreshold)",
                "dimensions": "\(columns)",
                "recall": "\(recall)",
            ]
        }
    }
}

extension Hyperparameter {
    static let nearestUsers = [
        Hyperparameter(
            name: "neighbors",
            defaultValue: "\(NearestUsers.Configuration().neighbours)",
            values: .integer(1...1000),
            isTunable: true,
            summary: "How many of the nearest users are asked what they liked."
        ),
        Hyperparameter(
            name: "liked_threshold",
            defaultValue: "0",
            values: .continuous(0...1e6),
            isTunable: false,
            summary: "The least weight of an event by which an item counts as liked."
        ),
        Hyperparameter(
            name: "dimensions",
            defaultValue: "\(NearestUsers.Configuration().columns)",
            values: .integer(8...4096),
            isTunable: false,
            summary: "The most columns of items' vectors."
        ),
        Hyperparameter(
            name: "recall",
            defaultValue: "\(NearestUsers.Configuration().recall)",
            values: .continuous(0.1...1),
            isTunable: false,
            summary: "The share of the ten nearest users that a search is to find."
        ),
    ]
}
