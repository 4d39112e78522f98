extension PersonalizeService {
    /// What can be set about the recommender service.
    ///
    /// | Key | Type | Default |
    /// | --- | --- | --- |
    /// | `region` | string | `us-east-1` |
    /// | `account` | twelve digits | `000000000000` |
    /// | `minimumInteractions` | integer ≥ 1 | 1000 |
    /// | `minimumUsers` | integer ≥ 1 | 25 |
    /// | `trainingThreads` | integer ≥ 1 | 2 |
    /// | `seed` | integer | 42 |
    /// | `historyLength` | integer ≥ 1 | 100 |
    /// | `maximumPendingImports` | integer ≥ 1 | 100 |
    /// | `maximumResourcesPerKind` | integer ≥ 1 | 10000 |
    /// | `maximumFiltersPerGroup` | integer ≥ 1 | 1000 |
    /// | `maximumFieldsPerFilter` | integer ≥ 1 | 100 |
    /// | `maximumFilteredFieldsPerGroup` | integer ≥ 1 | 1000 |
    /// | `maximumLiveEvents` | integer ≥ 1 | 200000 |
    /// | `maximumLiveRecords` | integer ≥ 1 | 1000 |
    /// | `maximumPutSnapshots` | integer ≥ 1 | 8 |
    /// | `maximumDeletionFileSize` | integer ≥ 1 | 52428800 |
    /// | `batchPartSize` | integer ≥ 1 | 65536 |
    public struct Configuration: Sendable {
        /// The region in every ARN.
        public var region = "us-east-1"
        /// The account in every ARN.
        public var account = "000000000000"
        /// How many interactions a training needs at least.
        public var minimumInteractions = 1000
        /// How many users with two interactions or more a training needs at least.
        public var minimumUsers = 25
        /// How many threads one training uses.
        public var trainingThreads = 2
        /// The seed of every training; the same data, configuration and seed give the same model.
        public var seed: UInt64 = 42
        /// How many of a user's latest interactions count when they are folded into a model that does not know them.
        public var historyLength = 100
        /// How many import jobs may be pending or in progress at one time.
        public var maximumPendingImports = 100
        /// How many resources of one kind may exist.
        public var maximumResourcesPerKind = 10_000
        /// How many filters a dataset group may have; 30 on AWS.
        public var maximumFiltersPerGroup = 1000
        /// How many distinct fields a filter may ask for; 10 on AWS.
        public var maximumFieldsPerFilter = 100
        /// How many distinct fields all filters of a dataset group together may ask for; 20 on AWS.
        public var maximumFilteredFieldsPerGroup = 1000
        /// How many events of a dataset gather, in memory and in the database, before they are written as a snapshot.
        public var maximumLiveEvents = 200_000
        /// How many users or items that were put one by one gather before they are written as a snapshot.
        public var maximumLiveRecords = 1000
        /// How many snapshots of what was put one by one a dataset has before they are merged.
        public var maximumPutSnapshots = 8
        /// How many bytes the files of users of one data deletion job may have.
        public var maximumDeletionFileSize = 50 << 20
        /// How many questions of a batch job make a part, which a crash does not undo once it is finished.
        public var batchPartSize = 65_536

        /// The defaults.
        public init() {}

        /// Every fault of the configuration, as place, fact and remedy; empty when it can be used.
        public func validate() -> [String] {
            var faults: [String] = []
            let counts = [
                ("minimumInteractions", minimumInteractions), ("minimumUsers", minimumUsers),
                ("trainingThreads", trainingThreads), ("historyLength", historyLength),
                ("maximumPendingImports", maximumPendingImports), ("maximumResourcesPerKind", maximumResourcesPerKind),
                ("maximumFiltersPerGroup", maximumFiltersPerGroup),
                ("maximumFieldsPerFilter", maximumFieldsPerFilter),
                ("maximumFilteredFieldsPerGroup", maximumFilteredFieldsPerGroup),
                ("maximumLiveEvents", maximumLiveEvents), ("maximumLiveRecords", maximumLiveRecords),
                ("maximumPutSnapshots", maximumPutSnapshots),
                ("maximumDeletionFileSize", maximumDeletionFileSize),
                ("batchPartSize", batchPartSize),
            ]
            for (name, value) in counts where value < 1 {
                faults.append("personalize.\(name) \"\(value)\" must be one or more")
            }
            if account.utf8.count != 12 || !account.utf8.allSatisfy({ (48...57).contains($0) }) {
                faults.append("personalize.account \"\(account)\" must be twelve digits")
            }
            if region.isEmpty || region.contains(":") {
                faults.append("personalize.region \"\(region)\" must be a name without \":\", such as \"us-east-1\"")
            }
            return faults
        }
    }
}
