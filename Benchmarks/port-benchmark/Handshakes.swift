// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What a mutual TLS handshake costs a server: `openssl s_time` makes as many as it can.
struct Handshakes {
  var count: Int
  /// The server's processor time for one.
  var cpu: Duration

  /// Makes handshakes with a server for some seconds.
  init(with server: ServerProcess, _ identities: Identities, seconds: Int) throws {
    let before = server.cpu
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = URL(filePath: identities.directory)
    process.arguments = [
      "openssl", "s_time", "-new", "-connect", "127.0.0.1:\(server.port)", "-cert", "worker.crt", "-key", "worker.key",
      "-CAfile", "ca.crt", "-time", "\(seconds)",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let numbers = text.split(separator: "\n").filter { $0.contains(" connections in ") }
    guard let count = numbers.last?.split(separator: " ").first.flatMap({ Int($0) }), count > 0 else {
      throw BenchmarkError("openssl s_time made no connections: \(text.suffix(300))")
    }
    self.count = count
    self.cpu = (server.cpu - before) / count
  }
}
