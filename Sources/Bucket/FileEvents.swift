internal import CInotifyTools
internal import DurableFiles
internal import Foundation
internal import Glibc
internal import Synchronization

/// Something that happened in a watched folder.
struct FileEvent: Sendable, Equatable {
    enum Kind: Sendable {
        /// A file was closed after writing, or renamed in.
        case completed
        /// A folder was made or moved in.
        case folderAppeared
        /// A folder was moved out.
        case folderLeft
        /// The watched folder itself was removed, moved or unmounted.
        case gone
        /// Events were lost.
        case overflow
    }

    let kind: Kind
    /// What the watch was set as.
    var folder = ""
    var name = ""
}

/// The process's one window on inotify.
///
/// libinotifytools keeps its state in global variables, so all its calls are made on one thread, which sleeps in
/// the library until an event comes. A write to a file without a name, watched like any other, wakes it for orders.
final class FileEvents: Sendable {
    static let shared = FileEvents()

    private struct State {
        var orders: [@Sendable (inout InotifyReader) -> Void] = []
        var bell: Int32 = -1
        var isRunning = false
        var nextSubscriber = 0
    }

    private let state = Mutex(State())

    /// Names a receiver of events; `receive` is called on the reading thread and must be quick.
    func subscribe(_ receive: @escaping @Sendable (FileEvent) -> Void) async -> Subscription {
        let id = state.withLock { state in
            state.nextSubscriber += 1
            return state.nextSubscriber
        }
        await perform { $0.receivers[id] = receive }
        return Subscription(id: id, events: self)
    }

    /// Runs an order on the reading thread.
    func perform<Value: Sendable>(_ order: @escaping @Sendable (inout InotifyReader) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.orders.append { continuation.resume(returning: order(&$0)) }
                wakeThread(&state)
            }
        }
    }

    private func wakeThread(_ state: inout State) {
        if state.bell < 0 { state.bell = Self.makeBell() }
        guard state.isRunning else {
            state.isRunning = true
            let bell = state.bell
            Thread.detachNewThread { [self] in read(wokenBy: bell) }
            return
        }
        _ = unsafe pwrite(state.bell, [1], 1, 0)
    }

    /// A file without a name; -1 where none can be made.
    private static func makeBell() -> Int32 {
        var path = Array("\(NSTemporaryDirectory())/millrace-bell-XXXXXX".utf8CString)
        let bell = unsafe mkstemp(&path)
        guard bell >= 0 else { return -1 }
        _ = unsafe unlink(path)
        _ = fcntl(bell, F_SETFD, FD_CLOEXEC)
        return bell
    }

    private func read(wokenBy bell: Int32) {
        var reader = InotifyReader(bell: bell)
        while true {
            let orders = state.withLock { state in
                let orders = state.orders
                state.orders = []
                // A reader that cannot read only says so, and the next order tries again with a new one.
                if orders.isEmpty, reader.fault != nil { state.isRunning = false }
                return orders
            }
            for order in orders { order(&reader) }
            if reader.fault == nil {
                reader.awaitEvent()
            } else if orders.isEmpty {
                return
            }
        }
    }
}

extension FileEvents {
    /// A receiver's watches.
    struct Subscription: Sendable {
        let id: Int
        let events: FileEvents

        /// Watches a directory, unless it is watched already; its events bear the name of the folder.
        func watch(_ path: String, as folder: String) async throws(FileError) {
            try await events.perform { [id] reader in
                Result { () throws(FileError) in try reader.watch(path, as: folder, for: id) }
            }.get()
        }

        /// Ends the watches of the folders whose name has a prefix.
        func unwatch(under prefix: String) async {
            await events.perform { [id] in $0.unwatch(under: prefix, for: id) }
        }

        /// Ends all watches.
        func close() async {
            await events.perform { [id] reader in
                reader.unwatch(under: "", for: id)
                reader.receivers[id] = nil
            }
        }
    }
}

/// The calls to libinotifytools; lives on one thread.
struct InotifyReader {
    private struct Place: Hashable {
        let subscriber: Int
        let folder: String
    }

    private struct Watch {
        let descriptor: Int32
        let device: UInt
        let inode: UInt
    }

    var receivers: [Int: @Sendable (FileEvent) -> Void] = [:]
    private(set) var fault: FileError?
    private var watches: [Place: Watch] = [:]
    private var places: [Int32: Set<Place>] = [:]
    private var spelling = 0

