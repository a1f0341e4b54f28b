// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What a swarm has none of: lists are empty, names aren't found, and nothing is left over to be pruned.
///
/// Clients look for a name among everything, and clean up everywhere, without asking whether there is such a thing.
enum AbsentRoutes {
  static var routes: [Route] {
    [
      Route(.get, "volumes") { _ in try .json(["Volumes": [String]()]) },
      Route(.get, "volumes/*") { call in throw APIFailure.notFound("get \(call.reference): no such volume") },
      Route(.get, "plugins") { _ in try .json([String]()) },
      Route(.get, "plugins/*/json") { call in throw APIFailure.notFound("plugin \"\(call.reference)\" not found") },
      Route(.get, "system/df") { _ in try .json(self.diskUsage) },
    ]
      + ["containers/prune", "images/prune", "volumes/prune", "build/prune"].map {
        Route(.post, $0) { _ in try .json(["SpaceReclaimed": 0]) }
      }
  }

  /// What images and tasks take on the disks is the business of the nodes' runtimes.
  private static let diskUsage = JSONValue.object([
    "LayersSize": .integer(0), "Images": .array([]), "Containers": .array([]), "Volumes": .array([]), "BuildCache": .array([]),
  ])
}
