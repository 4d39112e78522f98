import CLibFuzzer
import Foundation

// millrace-fuzz TARGET [libFuzzer's own arguments: corpus folders, -max_total_time=600 …]
guard FuzzTarget.chosen != nil else {
    let targets = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    let usage = "usage: millrace-fuzz TARGET [CORPUS …] [-max_total_time=SECONDS]; TARGET is one of \(targets)\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
}

// libFuzzer must not see the target's name among its arguments: it stands where the program's name is looked for.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv + 1
unsafe exit(
    LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        FuzzTarget.chosen?.feed(unsafe [UInt8](UnsafeBufferPointer(start: data, count: size)))
        return 0
    }
)
