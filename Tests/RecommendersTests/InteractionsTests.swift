import Kernels
import Testing

@testable import Recommenders

@Suite struct InteractionsTests {
    @Test func `each user's events come from the oldest to the newest, identical ones once`() throws {
        var events = Events()
        for (user, item, time) in [(1, 5, 30), (0, 2, 10), (1, 5, 30), (1, 3, 20), (1, 5, 40), (1, 4, 30)] {
            events.append(user, item, Int64(time))
        }
        let data = try events.interactions(userCount: 3, itemCount: 6)
        #expect(Array(data.history(user: 0)) == [2])
        #expect(Array(data.history(user: 1)) == [3, 4, 5, 5])
        #expect(data.history(user: 2).isEmpty)
        #expect(data.timestamps == [10, 20, 30, 30, 40])
        #expect(data.count == 5)
        #expect(data.userCount(withAtLeast: 2) == 1)
        #expect(abs(data.repeatShare - 0.2) < 1e-12)
        #expect(data.weights.isEmpty)
    }

    @Test func `the order of rows and their spread over snapshots do not matter`() throws {
        var whole = try Samples.groups()
        whole.itemTexts = nil
        var first = Events()
        var second = Events()
        for user in (0..<UInt32(whole.userCount)).reversed() {
            for position in whole.range(user: user).reversed() {
                if position % 3 == 0 {
                    first.append(Int(user), Int(whole.items[position]), whole.timestamps[position])
                } else {
                    second.append(Int(user), Int(whole.items[position]), whole.timestamps[position])
                }
            }
        }
        let again = try Interactions([second.columns, first.columns, first.columns], userCount: 200, itemCount: 100)
        #expect(again == whole)
    }

    @Test(arguments: [0, 1, 7, 500, .max])
    func `how many events are put in order at once does not matter`(events: Int) throws {
        let whole = try Samples.groups()
        var columns = Events()
        for user in 0..<UInt32(whole.userCount) {
            for position in whole.range(user: user).reversed() {
                columns.append(Int(user), Int(whole.items[position]), whole.timestamps[position])
            }
        }
        var weighted = columns.columns
        weighted.weights = MappedArray((0..<columns.users.count).map { Float(1 + $0 % 3) })
        for columns in [columns.columns, weighted] {
            let parts = try Interactions([columns, columns], userCount: 203, itemCount: 100, eventsAtOnce: events)
            #expect(parts == (try Interactions([columns, columns], userCount: 203, itemCount: 100)))
            #expect(parts.count == whole.count)
        }
    }

    @Test func `a snapshot's own codes are translated, and left out where they have none`() throws {
        var events = Events()
        events.append(0, 0, 1)
        events.append(1, 1, 2)
        events.append(0, 1, 3)
        var columns = events.columns
        columns.userCodes = [7, EventColumns.none]
        columns.itemCodes = [4, 9]
        let data = try Interactions(columns, userCount: 8, itemCount: 10)
        #expect(data.count == 2)
        #expect(Array(data.history(user: 7)) == [4, 9])
    }

    @Test func `event types are weighted, and left out at zero`() throws {
        var events = Events()
        for item in 0..<4 { events.append(0, item, Int64(item)) }
        var columns = events.columns
        columns.types = MappedArray([0, 1, 2, 1])
        columns.weights = MappedArray([1, 1, 1, 3])
        columns.typeWeights = [1, 0.5, 0]
        let data = try Interactions(columns, userCount: 1, itemCount: 4)
        #expect(data.items == [0, 1, 3])
        #expect(data.weights == [1, 0.5, 1.5])
    }

    @Test func `columns that do not fit are refused`() throws {
        var events = Events()
        events.append(2, 3, 0)
        let good = events.columns
        #expect(throws: RecommenderError.self) { try Interactions(good, userCount: 2, itemCount: 4) }
        #expect(throws: RecommenderError.self) { try Interactions(good, userCount: 3, itemCount: 3) }
        var short = good
        short.timestamps = MappedArray([])
        #expect(throws: RecommenderError.self) { try Interactions(short, userCount: 3, itemCount: 4) }
        var coded = good
        coded.userCodes = [0, 0]
        #expect(throws: RecommenderError.self) { try Interactions(coded, userCount: 3, itemCount: 4) }
        coded.userCodes = [0, 0, 3]
        #expect(throws: RecommenderError.self) { try Interactions(coded, userCount: 3, itemCount: 4) }
        var weighted = good
        weighted.weights = MappedArray([-.infinity])
        #expect(throws: RecommenderError.self) { try Interactions(weighted, userCount: 3, itemCount: 4) }
        var typed = good
        typed.types = MappedArray([1])
        typed.typeWeights = [1]
        #expect(throws: RecommenderError.self) { try Interactions(typed, userCount: 3, itemCount: 4) }
    }

    @Test func `users can be left out with all codes kept`() throws {
        let data = try Samples.checkerboard(6)
        let rest = data.keepingUsers { $0 != 1 }
        #expect(rest.userCount == 6 && rest.itemCount == 6)
        #expect(rest.history(user: 1).isEmpty)
        #expect(Array(rest.history(user: 2)) == [0, 4])
        #expect(rest.count == data.count - 2)
    }

    @Test func `sets of items join, subtract and turn round`() {
        var set: ItemSet = [1, 64, 200]
        #expect(set.contains(64) && !set.contains(65) && !set.contains(9999))
        #expect(set.count == 3)
        set.formUnion([2, 1000])
        set.subtract([200])
        #expect(set == [1, 2, 64, 1000])
        #expect(ItemSet([1]).complement(below: 3) == [0, 2])
        #expect(ItemSet(allBelow: 130).count == 130)
        #expect(ItemSet(allBelow: 128).count == 128)
        #expect(ItemSet([5]).complement(below: 0).isEmpty)
        #expect(!set.isEmpty)
    }
}
