// SPDX-License-Identifier: Apache-2.0

/// Texts as docker's tables show them.
package enum HumanText {
  /// How long something took, roughly: `5 minutes`.
  package static func duration(seconds: Int64) -> String {
    switch seconds {
    case ..<1: return "Less than a second"
    case 1: return "1 second"
    case ..<60: return "\(seconds) seconds"
    default: break
    }
    let minutes = seconds / 60
    if minutes == 1 { return "About a minute" }
    if minutes < 60 { return "\(minutes) minutes" }
    let hours = (seconds + 1800) / 3600
    if hours == 1 { return "About an hour" }
    if hours < 48 { return "\(hours) hours" }
    if hours < 24 * 7 * 2 { return "\(hours / 24) days" }
    if hours < 24 * 30 * 2 { return "\(hours / 24 / 7) weeks" }
    if hours < 24 * 365 * 2 { return "\(hours / 24 / 30) months" }
    return "\(hours / 24 / 365) years"
  }

  /// How long ago a moment is: `5 minutes ago`.
  package static func ago(_ time: EngineTime, now: EngineTime) -> String {
    let (difference, _) = now.nanosecondsSince1970.subtractingReportingOverflow(time.nanosecondsSince1970)
    return "\(self.duration(seconds: difference / 1_000_000_000)) ago"
  }

  /// A word with a capital letter.
  package static func title(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }

  /// An id as tables show it: 12 characters.
  package static func shortID(_ id: String) -> String { String(id.prefix(12)) }

  /// A text that fits, with dots at its end when it had to be cut.
  package static func ellipsis(_ text: String, _ length: Int) -> String {
    text.count <= length ? text : text.prefix(length - 1) + "…"
  }

  /// An image without its digest, when its tag says enough.
  package static func image(_ reference: String) -> String {
    guard let at = reference.firstIndex(of: "@") else { return reference }
    let name = reference[..<at]
    let lastPart = name.split(separator: "/").last ?? ""
    return lastPart.contains(":") ? String(name) : reference
  }
}
