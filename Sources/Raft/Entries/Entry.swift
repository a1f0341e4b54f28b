// SPDX-License-Identifier: Apache-2.0

/// One entry of the log, encoded once by the leader that made it.
///
/// The bytes in ``encoded`` are what every member stores and sends. Entries of one batch are slices of one buffer, so
/// an entry costs no allocation of its own.
public struct Entry: Hashable, Sendable {
  /// The term of the leader that made the entry.
  public let term: Term
  /// Where the entry stands in the log.
  public let index: LogIndex
  /// What the payload is.
  public let kind: Kind
  /// Where the payload begins in ``encoded``, counted from its start.
  @usableFromInline let payloadOffset: UInt32
  /// Header, checksum and payload, byte for byte as on disk and on the wire.
  ///
  /// See ``EntryCodec``.
  public let encoded: ArraySlice<UInt8>

  /// Only the codec makes entries, so that the fields always agree with the bytes.
  init(term: Term, index: LogIndex, kind: Kind, encoded: ArraySlice<UInt8>) {
    self.term = term
    self.index = index
    self.kind = kind
    self.payloadOffset = UInt32(EntryCodec.headerLength)
    self.encoded = encoded
  }

  private init(_ entry: Entry, payloadOffset: UInt32) {
    self.term = entry.term
    self.index = entry.index
    self.kind = entry.kind
    self.payloadOffset = payloadOffset
    self.encoded = entry.encoded
  }

  /// The same entry for whoever knows only the end of its payload, because something else stands before it.
  ///
  /// - Precondition: `payload` is a part of the entry's own that ends with it.
  package func narrowed(to payload: ArraySlice<UInt8>) -> Entry {
    precondition(payload.endIndex == self.encoded.endIndex && payload.startIndex >= self.payload.startIndex)
    return Entry(self, payloadOffset: UInt32(payload.startIndex - self.encoded.startIndex))
  }

  /// The bytes that were proposed, without the header.
  @inlinable
  public var payload: ArraySlice<UInt8> { self.encoded.dropFirst(Int(self.payloadOffset)) }

  /// The entry's place, named by index and term.
  @inlinable
  public var position: LogPosition { LogPosition(index: self.index, term: self.term) }
}

extension Entry {
  /// What an entry's payload is.
  ///
  /// A kind that isn't listed here stops the node; it is never skipped.
  public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// An empty entry with which a leader commits the entries of earlier terms.
    public static let noop = Kind(rawValue: 1)
    /// Bytes of the host's state machine.
    public static let command = Kind(rawValue: 2)
    /// A whole ``Membership``.
    public static let configuration = Kind(rawValue: 3)

    /// The number in the header.
    public var rawValue: UInt8

    /// Makes a kind from its number.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Whether this version knows the kind.
    public var isKnown: Bool { self == .noop || self == .command || self == .configuration }

    /// The name of the kind.
    public var description: String {
      switch self {
      case .noop: "noop"
      case .command: "command"
      case .configuration: "configuration"
      default: "unknown(\(self.rawValue))"
      }
    }
  }
}

extension [Entry] {
  /// Bytes of all entries as they are stored and sent.
  ///
  /// By position: to iterate would count references to each entry's buffer, which costs more than the sum.
  package var encodedLength: Int {
    var length = 0
    for position in self.indices { length += self[position].encoded.count }
    return length
  }
}
