// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import TestEngines

/// A registry on loopback that has one image and asks for a name and a password.
struct FakeRegistry: Sendable {
  private static let repository = "team/app"

  let port: Int
  /// The image's reference.
  var image: String { "127.0.0.1:\(self.port)/\(Self.repository):1" }

  /// What a client sends with these credentials, as Docker's clients write it.
  func credentials(user: String, password: String) -> String {
    let text = #"{"username":"\#(user)","password":"\#(password)","serveraddress":"127.0.0.1:\#(self.port)"}"#
    return Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
  }

  /// Serves an image whose command prints `content`, to a user `me` with the password `secret`.
  static func with<Value>(content: String, _ body: (FakeRegistry) async throws -> Value) async throws -> Value {
    let directory = "\(NSTemporaryDirectory())fake-registry-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let made = await TestEngine.run(
      """
      set -e; mkdir -p \(directory)/root/bin; cd \(directory)
      cp "$(command -v busybox)" root/bin/sh; printf %s '\(content)' > root/marker
      tar -C root -cf layer.tar .; gzip -nk layer.tar
      arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
      sum() { sha256sum $1 | cut -d' ' -f1; }
      printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/bin/sh","-c","cat /marker"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        $arch $(sum layer.tar) > config
      docker=application/vnd.docker
      printf '{"schemaVersion":2,"mediaType":"%s.distribution.manifest.v2+json","config":{"mediaType":"%s.container.image.v1+json","size":%s,"digest":"sha256:%s"},"layers":[{"mediaType":"%s.image.rootfs.diff.tar.gzip","size":%s,"digest":"sha256:%s"}]}' \
        $docker $docker $(stat -c %s config) $(sum config) $docker $(stat -c %s layer.tar.gz) $(sum layer.tar.gz) > manifest
      mkdir blobs; for file in config layer.tar.gz manifest; do cp $file blobs/sha256:$(sum $file); done
      echo sha256:$(sum manifest)
      """
    )
    guard made.code == 0 else { throw TestEngine.Reason(text: made.output) }
    let store = Store(blobs: "\(directory)/blobs", manifest: made.output)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
          try channel.pipeline.syncOperations.addHandler(Handler(store: store))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    do {
      let value = try await body(FakeRegistry(port: channel.localAddress?.port ?? 0))
      try await channel.close()
      return value
    } catch {
      try? await channel.close()
      throw error
    }
  }

  private struct Store: Sendable {
    var blobs: String
    var manifest: String

    /// What a path of the registry's API gives, and its type.
    func content(_ path: String) -> (Data, type: String, digest: String)? {
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count == 5, parts[1...2].joined(separator: "/") == FakeRegistry.repository else { return nil }
      let isManifest = parts[3] == "manifests"
      let digest = isManifest && !parts[4].hasPrefix("sha256:") ? self.manifest : parts[4]
      guard let data = FileManager.default.contents(atPath: "\(self.blobs)/\(digest)") else { return nil }
      return (data, isManifest ? "application/vnd.docker.distribution.manifest.v2+json" : "application/octet-stream", digest)
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let store: Store
    private var head: HTTPRequestHead?

    init(store: Store) { self.store = store }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch self.unwrapInboundIn(data) {
      case .head(let head): self.head = head
      case .body: break
      case .end: if let head = self.head { self.answer(head, on: context) }
      }
    }

    private func answer(_ request: HTTPRequestHead, on context: ChannelHandlerContext) {
      var headers: HTTPHeaders = ["Docker-Distribution-Api-Version": "registry/2.0"]
      var body = Data()
      var status = HTTPResponseStatus.ok
      if request.headers.first(name: "Authorization") != "Basic \(Data("me:secret".utf8).base64EncodedString())" {
        status = .unauthorized
        headers.add(name: "WWW-Authenticate", value: "Basic realm=\"test\"")
      } else if let content = self.store.content(request.uri) {
        body = content.0
        headers.add(name: "Content-Type", value: content.type)
        headers.add(name: "Docker-Content-Digest", value: content.digest)
      } else if request.uri != "/v2/" {
        status = .notFound
      }
      headers.add(name: "Content-Length", value: String(body.count))
      context.write(
        self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
        promise: nil
      )
      if request.method != .HEAD {
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
      }
      context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
