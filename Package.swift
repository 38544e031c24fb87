// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A Swift target; the dependencies listed are all that it may import (`.ci/imports` checks).
func target(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// Tests themselves are not optimised: what they test is, and their compilation takes half the time.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies,
        swiftSettings: settings + [.unsafeFlags(["-Onone"])])
}

func benchmarks(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Benchmarks/\(name)",
        swiftSettings: settings)
}

let package = Package(
    name: "parley",
    products: [
        .executable(name: "parley", targets: ["ParleyTool"]),
        .executable(name: "parley-node", targets: ["NodeTool"]),
        .executable(name: "parley-audit", targets: ["AuditTool"]),
        .library(
            name: "Parley",
            targets: [
                "Algebra", "Primitives", "Networking", "MPC", "SecretSharing", "Preprocessing",
                "DishonestMajority", "HonestMajority", "Gadgets", "Analytics",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1",
            traits: []),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CGMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "CKernels"),
        target("Algebra", ["CGMP", "CKernels"]),
        target("Primitives", ["Algebra", "CKernels", "COpenSSL", "CSodium"]),
        target("Networking", ["Primitives", "COpenSSL"]),
        target("MPC", ["Algebra", "Primitives", "Networking"]),
        target("Gadgets", ["MPC", "Algebra"]),
        target("Analytics", ["Gadgets", "MPC", "Primitives", "Algebra"]),
        target("Script", ["Analytics", "MPC", "Primitives", "Algebra"]),
        target(
            "Costs",
            [
                "DishonestMajority", "HonestMajority", "Preprocessing", "ObliviousTransfer",
                "SecretSharing", "Circuits", "MPC", "Networking", "Primitives", "Algebra",
            ]),
        target("Tables", ["Primitives", .product(name: "GRDB", package: "GRDB.swift")]),
        target("Ledger", ["Primitives", .product(name: "GRDB", package: "GRDB.swift")]),
        target(
            "Approval",
            ["Script", "Ledger", "Primitives", .product(name: "Yams", package: "Yams")]),
        target("Reports", ["Script", "Analytics", "MPC"]),
        .target(
            name: "Applications", dependencies: ["Tables", "Primitives"],
            resources: ["exposure", "fraud", "overlap", "risk", "statistics", "structuring"].map {
                .embedInCode("Scripts/\($0).parley")
            }, swiftSettings: settings),
        target(
            "Runner",
            [
                "Applications", "Approval", "Script", "Analytics", "Costs", "DishonestMajority",
                "HonestMajority", "Gadgets", "Ledger", "MPC", "Networking", "Preprocessing",
                "Tables", "Primitives", "Algebra",
            ]),
        .executableTarget(
            name: "ParleyTool",
            dependencies: [
                "Runner", "Applications", "Approval", "Reports", "Script", "Costs", "Ledger", "MPC",
                "Networking", "Tables", "Primitives",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),

        target(
            "Node",
            [
                "Ledger", "Primitives",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "NodeTool",
            dependencies: [
                "Node", "Runner", "Ledger", "Networking", "Primitives",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),

        .executableTarget(
            name: "AuditTool",
            dependencies: [
                "Ledger", "Primitives",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),

        target("Circuits", ["MPC", "Algebra"], path: "Protocols/Circuits"),
        target(
            "SecretSharing", ["MPC", "Primitives", "Algebra"], path: "Protocols/SecretSharing"),
        target(
            "ObliviousTransfer", ["MPC", "Primitives", "Algebra"],
            path: "Protocols/ObliviousTransfer"),
        target(
            "Preprocessing",
            ["ObliviousTransfer", "SecretSharing", "Circuits", "MPC", "Primitives", "Algebra"],
            path: "Protocols/Preprocessing"),
        target(
            "DishonestMajority",
            ["Preprocessing", "SecretSharing", "Circuits", "MPC", "Primitives", "Algebra"],
            path: "Protocols/DishonestMajority"),
        target(
            "HonestMajority", ["SecretSharing", "Circuits", "MPC", "Primitives", "Algebra"],
            path: "Protocols/HonestMajority"),

        target(
            "TestSupport", ["Algebra", "Primitives", "Networking", "MPC"],
            path: "Tests/TestSupport"),
        target(
            "LedgerFixture", ["Ledger", "Primitives", "TestSupport"], path: "Tests/LedgerFixture"),
        tests(
            "GadgetsTests",
            [
                "Gadgets", "DishonestMajority", "HonestMajority", "Preprocessing", "SecretSharing",
                "MPC", "Networking", "Primitives", "Algebra", "TestSupport",
            ]),
        tests("AlgebraTests", ["Algebra", "CKernels", "TestSupport"]),
        tests("PrimitivesTests", ["Algebra", "CKernels", "Primitives", "TestSupport"]),
        tests(
            "AnalyticsTests",
            [
                "Analytics", "HonestMajority", "DishonestMajority", "Preprocessing", "MPC",
                "Networking", "Primitives", "Algebra", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            "ScriptTests",
            [
                "Script", "Analytics", "HonestMajority", "DishonestMajority", "Preprocessing",
                "MPC", "Networking", "Primitives", "Algebra", "TestSupport",
            ]),
        tests(
            "CostsTests",
            [
                "Costs", "Script", "Analytics", "Gadgets", "HonestMajority", "DishonestMajority",
                "Preprocessing", "MPC", "Networking", "Primitives", "Algebra", "TestSupport",
            ]),
        tests(
            "TablesTests",
            ["Tables", "Primitives", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "LedgerTests",
            [
                "Ledger", "LedgerFixture", "Primitives", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            "NodeTests",
            ["Node", "Ledger", "LedgerFixture", "Primitives", "COpenSSL", "TestSupport"]),
        .executableTarget(
            name: "TablesSample", dependencies: ["Ledger"], path: "Tests/TablesSample",
            swiftSettings: settings),
        tests("ReceiptTests", ["Ledger", "LedgerFixture", "Primitives", "TestSupport"]),
        tests(
            "ApprovalTests",
            [
                "Approval", "Applications", "Runner", "Script", "Ledger", "Networking", "Algebra",
                "Primitives", "TestSupport",
            ]),
        tests("ReportsTests", ["Reports", "Script", "Analytics", "MPC"]),
        tests("ApplicationsTests", ["Applications", "Tables", "Primitives"]),
        tests("NetworkingTests", ["Primitives", "Networking", "TestSupport"]),
        tests(
            "ProtocolTests",
            [
                "DishonestMajority", "HonestMajority", "Preprocessing", "SecretSharing", "Circuits",
                "Gadgets", "MPC", "ObliviousTransfer",
                "Networking", "Primitives", "Algebra", "CKernels", "TestSupport",
            ]),

        tests(
            "RunnerTests",
            [
                "Runner", "ParleyTool", "Applications", "Approval", "Costs", "Ledger", "MPC",
                "Networking", "Primitives", "Tables", "Script", "Analytics", "Algebra", "Reports",
                "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        .systemLibrary(name: "CMalloc", path: "Benchmarks/CMalloc"),
        target("BenchmarkKit", ["CMalloc"], path: "Benchmarks/BenchmarkKit"),
        .target(name: "CReference", dependencies: ["CGMP"], path: "Benchmarks/CReference"),
        benchmarks(
            "ProtocolBenchmarks",
            [
                "ReplicatedBenchmarks", "DishonestMajority", "HonestMajority", "Preprocessing",
                "ObliviousTransfer", "SecretSharing", "MPC", "Networking", "Primitives", "Algebra",
                "BenchmarkKit", "CMalloc", "TestSupport",
            ]),
        target(
            "ReplicatedBenchmarks",
            ["HonestMajority", "MPC", "Networking", "Algebra", "BenchmarkKit", "TestSupport"],
            path: "Benchmarks/ReplicatedBenchmarks"),
        benchmarks(
            "AnalyticsBenchmarks",
            [
                "ReplicatedBenchmarks", "Analytics", "HonestMajority", "DishonestMajority",
                "Preprocessing", "Gadgets", "MPC", "Networking", "Primitives", "Algebra",
                "BenchmarkKit", "TestSupport",
            ]),
        benchmarks(
            "ScriptBenchmarks",
            [
                "Script", "Costs", "Analytics", "HonestMajority", "MPC", "Networking", "Primitives",
                "Algebra", "BenchmarkKit", "TestSupport",
            ]),
        benchmarks("LedgerBenchmarks", ["Ledger", "Primitives", "BenchmarkKit"]),
        benchmarks(
            "AlgebraBenchmarks",
            ["Algebra", "BenchmarkKit", "CKernels", "CReference", "Primitives"]),
    ]
)
