// swift-tools-version:6.2
//
// The architecture on one page: targets in the order in which data meets them.
// Imports go one way: languages and numerics → nouns → Pipeline, SQLiteStore, HTTPAPI → millrace.
// Nouns never import one another. `make build` passes --explicit-target-dependency-import-check error,
// so an import that is not written here does not compile.

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

/// Numerics and parsers are optimised in debug builds too: without it, training in a test takes a hundred times as long.
let strictAndFast = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "millrace",
    products: [
        .executable(name: "millrace", targets: ["millrace"]),
        .library(name: "Languages", targets: ["JSON", "JSONata", "StatesLanguage"]),
        .library(
            name: "MillraceKit",
            targets: [
                "JSON", "Shapes", "JSONata", "StatesLanguage", "Kernels", "Recommenders", "Integrity", "DurableFiles",
                "Bucket", "DurableExecution", "Personalize", "Scheduler", "Notifications", "Functions", "Pipeline",
                "SQLiteStore", "CustomRecipes", "HTTPAPI",
            ]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Languages: values, expressions, state machines. Pure.
        .target(name: "JSON", swiftSettings: strictAndFast),
        .target(name: "Shapes", dependencies: ["JSON"], swiftSettings: strictAndFast),
        .target(name: "JSONata", dependencies: ["JSON"], swiftSettings: strictAndFast),
        .target(name: "StatesLanguage", dependencies: ["JSON", "JSONata", crypto], swiftSettings: strict),

        // Numerics: matrices and solvers, and the algorithms on them. Pure; unsafe buffers live in Kernels, the loops
        // that are compiled for several instruction sets in CKernels.
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: strictAndFast),
        .target(name: "Recommenders", dependencies: ["Kernels"], swiftSettings: strictAndFast),

        // Signatures and checksums of requests: who sent them, and whether they came whole. Pure.
        .target(name: "Integrity", dependencies: [crypto], swiftSettings: strictAndFast),

        // Files that survive a crash: written aside, synced, renamed. Owns the file system calls.
        .target(name: "DurableFiles", swiftSettings: strict),

        // Programs that run beside us in process groups of their own, and end with us. Owns starting them.
        .target(name: "CChildProcess"),
        .target(name: "ChildProcesses", dependencies: ["CChildProcess", "DurableFiles"], swiftSettings: strict),

        // Nouns: each a word of the product's own sentence. None imports another.
        .systemLibrary(name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
        .target(
            name: "Bucket",
            dependencies: ["CInotifyTools", "DurableFiles", crypto, logging, serviceLifecycle],
            swiftSettings: strict
        ),
        .target(
            name: "DurableExecution",
            dependencies: ["JSON", "StatesLanguage", crypto, logging, serviceLifecycle],
            swiftSettings: strict
        ),
        .target(
            name: "Personalize",
            dependencies: [
                "JSON", "Shapes", "Kernels", "Recommenders", "DurableFiles", crypto, logging, serviceLifecycle,
            ],
            swiftSettings: strictAndFast
        ),
        .target(name: "Scheduler", dependencies: ["JSON", logging, serviceLifecycle], swiftSettings: strict),
        .target(
            name: "Notifications",
            dependencies: [
                "JSON", "DurableFiles", asyncHTTPClient, crypto, logging, mustache, nioCore, nioHTTP1, serviceLifecycle,
            ],
            swiftSettings: strict
        ),

        .systemLibrary(name: "CZip", providers: [.apt(["libzip-dev"])]),
        .target(
            name: "Functions",
            dependencies: [
                "JSON", "Shapes", "ChildProcesses", "CZip", "DurableFiles", crypto, logging, serviceLifecycle,
            ],
            // The program in which Python handlers run.
            resources: [.embedInCode("Resources/bootstrap.py")],
            swiftSettings: strict
        ),

        // Flow: params.json, the bucket trigger, the task handlers.
        .target(
            name: "Pipeline",
            dependencies: [
                "JSON", "Shapes", "StatesLanguage", "Bucket", "DurableExecution", "Personalize", "Scheduler",
                "Notifications", "Functions", crypto, logging, serviceLifecycle,
            ],
            // Links to statemachines/, so that the program carries its pipelines with it.
            resources: [.embedInCode("Resources/deploy.asl.json"), .embedInCode("Resources/delete.asl.json")],
            swiftSettings: strict
        ),

        // Adapters: one owns the database, the other HTTP.
        .target(
            name: "SQLiteStore",
            dependencies: [
                "JSON", "StatesLanguage", "Bucket", "DurableExecution", "Personalize", "Scheduler", "Notifications",
                "Functions", "DurableFiles", grdb, logging,
            ],
            swiftSettings: strict
        ),
        // The user's own algorithms: programs that train and serve, and who asks them.
        .target(
            name: "CustomRecipes",
            dependencies: [
                "JSON", "DurableFiles", "ChildProcesses", "Recommenders", "Personalize", asyncHTTPClient, crypto,
                logging,
                nioCore, nioHTTP1, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "HTTPAPI",
            dependencies: [
                "JSON", "Shapes", "StatesLanguage", "Bucket", "DurableExecution", "Personalize", "Scheduler",
                "Notifications", "Integrity", "Functions",
                asyncHTTPClient, hummingbirdCore, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle,
            ],
            swiftSettings: strict
        ),

        // Wiring: flags, environment, file; one ServiceGroup; a file a subcommand.
        .executableTarget(
            name: "millrace",
            dependencies: [
                "JSON", "JSONata", "StatesLanguage", "Kernels", "Recommenders", "Integrity", "DurableFiles", "Bucket",
                "DurableExecution",
                "Personalize", "Scheduler", "Notifications", "Functions", "Pipeline", "SQLiteStore", "CustomRecipes",
                "HTTPAPI",
                argumentParser, configuration, crypto, logging, serviceLifecycle, unixSignals,
            ],
            swiftSettings: strict
        ),

        // Tests mirror their targets.
        .target(
            name: "TestSupport",
            dependencies: ["JSON", "DurableFiles", "DurableExecution", "StatesLanguage", nioCore, nioHTTP1, nioPosix],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(name: "ShapesTests", dependencies: ["Shapes", "JSON"], swiftSettings: strict),
        .testTarget(
            name: "JSONataTests",
            dependencies: ["JSONata", "JSON", "TestSupport"],
            resources: [.copy("Conformance")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "StatesLanguageTests",
            dependencies: ["StatesLanguage", "JSONata", "JSON", "TestSupport"],
            resources: [.copy("Conformance")],
            swiftSettings: strict
        ),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "CKernels"], swiftSettings: strict),
        .testTarget(name: "RecommendersTests", dependencies: ["Recommenders", "Kernels"], swiftSettings: strict),
        .testTarget(name: "IntegrityTests", dependencies: ["Integrity"], swiftSettings: strict),
        .testTarget(name: "DurableFilesTests", dependencies: ["DurableFiles", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ChildProcessesTests",
            dependencies: ["ChildProcesses", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BucketTests",
            dependencies: ["Bucket", "DurableFiles", "SQLiteStore", "TestSupport", logging, serviceLifecycle],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DurableExecutionTests",
            dependencies: [
                "DurableExecution", "JSON", "StatesLanguage", "SQLiteStore", "TestSupport", logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PersonalizeTests",
            dependencies: [
                "Personalize", "JSON", "Shapes", "Kernels", "Recommenders", "DurableFiles", "SQLiteStore",
                "TestSupport", logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SchedulerTests",
            dependencies: ["Scheduler", "JSON", "SQLiteStore", "TestSupport", logging, serviceLifecycle],
            swiftSettings: strict
        ),
        .testTarget(
            name: "NotificationsTests",
            dependencies: [
                "Notifications", "JSON", "SQLiteStore", "TestSupport", crypto, logging, serviceLifecycle,
            ],
            resources: [.copy("Conformance")],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FunctionsTests",
            dependencies: [
                "Functions", "JSON", "ChildProcesses", "DurableFiles", "HTTPAPI", "SQLiteStore", "TestSupport",
                logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "Pipeline", "JSON", "StatesLanguage", "Bucket", "DurableExecution", "Personalize", "Scheduler",
                "Notifications", "Functions", "SQLiteStore", "TestSupport", logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SQLiteStoreTests",
            dependencies: [
                "SQLiteStore", "JSON", "StatesLanguage", "Bucket", "DurableExecution", "Personalize", "Scheduler",
                "Notifications", "TestSupport", grdb, logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CustomRecipesTests",
            dependencies: [
                "CustomRecipes", "JSON", "Personalize", "Recommenders", "DurableFiles", "ChildProcesses", "SQLiteStore",
                "TestSupport", logging, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPAPITests",
            dependencies: [
                "HTTPAPI", "JSON", "StatesLanguage", "Bucket", "DurableExecution", "Integrity", "Personalize",
                "Pipeline", "Scheduler", "Notifications", "SQLiteStore", "TestSupport", logging, nioCore,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "millrace", "JSON", "DurableFiles", "DurableExecution", "HTTPAPI", "Integrity", "Notifications",
                "Personalize", "Pipeline", "Scheduler", "SQLiteStore", "StatesLanguage", "TestSupport", argumentParser,
                logging,
                serviceLifecycle,
            ],
            exclude: ["Python"],
            swiftSettings: strict
        ),
    ]
)
