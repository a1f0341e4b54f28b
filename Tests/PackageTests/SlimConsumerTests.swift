// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A package that uses one piece must not pay for the others.
///
/// That what is left builds, `Tests/slim-consumer` shows.
@Suite("Slim consumers")
struct SlimConsumerTests {
  /// Makes a package that uses one product, and names what was cloned for it.
  private func clones(_ product: String, traits: String) throws -> Set<String> {
    let folder = FileManager.default.temporaryDirectory.appending(path: "swarm-consumer-\(UUID().uuidString)")
    let sources = folder.appending(path: "Sources/Consumer")
    try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try """
    // swift-tools-version: 6.2
    import PackageDescription
    let package = Package(
      name: "consumer",
      dependencies: [.package(name: "swift-swarm", path: "\(Repository.root.path)", traits: [\(traits)])],
      targets: [.target(name: "Consumer", dependencies: [.product(name: "\(product)", package: "swift-swarm")])]
    )
    """.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
    try "public import \(product)\n"
      .write(to: sources.appending(path: "Consumer.swift"), atomically: true, encoding: .utf8)

    let resolve = Process()
    resolve.executableURL = URL(filePath: "/usr/bin/env")
    resolve.arguments = ["swift", "package", "resolve", "--package-path", folder.path]
    let output = Pipe()
    resolve.standardOutput = output
    resolve.standardError = output
    try resolve.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    resolve.waitUntilExit()

    #expect(resolve.terminationStatus == 0, "\(text)")
    return try Set(FileManager.default.contentsOfDirectory(atPath: folder.appending(path: ".build/checkouts").path))
  }

  @Test("a consumer of Raft without traits clones nothing but swift-collections")
  func raftOnly() throws {
    #expect(try self.clones("Raft", traits: "") == ["swift-collections"])
  }

  @Test("a consumer of RaftNIO without the trait Security clones NIO's family and façades, but no TLS library")
  func raftNIOWithoutSecurity() throws {
    let cloned = try self.clones("RaftNIO", traits: "\"Networking\"")
    let family: Set<String> = [
      "swift-collections", "swift-nio", "swift-atomics", "swift-system", "swift-log", "swift-metrics",
      "swift-service-lifecycle", "swift-async-algorithms",
    ]
    #expect(cloned.isSubset(of: family), "\(cloned.subtracting(family))")
    #expect(cloned.contains("swift-nio"))
  }
}
