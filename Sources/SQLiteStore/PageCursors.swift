internal import DurableExecution
internal import FoundationEssentials
internal import GRDB
internal import JSON

extension Date {
    /// How the store keeps dates.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

/// The last row of a page of a list that runs by date.
struct ListCursor {
    var date: Int64
    var id: Int64

    init(date: Int64, id: Int64) {
        self.date = date
        self.id = id
    }

    /// Reads a token; throws `InvalidToken` for one that was not made here.
    init(token: String) throws {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "list", let date = Int64(parts[1]), let id = Int64(parts[2]) else {
            throw ExecutionError(.invalidToken, "Invalid Token: 'Invalid token'")
        }
        self.init(date: date, id: id)
    }

    /// Makes a page of rows of which one more than wanted was asked for.
    static func page<T>(
        _ rows: [Row],
        limit: Int,
        date: String,
        id: String = "id",
        _ element: (Row) throws -> T
    ) rethrows -> Page<T> {
        let shown = rows.prefix(limit)
        guard rows.count > limit, let last = shown.last else { return Page(try shown.map(element)) }
        let cursor = ListCursor(date: last[date], id: last[id])
        return Page(try shown.map(element), nextToken: "list.\(cursor.date).\(cursor.id)")
    }
}

/// The last row of a page of a list that runs by name.
struct NameCursor {
    var name: String

    init(name: String) { self.name = name }

    /// Reads a token; throws `InvalidToken` for one that was not made here.
    init(token: String) throws {
        guard token.hasPrefix("name.") else { throw ExecutionError(.invalidToken, "Invalid Token: 'Invalid token'") }
        self.init(name: String(token.dropFirst("name.".count)))
    }

    /// Makes a page of rows of which one more than wanted was asked for.
    static func page<T>(_ rows: [Row], limit: Int, name: String, _ element: (Row) -> T) -> Page<T> {
        let shown = rows.prefix(limit)
        guard rows.count > limit, let last = shown.last else { return Page(shown.map(element)) }
        let lastName: String = last[name]
        return Page(shown.map(element), nextToken: "name.\(lastName)")
    }
}

/// The first event of a page of a history.
struct HistoryCursor {
    var event: Int

    static func start(isReversed: Bool) -> HistoryCursor { HistoryCursor(event: isReversed ? .max : 1) }

    private init(event: Int) { self.event = event }

    /// Reads a token; throws `InvalidToken` for one that was not made here.
    init(token: String) throws {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "event", let event = Int(parts[1]), event > 0 else {
            throw ExecutionError(.invalidToken, "Invalid Token: 'Invalid token'")
        }
        self.event = event
    }

    func includes(_ json: JSON, isReversed: Bool) -> Bool {
        let id = json["id"]?.int ?? 0
        return isReversed ? id <= event : id >= event
    }

    /// Makes a page of events of which at least one more than wanted was collected, if there is one.
    static func page(_ events: [JSON], limit: Int) -> Page<JSON> {
        guard events.count > limit, let next = events[limit]["id"]?.int else { return Page(events) }
        return Page(Array(events.prefix(limit)), nextToken: "event.\(next)")
    }
}
