// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// The parameters behind the question mark of a request.
struct Query: Sendable {
  private var values: [String: String] = [:]

  /// Reads `a=1&b=%20`; of a repeated name the first value counts.
  init(_ text: String) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Self.decoded(parts[0])
      if self.values[name] == nil { self.values[name] = parts.count > 1 ? Self.decoded(parts[1]) : "" }
    }
  }

  subscript(name: String) -> String? { self.values[name] }

  /// Whether a parameter is there and doesn't say no: dockerd takes `1`, `true`, `True`; empty, `0`, `no`,
  /// `false` and `none` are no.
  func flag(_ name: String) -> Bool {
    switch self.values[name]?.lowercased() {
    case nil, "", "0", "no", "false", "none": false
    case .some: true
    }
  }

  /// The `filters` parameter, limited to the keys that the list understands.
  func filters(allowing keys: Set<String>) throws(APIFailure) -> EngineFilters {
    let filters: EngineFilters
    do {
      filters = try EngineFilters(query: self.values["filters"] ?? "")
    } catch {
      throw .badRequest(error.message)
    }
    if let unknown = filters.keys.first(where: { !keys.contains($0) }) {
      throw .badRequest("Invalid filter '\(unknown)'")
    }
    return filters
  }

  /// The version that an update was made for.
  ///
  /// - Parameter noun: What is updated, for the text of the error.
  func version(of noun: String) throws(APIFailure) -> UInt64 {
    let text = self.values["version"] ?? ""
    guard let version = UInt64(text) else {
      throw .badRequest(#"invalid \#(noun) version '\#(text)': strconv.ParseUint: parsing "\#(text)": invalid syntax"#)
    }
    return version
  }

  private static func decoded(_ text: Substring) -> String {
    let spaced = text.contains("+") ? String(text.map { $0 == "+" ? " " : $0 }) : String(text)
    return PercentCoding.decode(spaced) ?? spaced
  }
}
