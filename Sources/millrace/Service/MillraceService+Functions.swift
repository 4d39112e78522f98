import Bucket
import Foundation
import Functions
import HTTPAPI
import Integrity
import JSON
import Logging
import SQLiteStore
import Synchronization

extension MillraceService {
    /// Functions on this home, whose workers reach this very service.
    static func functions(
        _ settings: Settings,
        _ surroundings: Surroundings,
        _ address: ServiceAddress,
        _ buckets: Buckets,
        _ store: SQLiteStore,
        _ newID: @escaping @Sendable () -> String,
        _ logger: Logger
    ) -> FunctionService {
        let home = URL(filePath: settings.home).standardizedFileURL.path
        var configuration = FunctionService.Configuration(
            folders: settings.functions.folder.map { URL(filePath: $0).standardizedFileURL.path }
                ?? "\(home)/functions",
            code: "\(home)/function-code"
        )
        configuration.region = settings.region
        configuration.account = settings.account
        configuration.python = settings.functions.python ?? configuration.python
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        // Clients sign their requests and want keys for it, also where nobody checks them.
        let key = settings.accessKeys.first
        configuration.environment = {
            [
                "PATH": path, "LANG": "C.UTF-8", "TZ": ":UTC", "HOME": "\(home)/function-code",
                "AWS_ENDPOINT_URL": await address.value(),
                "AWS_ACCESS_KEY_ID": key?.id ?? "millrace", "AWS_SECRET_ACCESS_KEY": key?.secret ?? "millrace",
                "AWS_EC2_METADATA_DISABLED": "true",
            ]
        }
        configuration.readObject = { bucket, key, limit in try code(bucket, key, limit, buckets) }
        let logs = LogFiles(directory: "\(home)/logs")
        return FunctionService(
            configuration: configuration,
            store: store,
            listen: RuntimeAPI.listen,
            writeLog: { lines, function in try logs.append(lines, to: "/aws/lambda/\(function)") },
            clock: surroundings.clock,
            now: surroundings.now,
            makeID: newID,
            logger: logger
        )
    }
}

extension MillraceService {
    /// The bytes of an object that holds the code of a function.
    private static func code(_ bucket: String, _ key: String, _ limit: Int, _ buckets: Buckets) throws -> [UInt8] {
        do {
            let reader = try buckets.bucket(named: bucket).reader(of: key)
            let size = reader.object.size
            guard size <= limit else {
                throw FunctionError(
                    .invalidParameterValue,
                    "s3://\(bucket)/\(key) has \(size) bytes; an archive may have \(limit)"
                )
            }
            return try reader.read(from: 0, count: size)
        } catch let error as BucketError {
            throw FunctionError(.invalidParameterValue, "Error occurred while GetObject: \(error)")
        }
    }
}

/// Where the service listens, for those who are started before it does.
final class ServiceAddress: Sendable {
    private let state = Mutex<(url: String?, waiters: [CheckedContinuation<String, Never>])>((nil, []))

    /// The URL, as soon as it is known.
    func value() async -> String {
        await withCheckedContinuation { waiter in
            let url = state.withLock { state in
                if state.url == nil { state.waiters.append(waiter) }
                return state.url
            }
            if let url { waiter.resume(returning: url) }
        }
    }

    func set(_ host: String, _ port: Int) {
        let isAny = ["0.0.0.0", "::", ""].contains(host)
        let url = "http://\(isAny ? "127.0.0.1" : host):\(port)"
        let waiters = state.withLock { state in
            state.url = url
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: url) }
    }
}

extension OperationTable {
    /// `Millrace.…Function…`: what the command line asks about functions.
    ///
    /// | Operation | Members (those in parentheses may be absent) | Answer |
    /// | --- | --- | --- |
    /// | `ListFunctions` | | `Functions`, as Lambda has them, each with the `events` that wait or have failed |
    /// | `DescribeFunction` | `FunctionName` | as Lambda's `GetFunction` |
    /// | `InvokeFunction` | `FunctionName`, (`Payload`) | `Payload`, `isError`, `log` |
    /// | `GetFunctionLog` | `FunctionName`, (`limit`) | `lines`, oldest first |
    /// | `PutBucketNotifications` | `bucket`, `notifications`: `id`, `function`, (`prefix`, `suffix`) | nothing |
    mutating func addFunctions(
        _ functions: FunctionService,
        logs: LogFiles,
        now: @escaping @Sendable () -> Date
    ) {
        self["ListFunctions"] = { _ in try await functions.overview() }
        self["DescribeFunction"] = { try await functions.call("GetFunction", $0) }
        self["InvokeFunction"] = { input in
            let result = try await functions.invoke(
                FunctionName(input["FunctionName"]?.string ?? ""),
                payload: (input["Payload"] ?? [:]).utf8,
                wantsLog: true
            )
            return [
                "Payload": (try? JSON(parsing: result.payload)) ?? .null, "isError": .bool(result.isError),
                "log": .string(result.logTail ?? ""),
            ]
        }
        self["GetFunctionLog"] = { input in
            let name = try FunctionName(input["FunctionName"]?.string ?? "").name
            _ = try await functions.call("GetFunction", ["FunctionName": .string(name)])
            let lines = logs.last(input["limit"]?.int ?? 100, of: "/aws/lambda/\(name)")
            return ["lines": .array(lines.compactMap { try? JSON(parsing: Array($0.utf8)) })]
        }
        self["PutBucketNotifications"] = { input in
            let bucket = input["bucket"]?.string ?? ""
            let since = now().timeIntervalSince1970
            let notifications = try (input["notifications"]?.array ?? []).enumerated().map { index, value in
                BucketNotification(
                    id: value["id"]?.string ?? "\(index + 1)",
                    function: try FunctionName(value["function"]?.string ?? "").name,
                    filter: ObjectFilter(
                        bucket: bucket,
                        prefix: value["prefix"]?.string ?? "",
                        suffix: value["suffix"]?.string ?? ""
                    ),
                    since: since
                )
            }
            try await functions.setNotifications(notifications, of: bucket)
            return [:]
        }
        waits("InvokeFunction")
    }
}
