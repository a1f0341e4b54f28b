// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// The images of this node's tasks, for programs that look before they go on.
struct ImageRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "images/json", handler: self.list),
      Route(.get, "images/**", handler: self.inspect),
      Route(.post, "images/create") { call in
        let name = call.query["fromImage"] ?? ""
        throw APIFailure(
          status: 501,
          message:
            "images are fetched by the nodes that run tasks, not by request: name \(name.isEmpty ? "one" : name) in a service"
        )
      },
    ]
  }

  private func images() async throws -> [LocalImage] {
    LocalImage.all(of: try await LocalContainers(backend: self.backend).all())
  }

  private func list(_ call: EngineCall) async throws -> EngineReply {
    let filters = try call.query.filters(allowing: ["reference", "dangling"])
    let isWanted = filters.allow("dangling") { ["0", "false"].contains($0) }
    let images = try await self.images().filter { image in isWanted && filters.allow("reference") { image.isMeant(by: $0) } }
    return try .json(JSONValue.array(images.map(\.summary)))
  }

  /// Names have slashes, so the path is taken apart here.
  private func inspect(_ call: EngineCall) async throws -> EngineReply {
    guard call.reference.hasSuffix("/json") else { throw APIFailure.notAvailable("histories and contents of images are") }
    let name = String(call.reference.dropLast("/json".count))
    guard let image = try await self.images().first(where: { $0.isMeant(by: name) }) else {
      throw APIFailure.notFound("No such image: \(name)")
    }
    return try .json(image.details)
  }
}
