// SPDX-License-Identifier: Apache-2.0

internal import Crypto
package import Gossip
package import NIOCore

/// Seals what goes out and opens what comes in.
///
/// Without a key both pass everything on as it is.
package struct Sealer: Sendable {
  var keyring: Keyring
  private let label: [UInt8]
  private let labelHint: UInt16
  private var session: UInt64
  private var counter: UInt32 = 0
  private var replays: ReplayGuard
  private var generator = SystemRandomNumberGenerator()

  init(keyring: Keyring, label: String, sessions: Int) {
    self.keyring = keyring
    self.label = Array(label.utf8)
    self.labelHint = SHA256.hash(data: Array("swift-swarm gossip label".utf8) + self.label).prefix(2)
      .reduce(0) { $0 << 8 | UInt16($1) }
    self.replays = ReplayGuard(sessions: sessions)
    self.session = self.generator.next()
  }

  /// Seals and opens packets with one key.
  package init(key: GossipKey, label: String) throws(GossipError) {
    self.init(keyring: try Keyring([key]), label: label, sessions: 1024)
  }

  /// Whether what comes in the clear is refused.
  var isSealing: Bool { self.keyring.primary != nil }

  /// A number that no stream had before.
  mutating func makeStreamSession() -> UInt64 { self.generator.next() }

  // MARK: - Sealing

  /// Writes a packet.
  package mutating func sealPacket(_ bytes: ArraySlice<UInt8>, into buffer: inout ByteBuffer) throws {
    let place = self.takePlace()
    try self.seal(bytes, .packet, session: place.session, counter: place.counter, into: &buffer)
  }

  private mutating func takePlace() -> (session: UInt64, counter: UInt32) {
    // A nonce must never come twice: a new session begins before the counter does.
    if self.counter == .max {
      self.session = self.generator.next()
      self.counter = 0
    }
    self.counter += 1
    return (self.session, self.counter)
  }

  /// Writes sealed bytes; the pair of session and counter must never have been used before.
  func seal(
    _ bytes: ArraySlice<UInt8>,
    _ purpose: Seal.Purpose,
    session: UInt64,
    counter: UInt32,
    into buffer: inout ByteBuffer
  ) throws {
    guard let key = self.keyring.primary else {
      buffer.writeBytes(bytes)
      return
    }
    let start = buffer.writerIndex
    buffer.writeInteger(Seal.format)
    buffer.writeInteger(key.hint)
    buffer.writeInteger(self.labelHint)
    var nonce = ByteBuffer()
    nonce.writeInteger(session)
    nonce.writeInteger(counter)
    let associated = self.associated(buffer.getBytes(at: start, length: Seal.nonceOffset) ?? [], purpose)
    let box = try AES.GCM.seal(
      bytes,
      using: key.secret,
      nonce: AES.GCM.Nonce(data: Array(buffer: nonce)),
      authenticating: associated
    )
    buffer.writeBytes(box.nonce)
    buffer.writeBytes(box.ciphertext)
    buffer.writeBytes(box.tag)
  }

  private func associated(_ header: some Collection<UInt8>, _ purpose: Seal.Purpose) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(header.count + 9 + self.label.count)
    bytes.append(contentsOf: header)
    purpose.write(into: &bytes)
    bytes.append(contentsOf: self.label)
    return bytes
  }

  // MARK: - Opening

  /// Opens a packet.
  ///
  /// - Throws: `GossipError` with code `notSealed`, `wrongLabel`, `wrongKey`, `malformed` or `replayed`.
  package mutating func openPacket(_ buffer: ByteBuffer) throws(GossipError) -> [UInt8] {
    guard self.isSealing else { return try self.pass(buffer) }
    let opened = try self.open(buffer, .packet)
    guard self.replays.admit(session: opened.session, counter: opened.counter) else {
      throw GossipError(.replayed, "a packet came twice")
    }
    return opened.bytes
  }

  /// Notes the first frame of a stream that somebody opened.
  mutating func admitStream(session: UInt64) throws(GossipError) {
    guard !self.isSealing || self.replays.admit(session: session, counter: 0) else {
      throw GossipError(.replayed, "a stream came twice")
    }
  }

  /// Whether a frame is the next one of its stream.
  func isInOrder(_ counter: UInt32, _ expected: UInt32) -> Bool { !self.isSealing || counter == expected }

  /// Opens sealed bytes.
  func open(
    _ buffer: ByteBuffer,
    _ purpose: Seal.Purpose
  ) throws(GossipError) -> (bytes: [UInt8], session: UInt64, counter: UInt32) {
    guard self.isSealing else { return (try self.pass(buffer), 0, 0) }
    let start = buffer.readerIndex
    guard let format = buffer.getInteger(at: start, as: UInt8.self) else {
      throw GossipError(.malformed, "there are no bytes")
    }
    guard format == Seal.format else {
      if format < 0x80 { throw GossipError(.notSealed, "something came in the clear") }
      throw GossipError(.unsupportedFormat, "sealing of format \(format) isn't spoken here")
    }
    guard buffer.readableBytes >= Seal.overhead,
      let keyHint = buffer.getInteger(at: start + 1, as: UInt16.self),
      let labelHint = buffer.getInteger(at: start + 3, as: UInt16.self),
      let session = buffer.getInteger(at: start + Seal.nonceOffset, as: UInt64.self),
      let counter = buffer.getInteger(at: start + 13, as: UInt32.self)
    else { throw GossipError(.malformed, "the bytes end too early") }
    guard labelHint == self.labelHint else {
      throw GossipError(.wrongLabel, "the sender belongs to another cluster")
    }
    guard self.keyring.keys.contains(where: { $0.hint == keyHint }) else {
      throw GossipError(.wrongKey, "the sender seals with a key that isn't in the ring")
    }
    let bytes = Array(buffer: buffer)
    let associated = self.associated(bytes[..<Seal.nonceOffset], purpose)
    for key in self.keyring.keys where key.hint == keyHint {
      guard let box = try? AES.GCM.SealedBox(combined: bytes[Seal.nonceOffset...]),
        let opened = try? AES.GCM.open(box, using: key.secret, authenticating: associated)
      else { continue }
      return (Array(opened), session, counter)
    }
    throw GossipError(.malformed, "the seal is broken")
  }

  /// Without keys everything is in the clear.
  private func pass(_ buffer: ByteBuffer) throws(GossipError) -> [UInt8] {
    if let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), first >= 0x80 {
      throw GossipError(.wrongKey, "the sender seals, and this member has no key")
    }
    return Array(buffer: buffer)
  }
}

extension GossipKey {
  /// What names the key in packets.
  var hint: UInt16 { UInt16(truncatingIfNeeded: self.id.rawValue >> 48) }
}
