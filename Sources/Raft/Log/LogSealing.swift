// SPDX-License-Identifier: Apache-2.0

/// Encrypts and authenticates the bodies of batches; the driver brings it, the format only says where its bytes go.
///
/// A sealed body is the stamp, then the ciphertext with its tag. The header stays readable, so that a torn tail is told from
/// damage without a key.
package protocol LogSealing: Sendable {
  /// What is added to the length of a body.
  static var overhead: Int { get }

  /// The sealed body of the batch at a position.
  ///
  /// One value seals each position once.
  ///
  /// - Parameter header: what is authenticated along.
  func seal(_ body: ArraySlice<UInt8>, at position: SegmentPosition, authenticating header: ArraySlice<UInt8>) -> [UInt8]
  /// The key that the bodies are sealed with.
  var key: UInt64 { get }
}

/// Opens what any ``LogSealing`` sealed before.
package protocol LogOpening: Sendable {
  /// The body as it was before it was sealed.
  ///
  /// - Throws: ``RaftError/Code/keyMissing``, or ``RaftError/Code/keyRefused``, naming file and offset.
  func open(
    _ body: ArraySlice<UInt8>,
    at position: SegmentPosition,
    authenticating header: ArraySlice<UInt8>,
    file: String
  ) throws(RaftError) -> [UInt8]
}

/// Where a sealed body says which key it needs.
package enum LogStamp {
  /// The identity of the key (8), then the salt (16), which makes the key of one run of the node out of it.
  package static let length = 24

  /// The key that a sealed body needs; nil when the body is too short to be one.
  package static func key(of body: ArraySlice<UInt8>) -> UInt64? {
    body.count >= Self.length ? body.littleEndian(at: 0, bytes: 8) : nil
  }
}
