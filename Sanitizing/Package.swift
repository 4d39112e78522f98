// swift-tools-version:6.2
//
// The numerics and their tests alone, to be built once more with ThreadSanitizer: `make tsan` runs it. A package of its
// own, so that nothing else has to be built so; Sources and Tests are links to those of the program.

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

let strictAndFast = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "millrace-sanitizing",
    targets: [
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: strictAndFast),
        .target(name: "Recommenders", dependencies: ["Kernels"], swiftSettings: strictAndFast),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "CKernels"], swiftSettings: strict),
        .testTarget(name: "RecommendersTests", dependencies: ["Recommenders", "Kernels"], swiftSettings: strict),
    ]
)
