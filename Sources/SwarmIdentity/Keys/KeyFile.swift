// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import FoundationEssentials
public import SwarmModel

/// The format of a node's key file: its secrets, sealed when managers are locked.
///
/// Layout: `SWKF`, a version (1), whether it is sealed (0 or 1), the unlock key's version (8 bytes, big-endian), then the secrets: in the clear, or
/// ChaCha20-Poly1305 (nonce, text, tag) under a key derived from the unlock key, with everything before it authenticated.
public enum KeyFile {
  private static let magic = Array("SWKF".utf8)
  private static let formatVersion: UInt8 = 1
  private static let headerSize = 14

  /// Writes secrets.
  ///
  /// - Parameters:
  ///   - secrets: what to write.
  ///   - key: seals them; `nil` for a node that isn't locked.
  /// - Throws: ``SwarmError`` with code `internalError`.
  public static func encode(_ secrets: NodeSecrets, sealedWith key: UnlockKey?) throws(SwarmError) -> [UInt8] {
    var header = Self.magic + [Self.formatVersion, key == nil ? 0 : 1]
    for shift in stride(from: 56, through: 0, by: -8) {
      header.append(UInt8(truncatingIfNeeded: secrets.unlockVersion >> UInt64(shift)))
    }
    guard let key else { return header + secrets.encoded() }
    do {
      let box = try ChaChaPoly.seal(secrets.encoded(), using: key.sealingKey("key file"), authenticating: header)
      return header + box.combined
    } catch {
      throw SwarmError(code: .internalError, message: "the key file can't be sealed", cause: error)
    }
  }

  /// Whether secrets are sealed.
  ///
  /// - Throws: ``SwarmError`` with code `dataLoss` for what isn't a key file, `unsupportedFormat` for one of a newer version.
  public static func isSealed(_ bytes: [UInt8]) throws(SwarmError) -> Bool {
    guard bytes.count >= Self.headerSize, bytes.starts(with: Self.magic), bytes[5] <= 1 else {
      throw SwarmError(code: .dataLoss, message: "the key file is damaged")
    }
    guard bytes[4] == Self.formatVersion else {
      throw SwarmError(code: .unsupportedFormat, message: "the key file was written by a newer version")
    }
    return bytes[5] == 1
  }

  /// Reads secrets.
  ///
  /// Total: any bytes give secrets or an error.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - key: the unlock key; not needed when nothing is sealed.
  /// - Throws: ``SwarmError`` with code `failedPrecondition` when the file is sealed and there is no key, `permissionDenied` when the key is wrong or the
  ///   file was changed, and what ``isSealed(_:)`` throws.
  public static func decode(_ bytes: [UInt8], unlockedWith key: UnlockKey?) throws(SwarmError) -> NodeSecrets {
    let isSealed = try Self.isSealed(bytes)
    let body = bytes[Self.headerSize...]
    var plain = Array(body)
    if isSealed {
      guard let key else {
        throw SwarmError(
          code: .failedPrecondition,
          message:
            "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it."
        )
      }
      do {
        let header = Array(bytes[..<Self.headerSize])
        plain = Array(
          try ChaChaPoly.open(
            ChaChaPoly.SealedBox(combined: Array(body)),
            using: key.sealingKey("key file"),
            authenticating: header
          )
        )
      } catch {
        throw SwarmError(code: .permissionDenied, message: "swarm could not be unlocked: invalid key provided")
      }
    }
    let secrets = try NodeSecrets(encoded: plain)
    let version = bytes[6..<Self.headerSize].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard secrets.unlockVersion == version else {
      throw SwarmError(code: .dataLoss, message: "the key file is damaged")
    }
    return secrets
  }
}
