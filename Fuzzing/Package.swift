// swift-tools-version:6.2
//
// Fuzzes what reads text from strangers: `make fuzz`. A package of its own, since every module in it is built with
// libFuzzer's counters.

import PackageDescription

let package = Package(
    name: "millrace-fuzzing",
    dependencies: [.package(name: "millrace", path: "..")],
    targets: [
        .target(name: "CLibFuzzer"),
        .executableTarget(
            name: "millrace-fuzz",
            dependencies: ["CLibFuzzer", .product(name: "Languages", package: "millrace")],
            swiftSettings: [.swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error)],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
        ),
    ]
)
