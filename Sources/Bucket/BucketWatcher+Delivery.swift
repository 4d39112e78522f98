internal import Logging
internal import ServiceLifecycle

/// A drop on its way to whoever handles it.
struct HandOver: Sendable {
    let drop: Drop
    /// How often it has failed.
    var attempt = 0
    /// Whether drops of the same key wait behind it.
    var isAhead = false
}

extension BucketWatcher {
    /// Hands drops over, one after another.
    ///
    /// One that fails waits and holds up only later drops of its key, so that the last content dropped is also the last
    /// that is handled.
    func deliver(_ drops: AsyncStream<HandOver>, again: AsyncStream<HandOver>.Continuation) async {
        await withDiscardingTaskGroup { group in
            var behind: [String: [Drop]] = [:]
            for await next in drops {
                if Task.isCancelled || Task.isShuttingDownGracefully { return }
                let key = next.drop.key
                if !next.isAhead, behind[key] != nil {
                    behind[key]?.append(next.drop)
                    continue
                }
                let attempt: Int
                switch await handOver(next.drop) {
                case .handled:
                    if behind[key]?.isEmpty != false {
                        behind[key] = nil
                    } else if let drop = behind[key]?.removeFirst() {
                        again.yield(HandOver(drop: drop, isAhead: true))
                    }
                    continue
                case .postponed: attempt = 0
                case .failed: attempt = next.attempt + 1
                }
                behind[key, default: []] += []
                group.addTask { await retry(HandOver(drop: next.drop, attempt: attempt, isAhead: true), again) }
            }
        }
    }

    private func retry(_ next: HandOver, _ again: AsyncStream<HandOver>.Continuation) async {
        let delay = configuration.retryInterval * (1 << min(max(0, next.attempt - 1), 6))
        try? await cancelWhenGracefulShutdown { try await clock.sleep(for: delay) }
        again.yield(next)
    }

    private enum HandOverResult { case handled, postponed, failed }

    private func handOver(_ drop: Drop) async -> HandOverResult {
        do {
            try await handle(drop)
            try await store.markHandled(drop.id, at: now())
            return .handled
        } catch let postponed as DropPostponed {
            logger.debug(
                "drop waits",
                metadata: ["bucket.key": "\(drop.key)", "drop.id": "\(drop.id)", "reason": "\(postponed.reason)"]
            )
            return .postponed
        } catch {
            logger.error(
                "drop could not be handed over and will be again",
                metadata: [
                    "bucket.key": "\(drop.key)", "drop.id": "\(drop.id)", "error": "\(error)",
                ]
            )
            return .failed
        }
    }
}
