// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessCluster

/// The programs that were built together with these tests.
enum Programs {
  /// The file of a program.
  static func path(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: tests).deletingLastPathComponent().appending(path: name).path
  }

  /// What a run of a program said and ended with.
  struct Outcome: Sendable {
    var code: Int32
    var output: String
    var errors: String
  }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - name: one of ours, or the whole path of another one.
  ///   - input: what it reads.
  static func run(
    _ name: String,
    _ arguments: [String],
    environment: [String: String] = [:],
    input: String = ""
  ) async throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: name.hasPrefix("/") ? name : try Self.path(name))
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    let typed = Pipe()
    process.standardInput = typed
    return try await withCheckedThrowingContinuation { continuation in
      // Blocking reads don't belong on the pool that runs the tests.
      Thread.detachNewThread {
        do {
          try process.run()
          try typed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
          try typed.fileHandleForWriting.close()
          let said = output.fileHandleForReading.readDataToEndOfFile()
          let complained = errors.fileHandleForReading.readDataToEndOfFile()
          process.waitUntilExit()
          continuation.resume(
            returning: Outcome(
              code: process.terminationStatus,
              output: String(decoding: said, as: UTF8.self),
              errors: String(decoding: complained, as: UTF8.self)
            )
          )
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

/// A directory for the nodes of one test; short, because sockets live in it.
struct Playground: Sendable {
  let path: String
  /// An address of its own: on 127.0.0.1 another test may get the port of a node that is about to start again.
  private let host = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"

  init() throws {
    self.path = "\(NSTemporaryDirectory())sw-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  func launch(_ kind: NodeProcess.Kind, _ name: String, seed: NodeProcess.Seed? = nil, flags: [String] = []) throws
    -> NodeProcess.Launch
  {
    NodeProcess.Launch(
      executable: try Programs.path(kind.rawValue),
      kind: kind,
      name: name,
      directory: "\(self.path)/\(name)",
      seed: seed,
      flags: flags + ["--listen-addr", "\(self.host):0"]
    )
  }

  /// Ends what still runs here, after a test that failed, and deletes everything.
  func remove() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = pid_t(name), let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"),
        line.range(of: Data("\(self.path)/".utf8)) != nil
      else { continue }
      kill(pid, SIGKILL)
    }
    try? FileManager.default.removeItem(atPath: self.path)
  }
}
