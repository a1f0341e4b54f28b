// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The real docker command line, where there is one.
enum DockerClient {
  /// The program, the machine's own before an older one of the distribution; `nil` where it isn't installed.
  static let path = ["/usr/local/bin/docker", "/usr/bin/docker"].first { FileManager.default.isExecutableFile(atPath: $0) }

  static func run(_ arguments: [String], host: String) async throws -> CommandOutput {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: self.path ?? "/usr/bin/docker")
    process.arguments = ["-H", host] + arguments
    process.environment = ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin"]
    // Files, not pipes: a pipe's end may be inherited by another child, and reading would then wait for that one as well.
    let directory = try TemporaryDirectory()
    let output = try Self.file("output", in: directory)
    let errors = try Self.file("errors", in: directory)
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    let code: Int32 = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
      } catch {
        continuation.resume(throwing: error)
      }
    }
    try output.close()
    try errors.close()
    return CommandOutput(
      exitCode: code,
      output: try String(contentsOfFile: "\(directory.path)/output", encoding: .utf8),
      errors: try String(contentsOfFile: "\(directory.path)/errors", encoding: .utf8)
    )
  }

  /// The first lines that a command without an end prints; then it is killed.
  ///
  /// - Parameter work: what to do meanwhile.
  static func lines(
    _ count: Int,
    of arguments: [String],
    host: String,
    while work: () async throws -> Void = {}
  ) async throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: self.path ?? "/usr/bin/docker")
    process.arguments = ["-H", host] + arguments
    process.environment = ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    let (pieces, continuation) = AsyncStream<Data>.makeStream()
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      if data.isEmpty { continuation.finish() } else { continuation.yield(data) }
    }
    try process.run()
    defer {
      pipe.fileHandleForReading.readabilityHandler = nil
      process.terminate()
    }
    try await work()
    var text = ""
    for await piece in pieces {
      text += String(decoding: piece, as: UTF8.self)
      if text.count(where: { $0 == "\n" }) >= count { break }
    }
    return text.split(separator: "\n").prefix(count).map(String.init)
  }

  private static func file(_ name: String, in directory: TemporaryDirectory) throws -> FileHandle {
    let path = "\(directory.path)/\(name)"
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
}
