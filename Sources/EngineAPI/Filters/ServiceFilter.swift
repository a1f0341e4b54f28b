// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The filters of `GET /services`; names match by their beginning.
struct ServiceFilter: Sendable {
  private let filters: EngineFilters

  init(_ query: Query) throws(APIFailure) {
    self.filters = try query.filters(allowing: ["id", "name", "label", "mode", "runtime"])
  }

  func matches(_ service: Service) -> Bool {
    let annotations = service.spec.annotations
    return self.filters.allow("id") { service.id.description.hasPrefix($0) }
      && self.filters.allow("name") { annotations.name.hasPrefix($0) }
      && self.filters.require("label") { annotations.labels.match($0) }
      && self.filters.allow("mode") { service.spec.mode.filterName == $0 }
      && self.filters.allow("runtime") { $0 == "container" && service.spec.task.container != nil }
  }
}
