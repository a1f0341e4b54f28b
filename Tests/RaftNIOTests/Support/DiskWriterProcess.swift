// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `raft-disk-writer` as a process of its own, under `strace` when its disk is to fail.
enum DiskWriterProcess {
  /// What a run said and how it ended.
  struct Outcome {
    /// What it found.
    var found: Int?
    /// The last number that it acknowledged.
    var acknowledged: Int?
    var lines: [Substring]
    /// The exit code, or the negative number of the signal.
    var status: Int32
    var errors: String
  }

  /// Whether `strace` is there and may trace: `nil` when it is, else why not.
  static let reasonNotToTrace: String? = {
    guard let outcome = try? Self.launch("/usr/bin/env", ["strace", "-f", "-e", "trace=none", "/bin/true"]) else {
      return "strace can't be started"
    }
    return outcome.status == 0 ? nil : "strace may not trace here: \(outcome.errors)"
  }()

  private static var executable: URL {
    get throws {
      // Where the tests are, there are the executables that they depend on.
      var folder = Bundle.main.executableURL?.deletingLastPathComponent()
      for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
        folder = URL(filePath: argument).deletingLastPathComponent()
      }
      return try #require(folder).appending(path: "raft-disk-writer")
    }
  }

  /// Runs until `last` is acknowledged, or something happens.
  ///
  /// - Parameters:
  ///   - injections: what `strace -e inject=` is to do, if anything.
  ///   - heard: called with each line as it comes.
  static func run(
    _ directory: String,
    last: Int,
    injecting injections: [String] = [],
    heard: (Substring) -> Void = { _ in }
  ) throws -> Outcome {
    let command = [try Self.executable.path(), directory, String(last)]
    guard !injections.isEmpty else { return try Self.launch(command[0], Array(command.dropFirst()), heard) }
    let calls = "trace=fsync,fdatasync,pwrite64"
    let options = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", calls] + injections.flatMap { ["-e", "inject=\($0)"] }
    return try Self.launch("/usr/bin/env", options + command)
  }

  private static func launch(
    _ path: String,
    _ arguments: [String],
    _ heard: (Substring) -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    var text = ""
    while true {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      let said = String(decoding: data, as: UTF8.self)
      text += said
      for line in said.split(separator: "\n") { heard(line) }
    }
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = text.split(separator: "\n")
    func last(_ word: String) -> Int? { lines.last { $0.hasPrefix("\(word) ") }.flatMap { Int($0.dropFirst(word.count + 1)) } }
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Outcome(found: last("has"), acknowledged: last("ack"), lines: lines, status: status, errors: complaint)
  }
}
