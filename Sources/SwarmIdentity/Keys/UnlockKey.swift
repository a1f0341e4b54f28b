// SPDX-License-Identifier: Apache-2.0

internal import Crypto
public import SwarmModel

/// The key that locked managers are opened with: `SWMKEY-1-` and 32 bytes in base 64.
///
/// The text is SwarmKit's. Descriptions don't show it; ``text`` does.
public struct UnlockKey: Sendable {
  /// The 32 bytes.
  public let bytes: [UInt8]

  private static let prefix = "SWMKEY-1-"
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Takes over 32 bytes.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` when there are more or fewer.
  public init(bytes: [UInt8]) throws(SwarmError) {
    guard bytes.count == 32 else { throw Self.invalid }
    self.bytes = bytes
  }

  /// Makes a key.
  public init(using random: inout some RandomNumberGenerator) {
    self.bytes = (0..<32).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
  }

  /// Reads a key's text.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument`; the text isn't part of the error.
  public init(_ text: some StringProtocol) throws(SwarmError) {
    guard text.utf8.count == Self.prefix.utf8.count + 43, text.hasPrefix(Self.prefix) else { throw Self.invalid }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text.utf8.dropFirst(Self.prefix.utf8.count) {
      guard let value = Self.alphabet.firstIndex(of: character) else { throw Self.invalid }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    // Two bits are left over: a text that sets them is another one than this key's.
    guard bits & 0b11 == 0 else { throw Self.invalid }
    try self.init(bytes: bytes)
  }

  /// The key as people type it.
  public var text: String {
    var characters: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in self.bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        characters.append(Self.alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    characters.append(Self.alphabet[Int(bits << UInt32(6 - count) & 63)])
    return Self.prefix + String(decoding: characters, as: UTF8.self)
  }

  /// The key that seals one kind of record.
  func sealingKey(_ purpose: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: self.bytes),
      info: Array("swift-swarm \(purpose)".utf8),
      outputByteCount: 32
    )
  }

  private static let invalid = SwarmError(code: .invalidArgument, message: "invalid key, must be of the form SWMKEY-1-…")
}

extension UnlockKey: Equatable {
  /// Compares in a time that doesn't depend on where the keys differ.
  public static func == (left: Self, right: Self) -> Bool {
    SymmetricKey(data: left.bytes) == SymmetricKey(data: right.bytes)
  }
}

extension UnlockKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Says only what this is.
  public var description: String { "an unlock key" }

  /// Says only what this is.
  public var debugDescription: String { self.description }

  /// Shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
