// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A package that uses one core must not pay for the drivers and edges.
@Suite("Slim consumers")
struct SlimConsumerTests {
  @Test("a consumer of Raft without traits builds, and clones nothing but swift-collections")
  func raftOnly() throws {
    let consumer = try Consumer(of: "Raft", traits: [])
    defer { consumer.remove() }
    let (status, text) = try consumer.swift("build")
    #expect(status == 0, "\(text)")
    #expect(try consumer.cloned == ["swift-collections"])
  }

  @Test("a consumer of RaftNIO without security clones NIO's family and no cryptography")
  func networkingOnly() throws {
    let consumer = try Consumer(of: "RaftNIO", traits: ["Networking"])
    defer { consumer.remove() }
    let (status, text) = try consumer.swift("package", "resolve")
    #expect(status == 0, "\(text)")
    let cloned = try consumer.cloned
    #expect(cloned.contains("swift-nio"))
    #expect(cloned.filter { $0.contains("crypto") || $0.contains("ssl") || $0.contains("certificates") } == [])
  }
}

/// A package that depends on this one.
private struct Consumer {
  private let folder: URL

  init(of product: String, traits: [String]) throws {
    self.folder = FileManager.default.temporaryDirectory.appending(path: "swarm-consumer-\(UUID().uuidString)")
    let sources = self.folder.appending(path: "Sources/Consumer")
    try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
    try """
    // swift-tools-version: 6.2
    import PackageDescription
    let package = Package(
      name: "consumer",
      dependencies: [.package(name: "swift-swarm", path: "\(Repository.root.path)", traits: \(traits))],
      targets: [.target(name: "Consumer", dependencies: [.product(name: "\(product)", package: "swift-swarm")])]
    )
    """.write(to: self.folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
    try "public import Raft\npublic let bootstrapMember = RaftID(rawValue: 1)\n"
      .write(to: sources.appending(path: "Consumer.swift"), atomically: true, encoding: .utf8)
  }

  func remove() { try? FileManager.default.removeItem(at: self.folder) }

  /// The packages that were fetched, sorted.
  var cloned: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: self.folder.appending(path: ".build/checkouts").path).sorted()
    }
  }

  /// Runs a command of SwiftPM in the package.
  func swift(_ command: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["swift"] + command + ["--package-path", self.folder.path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
