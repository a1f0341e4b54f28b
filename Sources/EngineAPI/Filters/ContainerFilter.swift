// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The filters of `GET /containers/json`; ids match by their beginning, names by any part unless `^` or `$` says where it is.
struct ContainerFilter: Sendable {
  private static let states: Set<String> = ["created", "restarting", "running", "removing", "paused", "exited", "dead"]

  private let filters: EngineFilters
  /// Whether containers that don't run are shown as well.
  private let showsAll: Bool

  init(_ query: Query) throws(APIFailure) {
    self.filters = try query.filters(allowing: ["id", "name", "label", "status", "ancestor", "exited", "is-task"])
    for state in self.filters["status"] where !Self.states.contains(state) {
      throw .badRequest("invalid filter 'status=\(state)'")
    }
    for code in self.filters["exited"] where Int32(code) == nil {
      throw .badRequest("invalid filter 'exited=\(code)'")
    }
    for value in self.filters["is-task"] where !["1", "true", "0", "false"].contains(value) {
      throw .badRequest("invalid filter 'is-task=\(value)'")
    }
    let limit = try Self.limit(query)
    self.showsAll = query.flag("all") || limit != nil || !self.filters["status"].isEmpty || !self.filters["exited"].isEmpty
    self.limit = limit ?? .max
  }

  /// How many containers are shown at most.
  let limit: Int

  private static func limit(_ query: Query) throws(APIFailure) -> Int? {
    guard let text = query["limit"], !text.isEmpty else { return nil }
    guard let limit = Int(text) else {
      throw .badRequest(#"strconv.Atoi: parsing "\#(text)": invalid syntax"#)
    }
    return limit > 0 ? limit : nil
  }

  func matches(_ container: TaskContainer) -> Bool {
    guard self.showsAll || container.state == .running else { return false }
    let labels = container.labels
    let image = LocalImage(name: container.image)
    return self.filters.allow("id") { container.id.hasPrefix($0) }
      && self.filters.allow("name") { Self.name(container.name, matches: $0) }
      && self.filters["label"].allSatisfy { labels.match($0) }
      && self.filters.allow("status") { $0 == container.state.rawValue }
      && self.filters.allow("ancestor") { image.isMeant(by: $0) }
      && self.filters.allow("exited") { container.state == .exited && Int32($0) == container.exitCode }
      && self.filters.allow("is-task") { $0 == "1" || $0 == "true" }
  }

  /// Docker takes the filter for a regular expression; of these only the anchors that people write are understood here.
  private static func name(_ name: String, matches filter: String) -> Bool {
    var part = filter[...]
    let (isStart, isEnd) = (part.hasPrefix("^"), part.hasSuffix("$"))
    if isStart { part = part.dropFirst() }
    if isEnd { part = part.dropLast() }
    if part.hasPrefix("/") { part = part.dropFirst() }
    switch (isStart, isEnd) {
    case (true, true): return name == part
    case (true, false): return name.hasPrefix(part)
    case (false, true): return name.hasSuffix(part)
    case (false, false): return part.isEmpty || name.contains(part)
    }
  }
}
