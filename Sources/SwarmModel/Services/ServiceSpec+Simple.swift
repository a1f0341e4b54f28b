// SPDX-License-Identifier: Apache-2.0

extension ServiceSpec {
  /// Creates the specification of a replicated service in one line.
  ///
  /// - Parameters:
  ///   - name: the service's name.
  ///   - image: what runs; to the process runtime a label, to the closure runtime the closure's name.
  ///   - command: the command and its arguments; empty for the image's own.
  ///   - environment: `NAME=value` each.
  ///   - replicas: how many tasks run.
  public init(
    name: String,
    image: String,
    command: [String] = [],
    environment: [String] = [],
    replicas: UInt64 = 1
  ) {
    self.init(
      annotations: Annotations(name: name),
      task: TaskSpec(runtime: .container(ContainerSpec(image: image, command: command, env: environment))),
      mode: .replicated(replicas: replicas)
    )
  }
}
