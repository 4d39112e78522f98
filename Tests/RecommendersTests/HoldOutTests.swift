import Testing

@testable import Recommenders

@Suite struct HoldOutTests {
    private func timeline(users: Int = 300) throws -> Interactions {
        var events = Events()
        for user in 0..<users {
            for step in 0..<(1 + user % 40) { events.append(user, (user + step * 7) % 120, Int64(step)) }
        }
        return try events.interactions(userCount: users, itemCount: 120)
    }

    @Test func `leave-last-out trains on all users and withholds only the newest event of each`() throws {
        let data = try timeline()
        let evaluation = Evaluation(data, holdOut: .leaveLastOut, seed: 3)
        #expect(evaluation.tests.map(\.user) == (0..<300).filter { data.range(user: $0).count >= 2 })
        for test in evaluation.tests {
            let history = Array(data.history(user: test.user))
            #expect(test.input == history.dropLast())
            #expect(test.relevant == [history[history.count - 1]])
            #expect(Array(evaluation.training.history(user: test.user)) == test.input)
        }
        #expect(evaluation.training.count == data.count - evaluation.tests.count)
        let single = try #require((0..<UInt32(300)).first { data.range(user: $0).count == 1 })
        #expect(evaluation.training.history(user: single).count == 1)
    }

    @Test(arguments: HoldOut.allCases)
    func `what items are like is known in training, whatever is withheld`(holdOut: HoldOut) throws {
        var data = try timeline()
        data.itemFeatures = .identity(itemCount: 120)
        data.itemTexts = data.itemFeatures
        data.itemCreations = [5, nil]
        data.actions = try ActionEvents(actions: [.init(value: 2)], events: [])
        let evaluation = Evaluation(data, holdOut: holdOut, seed: 3)
        #expect(evaluation.training.count < data.count)
        #expect(evaluation.training.itemFeatures == data.itemFeatures)
        #expect(evaluation.training.itemTexts == data.itemTexts)
        #expect(evaluation.training.itemCreations == data.itemCreations)
        #expect(evaluation.training.actions == data.actions)
        #expect(evaluation.training(from: data).itemFeatures == data.itemFeatures)
    }

    @Test func `strong generalisation keeps test users out of training and withholds a random fifth`() throws {
        let data = try timeline(users: 2000)
        let evaluation = Evaluation(data, holdOut: .strongGeneralization, seed: 3)
        #expect((140...260).contains(evaluation.tests.count))
        var newest = 0
        for test in evaluation.tests {
            let history = Array(data.history(user: test.user))
            let withheld = max(1, history.count / 5)
            #expect(test.input.count == history.count - withheld)
            #expect(evaluation.training.history(user: test.user).isEmpty)
            // What is told stays in the order of time.
            var rest = history[...]
            for item in test.input { rest = rest[(try #require(rest.firstIndex(of: item)) + 1)...] }
            if test.input == history.dropLast(withheld) { newest += 1 }
        }
        #expect(newest < evaluation.tests.count / 2)
        let users = Set(evaluation.tests.map(\.user))
        #expect(Set(Evaluation(data, seed: 3).tests.map(\.user)) == users)
        #expect(
            evaluation.training.count
                == (0..<UInt32(2000)).filter { !users.contains($0) }
                .reduce(0) { $0 + data.range(user: $1).count }
        )
    }

    @Test(arguments: HoldOut.allCases)
    func `a split follows the seed and the users' keys`(holdOut: HoldOut) throws {
        let data = try timeline()
        let keys = (0..<300).map { UInt64($0) &* 0x9E37_79B9 }
        let one = Evaluation(data, holdOut: holdOut, seed: 1, keys: keys)
        #expect(one.tests == Evaluation(data, holdOut: holdOut, seed: 1, keys: keys).tests)
        #expect(one.training == Evaluation(data, holdOut: holdOut, seed: 1, keys: keys).training)
        let other = Evaluation(data, holdOut: holdOut, seed: 2, keys: keys)
        #expect((other.tests == one.tests) == (holdOut == .leaveLastOut))
    }

    @Test(arguments: HoldOut.allCases)
    func `what is withheld is left out of other weights of the same events too`(holdOut: HoldOut) throws {
        let data = try Samples.groups()
        let evaluation = Evaluation(data, holdOut: holdOut, seed: 5)
        #expect(evaluation.training(from: data) == evaluation.training)
    }

    @Test(arguments: HoldOut.allCases)
    func `data without a user to spare has no tests and trains on all`(holdOut: HoldOut) throws {
        var single = Events()
        single.append(0, 0, 0)
        let evaluation = Evaluation(try single.interactions(userCount: 1, itemCount: 1), holdOut: holdOut)
        #expect(evaluation.tests.isEmpty)
        #expect(evaluation.training.count == 1)
        let model = try ModelConfiguration.popularity.fit(evaluation.training, context: TrainingContext())
        let report = evaluation.report(of: model, for: .popularityCount)
        #expect(report.userCount == 0)
        #expect(report.coverage == 0)
        #expect(report[.recall, at: 10] == 0)
        #expect(report.segments.isEmpty)
    }

    @Test func `each protocol has its name and says what it does`() {
        #expect(HoldOut.allCases.map(\.rawValue) == ["personalize", "leave-last-out", "strong-generalization"])
        #expect(HoldOut.allCases.allSatisfy { $0.summary.hasSuffix("predicted.") })
    }
}
