// SPDX-License-Identifier: Apache-2.0

/// Reads env files.
///
/// A line is `NAME=value`, or `NAME` alone for a variable that is taken from the environment when it is set there. Lines that are empty or
/// begin with `#` say nothing. Values are taken as they are, quotes included.
package enum EnvFile {
  /// The variables of a file, in its order.
  package static func parse(_ bytes: [UInt8], environment: [String: String]) throws(ComposeError) -> [(
    key: String, value: String
  )] {
    guard var text = String(validating: bytes, as: UTF8.self)?[...] else { throw ComposeError("the text isn't UTF-8") }
    if text.hasPrefix("\u{FEFF}") { text = text.dropFirst() }
    var variables: [(String, String)] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let content = line.drop(while: \.isWhitespace)
      guard !content.isEmpty, !content.hasPrefix("#") else { continue }
      let parts = content.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard !name.isEmpty else { throw ComposeError("no variable name on line '\(line.prefix(64))'") }
      guard !name.contains(where: \.isWhitespace) else {
        throw ComposeError("variable '\(name.prefix(64))' contains whitespaces")
      }
      if parts.count > 1 {
        variables.append((name, String(parts[1])))
      } else if let value = environment[name] {
        variables.append((name, value))
      }
    }
    return variables
  }
}
