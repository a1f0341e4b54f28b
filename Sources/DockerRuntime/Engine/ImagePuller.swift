// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import EngineSchema
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import SwarmAgent

/// Brings images to an engine.
struct ImagePuller {
  let engine: DockerEngine
  let policy: PullPolicy
  let onPull: @Sendable (PullProgress) -> Void
  let logger: Logger

  /// Makes sure that an image is there.
  ///
  /// - Parameter credentials: What the registry wants to see, as `X-Registry-Auth` carries it; empty for none.
  /// - Throws: ``RuntimeError/Code/notFound`` when it isn't there and can't be fetched.
  func ensure(_ image: String, credentials: String) async throws {
    let isThere = try await self.isThere(image)
    if isThere, self.policy != .always || image.contains("@") { return }
    guard self.policy != .never else { throw Self.missing(image, "it isn't there, and images aren't fetched") }
    do {
      try await self.pull(image, credentials: credentials)
    } catch let error as EngineFailure {
      // A registry that can't be asked is no reason not to run what is there.
      guard isThere else { throw Self.missing(image, error.message) }
      self.logger.debug(
        "the image couldn't be fetched; the one that is there is used",
        metadata: ["image": "\(image)", "error": "\(error)"]
      )
    }
  }

  private func isThere(_ image: String) async throws -> Bool {
    do {
      let path = image.split(separator: "/", omittingEmptySubsequences: false).map { PercentCoding.encode(String($0)) }
      _ = try await self.engine.get("/images/\(path.joined(separator: "/"))/json")
      return true
    } catch let error as EngineFailure where error.status == 404 {
      return false
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  private func pull(_ image: String, credentials: String) async throws {
    let (name, tag) = Self.split(image)
    let headers = credentials.isEmpty ? [] : [("X-Registry-Auth", credentials)]
    let body = try await self.engine.stream(.POST, "/images/create", [("fromImage", name), ("tag", tag)], headers: headers)
    var reader = LineReader()
    try await self.engine.translated {
      for try await bytes in body {
        for line in reader.read(bytes.readableBytesView) {
          // The status of the answer was sent before the engine knew; what goes wrong is said in a line.
          if case .string(let message) = line["error"] { throw EngineFailure(status: 404, message: message) }
          self.onPull(
            PullProgress(
              image: image,
              status: line["status"].text,
              layer: line["id"].text,
              current: line["progressDetail"]?["current"].whole,
              total: line["progressDetail"]?["total"].whole
            )
          )
        }
      }
    }
  }

  /// A reference as the engine takes it; one without a tag would fetch all tags.
  static func split(_ image: String) -> (name: String, tag: String) {
    if let at = image.firstIndex(of: "@") {
      return (self.split(String(image[..<at])).name, String(image[image.index(after: at)...]))
    }
    let last = image.lastIndex(of: "/").map(image.index(after:)) ?? image.startIndex
    guard let colon = image[last...].firstIndex(of: ":") else { return (image, "latest") }
    return (String(image[..<colon]), String(image[image.index(after: colon)...]))
  }

  private static func missing(_ image: String, _ reason: String) -> RuntimeError {
    RuntimeError(code: .notFound, message: "No such image: \(image): \(reason)")
  }
}
