// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SwarmIdentity
internal import SwarmWire
internal import Synchronization

/// `openssl s_client`: another TLS implementation at the other end.
///
/// In TLS 1.3 a client has its handshake behind it before the server has looked at its certificate; it learns that it was refused when it reads. So a
/// connection counts as accepted only when the server's first HTTP/2 frame has arrived.
struct SClient {
  /// What became of a connection.
  struct Outcome: Sendable {
    /// Whether the server answered with an HTTP/2 SETTINGS frame.
    var isAccepted: Bool
    /// Everything that openssl printed about the connection.
    var log: String
  }

  /// Connects, says hello in HTTP/2, and waits for the answer or the end.
  static func connect(to listener: SwarmListener, _ arguments: [String], hello: String = http2) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try Self.run(listener.port, arguments, hello: hello) })
      }
    }
  }

  /// HTTP/2's preface with an empty SETTINGS frame.
  static let http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0"

  /// The arguments that show a certificate, from files in a directory.
  static func showing(_ credentials: NodeCredentials, in directory: TemporaryDirectory) throws -> [String] {
    let name = UUID().uuidString
    return [
      "-cert", try directory.write(credentials.chain, to: "\(name).crt"),
      "-cert_chain", "\(directory.path)/\(name).crt",
      "-key", try directory.write(credentials.key.pem, to: "\(name).key"),
    ]
  }

  private static func run(_ port: Int, _ arguments: [String], hello: String) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof", "-nocommands"] + arguments
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stderr
    try process.run()
    let errors = Mutex(Data())
    let read = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let data = stderr.fileHandleForReading.readDataToEndOfFile()
      errors.withLock { $0 = data }
      read.signal()
    }
    // openssl may be gone already.
    signal(SIGPIPE, SIG_IGN)
    try? stdin.fileHandleForWriting.write(contentsOf: Data(hello.utf8))
    var output = Data()
    // A SETTINGS frame of the server's own: length, type 4, no flags, stream 0.
    let settings = Data([4, 0, 0, 0, 0, 0])
    while true {
      let piece = stdout.fileHandleForReading.availableData
      if piece.isEmpty { break }
      output += piece
      if output.range(of: settings) != nil { break }
    }
    let isAccepted = output.range(of: settings) != nil
    // The tests' threads may have everything gentler blocked, and a child inherits that.
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? stdin.fileHandleForWriting.close()
    process.waitUntilExit()
    read.wait()
    let log = String(decoding: output, as: UTF8.self) + String(decoding: errors.withLock { $0 }, as: UTF8.self)
    return Outcome(isAccepted: isAccepted, log: log)
  }
}
