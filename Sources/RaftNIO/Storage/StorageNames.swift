// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What the files of a node are called.
enum StorageNames {
  private static let digits = 20

  /// A segment in use.
  static func segment(_ sequence: UInt64) -> String { "log-\(Self.padded(sequence))" }

  /// The sequence of a segment in use; `nil` for any other name.
  static func sequence(ofSegment name: String) -> UInt64? {
    guard name.hasPrefix("log-"), name.utf8.count == 4 + Self.digits else { return nil }
    return UInt64(name.dropFirst(4))
  }

  /// A segment that waits to be used, with zeros or old bytes in it.
  static func spare(_ number: Int) -> String { "spare-\(number)" }

  /// A complete snapshot.
  ///
  /// Names sort by index, then by term.
  static func snapshot(_ position: LogPosition) -> String {
    "snapshot-\(Self.padded(position.index.rawValue))-\(Self.padded(position.term.rawValue))"
  }

  /// Whether a name is that of a complete snapshot.
  static func isSnapshot(_ name: String) -> Bool { name.hasPrefix("snapshot-") }

  /// A file that is being written, or being received; worth nothing after a crash.
  static func temporary(_ purpose: String) -> String { "temporary-\(purpose)" }

  /// A snapshot that is being received, named by what it is to become.
  static func incoming(_ identity: SnapshotIdentity) -> String {
    "incoming-\(Self.padded(identity.position.index.rawValue))-\(Self.padded(identity.position.term.rawValue))"
      + "-\(identity.length)-\(identity.checksum)"
  }

  /// What a file is to become; `nil` for a name that isn't that of a snapshot being received.
  static func identity(ofIncoming name: String) -> SnapshotIdentity? {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "incoming", let index = UInt64(parts[1]), let term = UInt64(parts[2]),
      let length = Int(parts[3]), let checksum = UInt32(parts[4])
    else { return nil }
    let position = LogPosition(index: LogIndex(index), term: Term(term))
    let identity = SnapshotIdentity(position: position, length: length, checksum: checksum)
    return Self.incoming(identity) == name ? identity : nil
  }

  /// Whether a name is that of a file to delete at the start.
  static func isDisposable(_ name: String) -> Bool { name.hasPrefix("temporary-") || name.hasPrefix("spare-") }

  private static func padded(_ number: UInt64) -> String {
    let text = String(number)
    return String(repeating: "0", count: Self.digits - text.utf8.count) + text
  }
}
