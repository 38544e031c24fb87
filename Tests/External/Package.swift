// swift-tools-version: 6.2
import PackageDescription

// A package of somebody else. `.ci/external` builds a copy of it outside this repository.
let package = Package(
    name: "sum",
    dependencies: [.package(name: "parley", path: "../..")],
    targets: [
        .executableTarget(
            name: "sum", dependencies: [.product(name: "Parley", package: "parley")], path: ".",
            sources: ["main.swift"])
    ]
)
