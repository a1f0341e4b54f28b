// SPDX-License-Identifier: Apache-2.0

/// One message on a stream, decoded.
///
/// The driver delimits messages.
struct Frame: Hashable, Sendable {
  enum Body: Hashable, Sendable {
    /// Asks the member with this handle for an answer, and may tell it what it is accused of.
    case probe(target: UInt64)
    /// Answers a probe.
    case probeAnswer
    /// Begins a synchronisation, and answers that: the sender's digest of every bucket of members, and of records (none: no
    /// records). Then both know in which buckets they differ.
    case digests(members: [UInt64], records: [UInt64])
    /// Part of the tables; the other side says ``next`` for the following part.
    case part(isLast: Bool)
    /// Asks for the following part.
    case next

    var kind: UInt8 {
      switch self {
      case .probe: 65
      case .probeAnswer: 66
      case .digests: 67
      case .part: 68
      case .next: 69
      }
    }
  }

  var header: Header
  var body: Body
  var rumours: Rumours
}

extension WireWriter {
  mutating func body(_ body: Frame.Body) {
    switch body {
    case .probe(let target): self.uint64(target)
    case .digests(let members, let records):
      self.buckets(members)
      self.buckets(records)
    case .part(let isLast): self.byte(isLast ? 1 : 0)
    case .probeAnswer, .next: break
    }
  }

  private mutating func buckets(_ digests: [UInt64]) {
    self.varint(UInt64(digests.count))
    for digest in digests { self.uint64(digest) }
  }
}

extension WireReader {
  mutating func frame(label: UInt32) throws(GossipError) -> Frame {
    let header = try self.header(label: label)
    let body = try self.frameBody(header.kind)
    return Frame(header: header, body: body, rumours: try self.rumours())
  }

  private mutating func frameBody(_ kind: UInt8) throws(GossipError) -> Frame.Body {
    switch kind {
    case 65: return .probe(target: try self.uint64())
    case 66: return .probeAnswer
    case 67:
      let members = try self.buckets(count: MemberTable.bucketCount)
      return .digests(members: members, records: try self.buckets(count: GossipTable.bucketCount))
    case 68:
      let flag = try self.byte()
      guard flag < 2 else { throw GossipError(.malformed, "a flag is neither 0 nor 1") }
      return .part(isLast: flag == 1)
    case 69: return .next
    default: throw GossipError(.unsupportedFormat, "frames of kind \(kind) aren't spoken here")
    }
  }

  private mutating func buckets(count: Int) throws(GossipError) -> [UInt64] {
    let found = try self.varint()
    guard found == 0 || found == UInt64(count) else {
      throw GossipError(.malformed, "\(found) buckets instead of \(count)")
    }
    var digests: [UInt64] = []
    for _ in 0..<found { digests.append(try self.uint64()) }
    return digests
  }
}
