internal import Logging
internal import Synchronization
internal import struct FoundationEssentials.Date

/// Invocations that nobody waits for: kept in the store, tried at most three times, as on Lambda.
///
/// ```text
/// sendEvent ─► waiting ── attempt ──► done
///                ▲  └─ the third has failed ─► failed, and the log tells
///                └─ the function has failed: after 60 s, then after 120 s
/// ```
extension FunctionService {
    /// Has a function invoked later; durable when this returns.
    ///
    /// - Parameters:
    ///   - name: The function.
    ///   - payload: What it is given: JSON; nothing counts as `{}`.
    ///   - key: Of two events of one key the second is dropped.
    /// - Returns: The id of the request.
    /// - Throws: `FunctionError` as `invoke`; the store's own error.
    @discardableResult
    public func sendEvent(_ name: FunctionName, payload: [UInt8], key: String? = nil) async throws -> String {
        try checkInvocation(name, payload: payload)
        let requestID = makeID()
        let event = FunctionEvent(
            requestID: requestID,
            function: name.name,
            payload: payload.isEmpty ? Array("{}".utf8) : payload,
            key: key,
            attempts: 0,
            createdAt: now(),
            dueAt: now()
        )
        try await store.addFunctionEvent(event)
        eventWaker.yield()
        return requestID
    }

    /// Invokes what is due, until shut down.
    func dispatchEvents() async {
        await withDiscardingTaskGroup { group in
            var running: Set<String> = []
            let (ends, ended) = AsyncStream.makeStream(of: EventWake.self)
            group.addTask {
                for await _ in self.eventWakes { ended.yield(.look) }
                ended.finish()
            }
            ended.yield(.look)
            var alarm: Date?
            for await wake in ends {
                switch wake {
                case .look: break
                case .alarm(let date): if alarm == date { alarm = nil }
                case .done(let requestID): running.remove(requestID)
                }
                for event in await dueEvents() where running.count < configuration.concurrentEvents {
                    guard running.insert(event.requestID).inserted else { continue }
                    group.addTask {
                        await self.attempt(event)
                        ended.yield(.done(event.requestID))
                    }
                }
                guard let next = await nextEventDate(), next > now(), alarm.map({ next < $0 }) ?? true else { continue }
                alarm = next
                group.addTask {
                    let delay = Duration.seconds(max(0, next.timeIntervalSince(self.now())))
                    try? await self.clock.sleep(for: delay)
                    ended.yield(.alarm(next))
                }
            }
        }
    }

    private enum EventWake: Sendable {
        case look
        case alarm(Date)
        case done(String)
    }

    private func dueEvents() async -> [FunctionEvent] {
        do {
            return try await store.dueFunctionEvents(at: now(), limit: configuration.concurrentEvents * 2)
        } catch {
            logger.error("events for functions cannot be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func nextEventDate() async -> Date? {
        do {
            return try await store.nextFunctionEventDate()
        } catch {
            return now().addingTimeInterval(10)
        }
    }

    private func attempt(_ event: FunctionEvent) async {
        let outcome: FunctionEvent.Outcome
        do {
            let name = try FunctionName(event.function)
            let result = try await invoke(name, payload: event.payload, requestID: event.requestID)
            outcome = result.isError ? failure(of: event, result.payload) : .done(at: now())
        } catch let error as FunctionError {
            // It has never reached the function, so no attempt is counted.
            let isGone = error.code == .resourceNotFound
            let text = error.description
            outcome =
                isGone ? .failed(at: now(), error: text) : .postponed(to: now().addingTimeInterval(5), error: text)
        } catch {
            // Shut down: it is due at the next start.
            return
        }
        do {
            try await store.recordFunctionEvent(event.requestID, outcome)
            onEvent.withLock { $0 }?(event, outcome)
        } catch {
            // It stays due, and the function gets it again.
            logger.error("what became of an event cannot be saved", metadata: ["error": "\(error)"])
            try? await clock.sleep(for: .seconds(5))
        }
    }

    private func failure(of event: FunctionEvent, _ payload: [UInt8]) -> FunctionEvent.Outcome {
        let text = String(decoding: payload.prefix(1_000), as: UTF8.self)
        guard event.attempts < configuration.eventRetryDelays.count else {
            logger.error(
                "an event has failed for good",
                metadata: [
                    "function.name": "\(event.function)", "request.id": "\(event.requestID)", "error": "\(text)",
                ]
            )
            return .failed(at: now(), error: text)
        }
        let delay = configuration.eventRetryDelays[event.attempts]
        return .retry(at: now().addingTimeInterval(delay / .seconds(1)), error: text)
    }
}
