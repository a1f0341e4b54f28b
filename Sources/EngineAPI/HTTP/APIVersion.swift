// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A version of Docker's API, as in the path `/v1.41/services`.
struct APIVersion: Hashable, Comparable, CustomStringConvertible, Sendable {
  var major: Int
  var minor: Int

  static let newest = Self(major: 1, minor: 41)
  static let oldest = Self(major: 1, minor: 24)

  init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads a component of a path; `nil` when it isn't `v`, digits, a dot and digits.
  init?(pathComponent: String) {
    guard pathComponent.hasPrefix("v") else { return nil }
    let parts = pathComponent.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ (1...6).contains($0.utf8.count) && $0.utf8.allSatisfy(Self.isDigit) }),
      let major = Int(parts[0]), let minor = Int(parts[1])
    else { return nil }
    self.init(major: major, minor: minor)
  }

  /// Refuses what this server doesn't speak, in dockerd's words.
  func check() throws(APIFailure) {
    guard self <= .newest else {
      throw .badRequest("client version \(self) is too new. Maximum supported API version is \(Self.newest)")
    }
    guard self >= .oldest else {
      throw .badRequest(
        "client version \(self) is too old. Minimum supported API version is \(Self.oldest), please upgrade your client to a newer version"
      )
    }
  }

  var description: String { "\(self.major).\(self.minor)" }

  static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
