import Foundation
import HTTPAPI
import Integrity

extension Settings {
    /// Reads who may ask.
    ///
    /// - Parameter pairs: `ID:SECRET` each, as `MILLRACE_ACCESS_KEYS` and `access.keys` have them.
    /// - Returns: The keys.
    /// - Throws: `CommandError` that names the pair, but no secret.
    static func accessKeys(_ pairs: [String]) throws -> [AccessKey] {
        try pairs.enumerated().map { index, pair in
            let parts = pair.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw CommandError(message: "setting access.keys, pair \(index + 1), must be ID:SECRET")
            }
            return try accessKey(parts[0], parts[1], "setting access.keys, pair \(index + 1)")
        }
    }

    /// The keys of a client: those of the service, where they are in its environment too, else those of AWS's tools.
    static func clientKey(environment: [String: String]) throws -> AccessKey? {
        if let text = environment["MILLRACE_ACCESS_KEYS"], !text.isEmpty {
            return try accessKeys(text.split(separator: ",").map(String.init)).first
        }
        guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
            return nil
        }
        // What is no key of ours is meant for another service.
        return try? AccessKey(id: id, secret: secret)
    }

    private static func accessKey(_ id: String, _ secret: String, _ place: String) throws -> AccessKey {
        do throws(SignatureFault) {
            return try AccessKey(id: id, secret: secret)
        } catch {
            guard case .malformed(let fact) = error else { throw error }
            throw CommandError(message: "\(place): \(fact)", exit: MillraceExit.invalidData)
        }
    }
}

extension Client.Signing {
    /// Signing by this machine's clock.
    init(_ key: AccessKey) {
        let real = Surroundings.real
        self.init(key: key, now: real.now, makeID: { real.makeID().uuidString.lowercased() })
    }
}
