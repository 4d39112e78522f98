// swift-tools-version:6.2
//
// Measures the program in release: `make bench` and `make peers` run it. A package of its own, so that the program's
// tests and releases do not build it. `millrace` is a dependency too: two of the benchmarks run the real process.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "millrace-benchmarks",
    products: [
        .executable(name: "millrace-bench", targets: ["millrace-bench"]),
        .executable(name: "millrace-peers", targets: ["millrace-peers"]),
        .executable(name: "constant-service", targets: ["constant-service"]),
    ],
    dependencies: [
        .package(name: "millrace", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "millrace-bench",
            dependencies: [
                .product(name: "MillraceKit", package: "millrace"),
                .product(name: "millrace", package: "millrace"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        // Our side of `make peers`.
        .executableTarget(
            name: "millrace-peers",
            dependencies: [
                .product(name: "MillraceKit", package: "millrace"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        // The bound in `make load`: what the HTTP server does with nothing behind it.
        .executableTarget(
            name: "constant-service",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
    ]
)