    init(bell: Int32) {
        guard inotifytools_initialize() != 0 else {
            fault = FileError("start inotify for", "this process", code: inotifytools_error())
            return
        }
        let path = "/proc/self/fd/\(bell)"
        guard unsafe inotifytools_watch_file(path, Int32(IN_MODIFY)) != 0 else {
            fault = FileError("watch", path, code: inotifytools_error())
            return
        }
    }

    /// Sleeps until an event comes and hands it to whoever watches the place.
    mutating func awaitEvent() {
        guard let event = unsafe inotifytools_next_event(-1) else { return }
        let mask = unsafe event.pointee.mask
        if mask & UInt32(IN_Q_OVERFLOW) != 0 {
            for receive in receivers.values { receive(FileEvent(kind: .overflow)) }
            return
        }
        let descriptor = unsafe event.pointee.wd
        guard let listeners = places[descriptor] else { return }
        let name = unsafe Self.name(of: event)
        if let kind = Self.kind(of: mask) {
            for place in listeners {
                receivers[place.subscriber]?(FileEvent(kind: kind, folder: place.folder, name: name))
            }
        }
        if mask & UInt32(IN_IGNORED) != 0 {
            places[descriptor] = nil
            for place in listeners { watches[place] = nil }
        }
    }

    mutating func watch(_ path: String, as folder: String, for subscriber: Int) throws(FileError) {
        if let fault { throw fault }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileError("watch", path, code: errno) }
        let place = Place(subscriber: subscriber, folder: folder)
        if let watch = watches[place] {
            if watch.device == UInt(status.st_dev), watch.inode == UInt(status.st_ino) { return }
            unwatch(place)
        }
        let name = nextSpelling(of: path)
        guard unsafe inotifytools_watch_file(name, Self.mask) != 0 else {
            throw FileError("watch", path, code: inotifytools_error())
        }
        let descriptor = unsafe inotifytools_wd_from_filename(name)
        watches[place] = Watch(descriptor: descriptor, device: UInt(status.st_dev), inode: UInt(status.st_ino))
        places[descriptor, default: []].insert(place)
    }

    mutating func unwatch(under prefix: String, for subscriber: Int) {
        let ended = watches.keys.filter { $0.subscriber == subscriber && $0.folder.hasPrefix(prefix) }
        for place in ended { unwatch(place) }
    }

    private mutating func unwatch(_ place: Place) {
        guard let watch = watches.removeValue(forKey: place) else { return }
        places[watch.descriptor]?.remove(place)
        if places[watch.descriptor]?.isEmpty == true {
            places[watch.descriptor] = nil
            _ = inotifytools_remove_watch_by_wd(watch.descriptor)
        }
    }

    /// A way to write a path that was not used before.
    ///
    /// The library finds a watch's descriptor by its name alone and keeps the names of directories that are gone,
    /// so a directory made anew under an old name would be taken for the old one.
    private mutating func nextSpelling(of path: String) -> String {
        spelling += 1
        var name = path
        var bits = spelling
        while bits > 0 {
            name += bits & 1 == 0 ? "/" : "/."
            bits >>= 1
        }
        return "\(name)/"
    }

    private static let mask = Int32(
        bitPattern: UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_CREATE)
            | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
    )

    private static func kind(of mask: UInt32) -> FileEvent.Kind? {
        func has(_ flag: Int32) -> Bool { mask & UInt32(bitPattern: flag) != 0 }
        let isFolder = mask & UInt32(IN_ISDIR) != 0
        if has(IN_DELETE_SELF) || has(IN_MOVE_SELF) || has(IN_UNMOUNT) || has(IN_IGNORED) { return .gone }
        if isFolder, has(IN_CREATE) || has(IN_MOVED_TO) { return .folderAppeared }
        if isFolder, has(IN_MOVED_FROM) { return .folderLeft }
        if !isFolder, has(IN_CLOSE_WRITE) || has(IN_MOVED_TO) { return .completed }
        return nil
    }

    private static func name(of event: UnsafeMutablePointer<inotify_event>) -> String {
        guard unsafe event.pointee.len > 0 else { return "" }
        let start = unsafe UnsafeRawPointer(event) + MemoryLayout<inotify_event>.size
        return unsafe String(cString: start.assumingMemoryBound(to: CChar.self))
    }
}
