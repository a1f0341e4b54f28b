// SPDX-License-Identifier: Apache-2.0

/// The version byte in front of encoded sessions.
private let formatVersion: UInt8 = 1

private enum Tag {
  static let time: UInt8 = 1
  static let session: UInt8 = 2
  static let client: UInt8 = 3
  static let lastUsed: UInt8 = 4
  static let forgotten: UInt8 = 5
  static let sequence: UInt8 = 6
  static let output: UInt8 = 7
}

extension ClientSessions where Client == LogIndex {
  /// All open sessions as a part of a snapshot: a version byte and tagged fields.
  ///
  /// - Parameter encode: gives an output as bytes.
  public func encoded(_ encode: (Output) -> [UInt8]) -> [UInt8] {
    var writer = FieldWriter(reservingCapacity: 64)
    writer.bytes.append(formatVersion)
    writer.number(Tag.time, self.time.wholeMilliseconds)
    for (client, session) in self.all {
      var fields = FieldWriter()
      fields.number(Tag.client, client.rawValue)
      fields.number(Tag.lastUsed, session.lastUsed.wholeMilliseconds)
      fields.nonzero(Tag.forgotten, session.forgotten)
      for (sequence, output) in session.outputs {
        fields.number(Tag.sequence, sequence)
        fields.data(Tag.output, encode(output))
      }
      writer.data(Tag.session, fields.bytes)
    }
    return writer.bytes
  }

  /// Decodes what ``encoded(_:)`` gives.
  ///
  /// - Parameters:
  ///   - bytes: the encoded sessions.
  ///   - limits: the limits, which are a part of the state machine and not of its snapshot.
  ///   - decode: reads an output.
  /// - Throws: `RaftError` with code `corrupt`, `incomplete` or `unsupportedFormat`, or what `decode` throws.
  public init(decoding bytes: ArraySlice<UInt8>, limits: Limits, _ decode: (ArraySlice<UInt8>) throws -> Output) throws {
    guard let version = bytes.first else { throw RaftError(.incomplete, "encoded sessions are empty") }
    guard version == formatVersion else { throw RaftError(.unsupportedFormat, "session format \(version) isn't known") }
    var reader = FieldReader(bytes.dropFirst())
    var time = Duration.zero
    var sessions: [(client: LogIndex, session: Session)] = []
    while let field = try reader.next() {
      switch field.tag {
      case Tag.time: time = .moment(field.number)
      case Tag.session: sessions.append(try Self.session(field.data, decode))
      default: break
      }
    }
    self.init(limits: limits, time: time, sessions: sessions)
  }

  private static func session(
    _ bytes: ArraySlice<UInt8>,
    _ decode: (ArraySlice<UInt8>) throws -> Output
  ) throws -> (client: LogIndex, session: Session) {
    var reader = FieldReader(bytes)
    var client = LogIndex.zero
    var session = Session(lastUsed: .zero)
    var sequence: UInt64 = 0
    while let field = try reader.next() {
      switch field.tag {
      case Tag.client: client = LogIndex(try field.bounded())
      case Tag.lastUsed: session.lastUsed = .moment(field.number)
      case Tag.forgotten: session.forgotten = try field.bounded()
      case Tag.sequence:
        let next = try field.bounded()
        guard next > max(sequence, session.forgotten) else {
          throw RaftError(.corrupt, "the outputs of a session aren't in order")
        }
        sequence = next
      case Tag.output:
        guard sequence > session.outputs.last?.sequence ?? 0 else { throw RaftError(.corrupt, "an output has no number") }
        session.outputs.append((sequence, try decode(field.data)))
      default: break
      }
    }
    guard client != .zero else { throw RaftError(.corrupt, "a session has no client") }
    return (client, session)
  }
}
