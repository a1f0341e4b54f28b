// SPDX-License-Identifier: Apache-2.0

/// What stands before sealed bytes, in the clear.
///
/// ```
///   0      1          3            5          13         17
///   0x81 │ key hint │ label hint │ session │ counter │ ciphertext … │ tag (16)
/// ```
///
/// Session and counter together are the nonce of AES-GCM. The hints choose the key and name the error; the seal covers them,
/// the label itself, and what the bytes are for.
enum Seal {
  /// What sealed bytes begin with.
  ///
  /// Bytes in the clear begin with the format version of the core, which stays below 0x80.
  static let format: UInt8 = 0x81
  static let headerLength = 17
  static let tagLength = 16
  /// How much longer sealing makes a packet.
  static let overhead = Self.headerLength + Self.tagLength

  /// Where the nonce begins.
  static let nonceOffset = 5

  /// What sealed bytes are for: the seal covers it, so that they are good for nothing else.
  enum Purpose: Sendable {
    case packet
    /// A frame of a stream, from the side that opened it.
    case request
    /// A frame of a stream, from the other side.
    ///
    /// It names the request's session, so that a recorded answer answers nothing else.
    case response(to: UInt64)

    func write(into bytes: inout [UInt8]) {
      switch self {
      case .packet: bytes.append(0)
      case .request: bytes.append(1)
      case .response(let session):
        bytes.append(2)
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
          bytes.append(UInt8(truncatingIfNeeded: session >> shift))
        }
      }
    }
  }
}
