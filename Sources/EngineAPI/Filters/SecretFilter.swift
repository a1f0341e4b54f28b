// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The filters of lists of secrets and configs; ids and names match by their beginning, `names` exactly.
struct SecretFilter: Sendable {
  private let filters: EngineFilters

  init(_ query: Query) throws(APIFailure) {
    self.filters = try query.filters(allowing: ["id", "name", "names", "label"])
  }

  func matches(_ id: some CustomStringConvertible, _ annotations: Annotations) -> Bool {
    self.filters.allow("id") { id.description.hasPrefix($0) }
      && self.filters.allow("name") { annotations.name.hasPrefix($0) }
      && self.filters.allow("names") { annotations.name == $0 }
      && self.filters.require("label") { annotations.labels.match($0) }
  }
}
