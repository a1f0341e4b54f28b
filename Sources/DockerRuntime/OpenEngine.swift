// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Logging
internal import SwarmAgent

/// An engine that a node uses, from its opening to its closing.
struct OpenEngine: Sendable {
  let engine: DockerEngine
  let events: ContainerEvents
  let node: NodeContext
  let configuration: DockerRuntimeConfiguration
  let logger: Logger

  /// What an engine knows of a container.
  ///
  /// - Parameter reference: The container's id or name.
  /// - Returns: `nil` when there is none.
  func container(_ reference: String) async throws -> ContainerState? {
    do {
      return ContainerState(try await self.engine.get("/containers/\(PercentCoding.encode(reference))/json"))
    } catch let error as EngineFailure where error.status == 404 {
      return nil
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  /// All containers that have some labels, running or not, as the engine lists them.
  func containers(_ labels: [String]) async throws -> [JSONValue] {
    let filters = EngineFilters(["label": labels])
    do {
      return JSONValue?.some(try await self.engine.get("/containers/json", [("all", "1"), ("filters", filters.queryText)]))
        .elements
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  /// Removes a container with its own volumes; ends it first when it runs.
  ///
  /// One that isn't there is fine.
  func remove(_ reference: String) async throws {
    do {
      try await self.engine.delete("/containers/\(PercentCoding.encode(reference))", [("force", "1"), ("v", "1")])
    } catch let error as EngineFailure where error.status == 404 {
      return
    } catch let error as EngineFailure where error.status == 409 {
      // Somebody else is removing it, perhaps an earlier call of ours that was cancelled.
      throw RuntimeError(code: .temporary, message: error.message, cause: error)
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }
}
