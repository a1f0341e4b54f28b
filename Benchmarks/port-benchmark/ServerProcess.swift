// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// A server in a process of its own, and what the kernel says of it.
final class ServerProcess: Sendable {
  /// The port that it listens on.
  let port: Int
  private let process: Process

  /// Starts the port of a manager.
  init(_ identities: Identities) throws {
    self.process = Process()
    self.process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    self.process.arguments = ["serve", "--directory", identities.directory]
    let output = Pipe()
    self.process.standardOutput = output
    try self.process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BenchmarkError("the port didn't open")
    }
    self.port = port
  }

  /// Starts `openssl s_server` with the same certificate, asking clients for theirs.
  init(openSSL identities: Identities, port: Int) throws {
    self.port = port
    self.process = Process()
    self.process.executableURL = URL(filePath: "/usr/bin/env")
    self.process.currentDirectoryURL = URL(filePath: identities.directory)
    self.process.arguments = [
      "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "manager.crt", "-key", "manager.key", "-CAfile", "ca.crt",
      "-Verify", "2", "-quiet",
    ]
    // It ends when its input does.
    self.process.standardInput = Pipe()
    self.process.standardOutput = FileHandle.nullDevice
    self.process.standardError = FileHandle.nullDevice
    try self.process.run()
  }

  /// Ends the process.
  func end() {
    self.process.terminate()
    self.process.waitUntilExit()
  }

  /// Processor time that it has used, to 10 ms.
  var cpu: Duration {
    let text = (try? String(contentsOfFile: "/proc/\(self.process.processIdentifier)/stat", encoding: .utf8)) ?? ""
    // What follows the name, which is in brackets; time in user and system mode are the 12th and 13th field of it.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 14, let user = Int(fields[12]), let system = Int(fields[13]) else { return .zero }
    return .milliseconds(10 * (user + system))
  }

  /// Resident memory, in bytes.
  var memory: Int {
    let text = (try? String(contentsOfFile: "/proc/\(self.process.processIdentifier)/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}

/// Why a benchmark can't go on.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
