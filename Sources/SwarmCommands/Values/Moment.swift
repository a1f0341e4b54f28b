// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// What `--since` and `--until` take: a time, a part of one, seconds since 1970, or how long ago (`10m`).
package enum Moment {
  /// Reads a moment.
  ///
  /// - Throws: for any other text.
  package static func parse(_ text: String, flag: String, now: EngineTime) throws(CommandFailure) -> EngineTime {
    if let ago = DurationValue(text), text != "0" {
      return EngineTime(nanosecondsSince1970: now.nanosecondsSince1970 - ago.nanoseconds)
    }
    for candidate in [text, "\(text)Z", "\(text):00Z", "\(text):00:00Z", "\(text)T00:00:00Z"] {
      if let time = EngineTime(candidate) { return time }
    }
    if let time = EngineTime(unixText: text) { return time }
    throw .flags(
      "invalid argument \"\(text)\" for \"--\(flag)\" flag: "
        + "expected a time like 2026-01-02T13:23:37Z, seconds since 1970, or a length of time like 42m"
    )
  }
}
