// SPDX-License-Identifier: Apache-2.0

/// A datagram, decoded: what it is for, then rumours up to its end.
struct Packet: Hashable, Sendable {
  enum Body: Hashable, Sendable {
    /// Rumours alone.
    case rumours
    /// Asks the member with this handle for an answer.
    case ping(sequence: UInt32, target: UInt64)
    /// Answers a ping.
    case answer(sequence: UInt32)
    /// Asks a helper to ping somebody.
    case pingRequest(sequence: UInt32, target: UInt64, address: GossipAddress)
    /// A helper got an answer.
    case relayedAnswer(sequence: UInt32)
    /// A helper is well and got none.
    case relayedSilence(sequence: UInt32)

    var kind: UInt8 {
      switch self {
      case .rumours: 1
      case .ping: 2
      case .answer: 3
      case .pingRequest: 4
      case .relayedAnswer: 5
      case .relayedSilence: 6
      }
    }
  }

  var header: Header
  var body: Body
  var rumours: Rumours
}

/// The rumours of a packet or frame.
struct Rumours: Hashable, Sendable {
  var claims: [Claim] = []
  var records: [RecordClaim] = []
  var broadcasts: [BroadcastClaim] = []
}

extension WireWriter {
  /// Writes the fields that follow the header.
  mutating func body(_ body: Packet.Body) {
    switch body {
    case .rumours: break
    case .ping(let sequence, let target):
      self.uint32(sequence)
      self.uint64(target)
    case .pingRequest(let sequence, let target, let address):
      self.uint32(sequence)
      self.uint64(target)
      self.address(address)
    case .answer(let sequence), .relayedAnswer(let sequence), .relayedSilence(let sequence):
      self.uint32(sequence)
    }
  }
}

extension WireReader {
  mutating func packet(label: UInt32) throws(GossipError) -> Packet {
    let header = try self.header(label: label)
    let body = try self.body(header.kind)
    return Packet(header: header, body: body, rumours: try self.rumours())
  }

  private mutating func body(_ kind: UInt8) throws(GossipError) -> Packet.Body {
    switch kind {
    case 1: return .rumours
    case 2:
      let sequence = try self.uint32()
      return .ping(sequence: sequence, target: try self.uint64())
    case 3: return .answer(sequence: try self.uint32())
    case 4:
      let sequence = try self.uint32()
      let target = try self.uint64()
      return .pingRequest(sequence: sequence, target: target, address: try self.address())
    case 5: return .relayedAnswer(sequence: try self.uint32())
    case 6: return .relayedSilence(sequence: try self.uint32())
    default: throw GossipError(.unsupportedFormat, "packets of kind \(kind) aren't spoken here")
    }
  }

  /// Reads rumours up to the end; kinds that newer versions add are passed over.
  mutating func rumours() throws(GossipError) -> Rumours {
    var rumours = Rumours()
    while !self.isAtEnd {
      let kind = try self.byte()
      var fields = WireReader(try self.data(upTo: 1 << 16))
      switch kind {
      case RecordClaim.kind: rumours.records.append(try fields.record())
      case BroadcastClaim.kind: rumours.broadcasts.append(try fields.broadcast())
      default:
        guard let kind = Claim.Kind(rawValue: kind) else { continue }
        rumours.claims.append(try fields.claim(kind))
      }
    }
    return rumours
  }
}
