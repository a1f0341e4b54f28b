// SPDX-License-Identifier: Apache-2.0

extension Engine.BindOptions {
  /// What becomes of mounts below a bind mount, in docker's words.
  package enum Recursion: String, CaseIterable, Hashable, Sendable {
    /// They are mounted as well; where it is read-only so are they, if the kernel can do that.
    case enabled
    /// They are left out.
    case disabled
    /// They are mounted as well and stay writable.
    case writable
    /// They are mounted as well and made read-only; where that can't be done the mount fails.
    case readonly

    /// All of the words.
    package static var words: String { self.allCases.map(\.rawValue).joined(separator: ", ") }
  }

  /// The three flags about mounts below this one as the one word that they stand for.
  package var recursion: Recursion {
    get {
      if self.nonRecursive == true { return .disabled }
      if self.readOnlyNonRecursive == true { return .writable }
      return self.readOnlyForceRecursive == true ? .readonly : .enabled
    }
    set {
      self.nonRecursive = newValue == .disabled ? true : nil
      self.readOnlyNonRecursive = newValue == .writable ? true : nil
      self.readOnlyForceRecursive = newValue == .readonly ? true : nil
    }
  }
}
