// SPDX-License-Identifier: Apache-2.0

@testable import Gossip

extension Group {
  /// Lets one node hear claims, as if another had sent them.
  mutating func hear(_ claims: [Claim], at receiver: Int, from sender: Int) throws {
    var rumours = Rumours()
    rumours.claims = claims
    try self.hear(rumours, at: receiver, from: sender)
  }

  mutating func hear(
    _ rumours: Rumours,
    at receiver: Int,
    from sender: Int,
    digest: UInt64 = 0,
    count: UInt64 = 0
  ) throws {
    let header = Header(
      kind: Packet.Body.rumours.kind,
      label: self.cores[receiver].label,
      sender: self.cores[sender].ownFingerprint,
      digest: digest,
      count: count
    )
    let packet = Packet(header: header, body: .rumours, rumours: rumours)
    let bytes = PacketFormatTests.encode(packet)
    try self.cores[receiver].receive(packet: bytes[...], from: Self.address(sender), now: self.now)
  }

  func claim(_ kind: Claim.Kind, _ number: Int, epoch: UInt64 = 1, incarnation: UInt32 = 0, accuser: Int = 0) throws -> Claim {
    Claim(
      kind: kind,
      id: try MemberID("n\(number)"),
      epoch: epoch,
      incarnation: incarnation,
      address: kind == .suspect ? nil : Self.address(number),
      accuser: kind == .suspect || kind == .dead ? self.cores[accuser].ownFingerprint : 0
    )
  }

  func status(of number: Int, at observer: Int) throws -> GossipMember.Status? {
    self.cores[observer].member(try MemberID("n\(number)"))?.status
  }
}
