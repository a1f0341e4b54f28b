// SPDX-License-Identifier: Apache-2.0

/// Paths as texts; nothing is looked up.
enum FilePath {
  /// The folder of a file; empty for the current one.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A path as it is seen from a folder; `~` is the user's home, `.` and `..` are worked out.
  static func resolve(_ path: String, in folder: String, home: String?) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/"), let home { path = home + path.dropFirst() }
    let whole = path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
    let isAbsolute = whole.hasPrefix("/")
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !isAbsolute {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return isAbsolute ? "/\(joined)" : joined.isEmpty ? "." : joined
  }
}
