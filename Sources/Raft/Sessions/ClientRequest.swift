// SPDX-License-Identifier: Apache-2.0

/// Names one request of a client, so that sending it again doesn't carry it out again.
public struct ClientRequest<Client: Hashable & Comparable & Sendable>: Hashable, Sendable {
  /// Who asks: a client whose session is open.
  public var client: Client
  /// Counts the client's requests, from 1.
  ///
  /// A retry has the number of the first attempt.
  public var sequence: UInt64
  /// The client has the answers to all requests up to this one, and will never repeat them.
  public var answered: UInt64

  /// Names a request.
  public init(client: Client, sequence: UInt64, answered: UInt64 = 0) {
    self.client = client
    self.sequence = sequence
    self.answered = answered
  }
}

/// The bytes of a command together with what makes it happen exactly once; the payload of an entry.
///
/// A client opens a session first: the index of the entry that opens it is its identity, which nobody else ever gets.
public enum SessionCommand: Hashable, Sendable {
  /// Opens a session for whoever proposed this.
  case open(time: Duration)
  /// Carries out a command, once. `time` is the proposer's wall clock.
  case request(ClientRequest<LogIndex>, time: Duration, payload: ArraySlice<UInt8>)
  /// The client won't come back.
  case close(LogIndex)
}

extension SessionCommand {
  /// The version byte in front of every encoded command.
  static let formatVersion: UInt8 = 1

  private enum Tag {
    static let client: UInt8 = 1
    static let sequence: UInt8 = 2
    static let answered: UInt8 = 3
    static let time: UInt8 = 4
    static let isOpening: UInt8 = 5
    static let payload: UInt8 = 6
  }

  /// The command as an entry's payload: a version byte and tagged fields.
  ///
  /// Time is kept in whole milliseconds.
  public var encoded: [UInt8] {
    switch self {
    case .open(let time):
      var writer = FieldWriter()
      writer.bytes.append(Self.formatVersion)
      writer.number(Tag.isOpening, 1)
      writer.number(Tag.time, time.wholeMilliseconds)
      return writer.bytes
    case .request(let request, let time, let payload):
      var writer = FieldWriter(reservingCapacity: payload.count + 48)
      writer.bytes.append(Self.formatVersion)
      writer.number(Tag.client, request.client.rawValue)
      writer.number(Tag.sequence, request.sequence)
      writer.nonzero(Tag.answered, request.answered)
      writer.number(Tag.time, time.wholeMilliseconds)
      writer.data(Tag.payload, payload)
      return writer.bytes
    case .close(let client):
      var writer = FieldWriter()
      writer.bytes.append(Self.formatVersion)
      writer.number(Tag.client, client.rawValue)
      return writer.bytes
    }
  }

  /// Decodes what ``encoded`` gives; a request's payload shares the bytes.
  public init(decoding bytes: ArraySlice<UInt8>) throws(RaftError) {
    guard let version = bytes.first else { throw RaftError(.incomplete, "a session command is empty") }
    guard version == Self.formatVersion else {
      throw RaftError(.unsupportedFormat, "session command format \(version) isn't known")
    }
    var reader = FieldReader(bytes.dropFirst())
    var request = ClientRequest(client: LogIndex.zero, sequence: 0)
    var (time, isOpening) = (UInt64(0), false)
    var payload: ArraySlice<UInt8>?
    while let field = try reader.next() {
      switch field.tag {
      case Tag.client: request.client = LogIndex(try field.bounded())
      case Tag.sequence: request.sequence = try field.bounded()
      case Tag.answered: request.answered = try field.bounded()
      case Tag.time: time = field.number
      case Tag.isOpening: isOpening = field.number != 0
      case Tag.payload: payload = field.data
      default: break
      }
    }
    let moment = Duration.moment(time)
    if isOpening {
      self = .open(time: moment)
    } else if let payload {
      guard request.client != .zero, request.sequence > 0 else {
        throw RaftError(.corrupt, "a request names no client or has no number")
      }
      self = .request(request, time: moment, payload: payload)
    } else {
      guard request.client != .zero else { throw RaftError(.corrupt, "a session command says nothing") }
      self = .close(request.client)
    }
  }
}

/// The latest time in milliseconds that is taken from outside: far beyond any clock, and safe to add to.
private let largestMoment: UInt64 = 1 << 50

extension Duration {
  /// A time in milliseconds that came from outside.
  static func moment(_ milliseconds: UInt64) -> Self { .milliseconds(Int64(clamping: min(milliseconds, largestMoment))) }

  var wholeMilliseconds: UInt64 {
    let (seconds, attoseconds) = self.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(seconds) &* 1000 &+ UInt64(attoseconds) / 1_000_000_000_000_000
  }
}
