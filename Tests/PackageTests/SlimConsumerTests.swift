// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A package that uses one core must not pay for the drivers and edges.
@Suite("Slim consumers")
struct SlimConsumerTests {
  @Test("a consumer of Raft without traits builds, and clones nothing but swift-collections")
  func raftOnly() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "swarm-consumer-\(UUID().uuidString)")
    let sources = folder.appending(path: "Sources/Consumer")
    try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try """
    // swift-tools-version: 6.2
    import PackageDescription
    let package = Package(
      name: "consumer",
      dependencies: [.package(name: "swift-swarm", path: "\(Repository.root.path)", traits: [])],
      targets: [.target(name: "Consumer", dependencies: [.product(name: "Raft", package: "swift-swarm")])]
    )
    """.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
    try "public import Raft\npublic let bootstrapMember = RaftID(rawValue: 1)\n"
      .write(to: sources.appending(path: "Consumer.swift"), atomically: true, encoding: .utf8)

    let build = Process()
    build.executableURL = URL(filePath: "/usr/bin/env")
    build.arguments = ["swift", "build", "--package-path", folder.path]
    let output = Pipe()
    build.standardOutput = output
    build.standardError = output
    try build.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    build.waitUntilExit()

    #expect(build.terminationStatus == 0, "\(text)")
    let cloned = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: ".build/checkouts").path)
    #expect(cloned == ["swift-collections"])
  }
}
