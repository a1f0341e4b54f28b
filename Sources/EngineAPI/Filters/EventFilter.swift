// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// The filters of `GET /events`.
struct EventFilter: Sendable {
  /// Filters by an object of a kind; its name or id may be given by its beginning.
  private static let kinds: Set<String> = [
    "config", "container", "daemon", "image", "network", "node", "plugin", "secret", "service", "volume",
  ]

  private let filters: EngineFilters

  init(_ query: Query) throws(APIFailure) {
    self.filters = try query.filters(allowing: Self.kinds.union(["event", "type", "scope", "label"]))
  }

  func matches(_ event: Engine.Event) -> Bool {
    let attributes = event.actor?.attributes ?? [:]
    return self.filters.allow("type") { event.type == $0 }
      && self.filters.allow("event") { event.action == $0 }
      && self.filters.allow("scope") { event.scope == $0 }
      && self.filters.require("label") { attributes.match($0) }
      && self.matchesObject(event, name: attributes["name"] ?? "")
  }

  /// Of several kinds that are filtered by, the event's own decides; an event of a kind that isn't named is none of them.
  private func matchesObject(_ event: Engine.Event, name: String) -> Bool {
    let named = Self.kinds.filter { !self.filters[$0].isEmpty }
    guard !named.isEmpty else { return true }
    guard let type = event.type, named == [type] else { return false }
    return self.filters.allow(type) { event.actor?.id?.hasPrefix($0) == true || name.hasPrefix($0) }
  }
}
