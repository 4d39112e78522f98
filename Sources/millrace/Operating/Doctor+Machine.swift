import DurableFiles
import Foundation

/// What the machine allows, and its clock.
extension Doctor {
    /// How many folders may be watched, against how many the buckets have.
    var watchesFinding: Finding {
        let check = "inotify watches"
        guard let limit = Self.number(in: "/proc/sys/fs/inotify/max_user_watches") else {
            return Finding(check: check, status: .warning, fact: "the system does not tell the limit")
        }
        let folders = settings.buckets.reduce(0) { $0 + ((try? FileTree.folderCount(in: $1.path)) ?? 0) }
        let fact = "\(folders) folders in buckets, \(limit) may be watched by a user"
        let wanted = max(524_288, folders * 4)
        let remedy = "sysctl -w fs.inotify.max_user_watches=\(wanted), and the same in /etc/sysctl.d/"
        if folders > limit { return Finding(check: check, status: .failed, fact: fact, remedy: remedy) }
        guard folders * 2 > limit else { return Finding(check: check, status: .ok, fact: fact) }
        return Finding(check: check, status: .warning, fact: fact, remedy: remedy)
    }

    /// How many watchers a user may have; a service needs one.
    var instancesFinding: Finding {
        let check = "inotify instances"
        guard let limit = Self.number(in: "/proc/sys/fs/inotify/max_user_instances") else {
            return Finding(check: check, status: .warning, fact: "the system does not tell the limit")
        }
        guard limit < 16 else { return Finding(check: check, status: .ok, fact: "a user may have \(limit)") }
        let remedy = "sysctl -w fs.inotify.max_user_instances=128, and the same in /etc/sysctl.d/"
        return Finding(check: check, status: .warning, fact: "a user may have only \(limit)", remedy: remedy)
    }

    /// How many files the process may have open; each connection is one.
    var openFilesFinding: Finding {
        let check = "open files"
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding(check: check, status: .warning, fact: "the system does not tell the limit")
        }
        let most = Int(clamping: limit.rlim_max)
        let fact = "a process may open \(most == Int.max ? "any number" : "\(most)")"
        let remedy = "raise it: LimitNOFILE=65536 in the unit, or ulimit -Hn"
        if most < 512 { return Finding(check: check, status: .failed, fact: fact, remedy: remedy) }
        guard most < 4096 else { return Finding(check: check, status: .ok, fact: fact) }
        return Finding(check: check, status: .warning, fact: fact, remedy: remedy)
    }

    /// Whether schedules can trust the clock: against the newest file of the home, the hardware's clock and whoever sets it.
    var clockFindings: [Finding] {
        let check = "clock"
        let time = now.timeIntervalSince1970
        // The database's log is written all the time: its date shows a clock that was set back.
        let newest = ["", "-wal"].compactMap { suffix -> Double? in
            let path = "\(settings.home)/\(Backups.database)\(suffix)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970
        }
        .max()
        if time < 1_700_000_000 {
            let remedy = "set it: timedatectl set-ntp true"
            return [Finding(check: check, status: .failed, fact: "it shows \(now.formatted(.iso8601))", remedy: remedy)]
        }
        if let newest, newest > time + 60 {
            let remedy = "set it forward; schedules fire by it: timedatectl set-ntp true"
            let fact = "it shows a time \(Int(newest - time)) seconds before the last write to the database"
            return [Finding(check: check, status: .failed, fact: fact, remedy: remedy)]
        }
        let hardware = Self.number(in: "/sys/class/rtc/rtc0/since_epoch").map(Double.init)
        if let hardware, abs(hardware - time) > 120 {
            let fact = "\(Int(abs(hardware - time))) seconds from the hardware's clock"
            return [Finding(check: check, status: .warning, fact: fact, remedy: "hwclock --systohc, once it is right")]
        }
        return [synchronizationFinding(check)]
    }

    private func synchronizationFinding(_ check: String) -> Finding {
        // Written by systemd-timesyncd when it has set the clock.
        let isSet = FileManager.default.fileExists(atPath: "/run/systemd/timesync/synchronized")
        let others = ["/run/chrony", "/run/ntpd.pid", "/run/openntpd.pid", "/var/run/ntpd.pid"]
        let isKept = isSet || others.contains { FileManager.default.fileExists(atPath: $0) }
        let shown = now.formatted(.iso8601)
        guard isKept else {
            return Finding(
                check: check,
                status: .warning,
                fact: "it shows \(shown); nothing was found that keeps it right",
                remedy: "timedatectl set-ntp true, or install chrony; on a virtual machine the host may do it"
            )
        }
        return Finding(check: check, status: .ok, fact: "it shows \(shown), and is kept right")
    }

    private static func number(in path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
