// SPDX-License-Identifier: Apache-2.0

public import SwarmAgent

/// How a ``DockerRuntime`` reaches its Docker Engine and what it does with it.
public struct DockerRuntimeConfiguration: Sendable {
  /// The engine's socket, an absolute path.
  ///
  /// Default: `/var/run/docker.sock`.
  public var socketPath: String
  /// The name that the node shows; empty means the engine's own.
  ///
  /// Default: empty.
  public var hostname: String
  /// When images are fetched.
  ///
  /// Default: ``PullPolicy/always``.
  public var pullPolicy: PullPolicy
  /// The network of containers whose task names none, as `docker run --network` takes it.
  ///
  /// Default: `bridge`.
  public var defaultNetwork: String
  /// A directory in memory below which the secrets of tasks lie as files while the tasks exist, as an absolute path.
  ///
  /// The engine mounts these files into containers, so it must see the same directory. Default: `/dev/shm/swift-swarm`.
  public var secretsDirectory: String
  /// Is told how far a fetch of an image is; called often.
  ///
  /// Default: does nothing.
  public var onPull: @Sendable (PullProgress) -> Void

  /// Creates a configuration.
  public init(
    socketPath: String = "/var/run/docker.sock",
    hostname: String = "",
    pullPolicy: PullPolicy = .always,
    defaultNetwork: String = "bridge",
    secretsDirectory: String = "/dev/shm/swift-swarm",
    onPull: @escaping @Sendable (PullProgress) -> Void = { _ in }
  ) {
    self.socketPath = socketPath
    self.hostname = hostname
    self.pullPolicy = pullPolicy
    self.defaultNetwork = defaultNetwork
    self.secretsDirectory = secretsDirectory
    self.onPull = onPull
  }

  /// Checks the values.
  ///
  /// - Throws: ``RuntimeError/Code/invalidArgument`` with the reason.
  public func validate() throws(RuntimeError) {
    for (what, path) in [("the engine's socket", self.socketPath), ("the directory of secrets", self.secretsDirectory)] {
      guard path.hasPrefix("/") else {
        throw RuntimeError(code: .invalidArgument, message: "\(what) must be an absolute path, not \"\(path)\"")
      }
    }
    guard self.socketPath.utf8.count <= 107 else {
      throw RuntimeError(
        code: .invalidArgument,
        message: "the path of the engine's socket is \(self.socketPath.utf8.count) bytes long; at most 107 are possible"
      )
    }
  }
}
