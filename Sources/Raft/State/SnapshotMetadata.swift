// SPDX-License-Identifier: Apache-2.0

/// What a snapshot stands for: all entries up to and including a position, and the group as of that position.
public struct SnapshotMetadata: Hashable, Sendable {
  /// The last entry that the snapshot covers.
  public var index: LogIndex
  /// That entry's term.
  public var term: Term
  /// The configuration that holds at that entry.
  public var membership: Membership

  /// Describes a snapshot.
  public init(index: LogIndex, term: Term, membership: Membership) {
    self.index = index
    self.term = term
    self.membership = membership
  }

  /// The last entry that the snapshot covers.
  public var position: LogPosition { LogPosition(index: self.index, term: self.term) }
}

extension SnapshotMetadata {
  /// The version byte in front of every encoded description.
  static let formatVersion: UInt8 = 1

  private enum Tag {
    static let index: UInt8 = 1
    static let term: UInt8 = 2
    static let membership: UInt8 = 3
  }

  /// The description as bytes: a version byte and tagged fields.
  public var encoded: [UInt8] {
    var writer = FieldWriter()
    writer.bytes.append(Self.formatVersion)
    writer.number(Tag.index, self.index.rawValue)
    writer.number(Tag.term, self.term.rawValue)
    writer.data(Tag.membership, self.membership.encoded)
    return writer.bytes
  }

  /// Decodes what ``encoded`` gives.
  public init(decoding bytes: ArraySlice<UInt8>) throws(RaftError) {
    guard let version = bytes.first else { throw RaftError(.incomplete, "a snapshot's description is empty") }
    guard version == Self.formatVersion else {
      throw RaftError(.unsupportedFormat, "snapshot description format \(version) isn't known")
    }
    var reader = FieldReader(bytes.dropFirst())
    var index: UInt64 = 0
    var term: UInt64 = 0
    var membership = Membership.empty
    while let field = try reader.next() {
      switch field.tag {
      case Tag.index: index = try field.bounded()
      case Tag.term: term = try field.bounded()
      case Tag.membership: membership = try Membership(decoding: field.data)
      default: break
      }
    }
    guard index > 0, term > 0 else { throw RaftError(.corrupt, "a snapshot's description names no entry") }
    self.init(index: LogIndex(index), term: Term(term), membership: membership)
  }
}
