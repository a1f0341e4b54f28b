// SPDX-License-Identifier: Apache-2.0

extension Platform {
  /// The platform with one name per architecture: `x86_64` becomes `amd64`, `aarch64` becomes `arm64`.
  public var normalized: Self {
    var platform = self
    platform.architecture = Self.normalized(architecture: self.architecture)
    return platform
  }

  /// Whether something built for this platform runs on another; empty parts of this one mean any.
  public func accepts(_ other: Self) -> Bool {
    let wanted = self.normalized
    let offered = other.normalized
    return (wanted.os.isEmpty || wanted.os == offered.os)
      && (wanted.architecture.isEmpty || wanted.architecture == offered.architecture)
  }

  /// The one name of an architecture.
  public static func normalized(architecture: String) -> String {
    switch architecture {
    case "x86_64": "amd64"
    case "aarch64": "arm64"
    default: architecture
    }
  }
}
