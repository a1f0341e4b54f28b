// SPDX-License-Identifier: Apache-2.0

/// Reads `key=value` texts, as labels come.
package enum KeyValues {
  /// The texts as a dictionary; a key alone has an empty value, and of a repeated key the last counts.
  package static func labels(_ texts: [String]) -> [String: String] {
    var labels: [String: String] = [:]
    for text in texts {
      let (key, value) = self.split(text)
      labels[key] = value ?? ""
    }
    return labels
  }

  /// Environment variables with those of another list put over them, by name; of a repeated name the last counts.
  package static func merge(_ environment: [String], over existing: [String]) -> [String] {
    var names: Set<String> = []
    let last = environment.reversed().filter { names.insert(self.split($0).key).inserted }
    return existing.filter { !names.contains(self.split($0).key) } + last.reversed()
  }

  /// Environment variables, those that are a name alone with the value that they have in another environment, if any.
  ///
  /// A name that has no value there stays alone: it takes a variable of the image away.
  ///
  /// - Throws: for a variable without a name.
  package static func completed(
    _ variables: [String],
    of flag: String,
    from environment: [String: String]
  ) throws(CommandFailure) -> [String] {
    if let nameless = variables.first(where: { self.split($0).key.isEmpty }) {
      throw .flags("invalid argument \"\(nameless)\" for \"\(flag)\" flag: invalid environment variable: \(nameless)")
    }
    return variables.map { variable in
      variable.contains("=") ? variable : environment[variable].map { "\(variable)=\($0)" } ?? variable
    }
  }

  /// Environment variables without some, by name.
  package static func remove(_ names: [String], from existing: [String]) -> [String] {
    existing.filter { !names.contains(self.split($0).key) }
  }

  package static func split(_ text: String) -> (key: String, value: String?) {
    guard let separator = text.firstIndex(of: "=") else { return (text, nil) }
    return (String(text[..<separator]), String(text[text.index(after: separator)...]))
  }
}
