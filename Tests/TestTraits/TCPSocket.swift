// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// An IPv4 TCP socket of this machine, as the kernel's table has it.
public struct TCPSocket: Sendable {
  /// What a socket is there for.
  public enum State: Int, Sendable {
    /// It is one end of a connection.
    case established = 1
    /// It takes connections in.
    case listening = 10
  }

  /// The kernel's timer that runs for a socket.
  public enum Timer: Int, Sendable {
    /// None.
    case none = 0
    /// Sends again what isn't acknowledged.
    case retransmission = 1
    /// Asks an idle peer whether it is still there.
    case keepAlive = 2
  }

  /// The address in the table's notation: `0100007F:1F90` is 127.0.0.1:8080.
  public let address: String
  /// The port.
  public let port: Int
  /// What the socket is there for; `nil` when it is on its way to something else.
  public let state: State?
  /// The timer that runs; `nil` for those of other states.
  public let timer: Timer?
  /// The number by which descriptors name the socket.
  public let inode: String

  private init?(_ line: Substring) {
    let fields = line.split(separator: " ")
    guard fields.count > 9, let port = Int(fields[1].suffix(4), radix: 16) else { return nil }
    self.address = String(fields[1])
    self.port = port
    self.state = Int(fields[3], radix: 16).flatMap(State.init)
    self.timer = Int(fields[5].prefix(2), radix: 16).flatMap(Timer.init)
    self.inode = String(fields[9])
  }

  /// Reads the table.
  public static func all() throws -> [TCPSocket] {
    // The kernel hands the table out in pieces, and reading "a file's contents" would take the first for the whole.
    let table = try FileHandle(forReadingAtPath: "/proc/net/tcp")?.readToEnd() ?? Data()
    return String(decoding: table, as: UTF8.self).split(separator: "\n").compactMap(TCPSocket.init)
  }
}
