// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SwarmAgent
internal import SwarmModel

/// The runtime of a manager that takes no tasks.
struct NoRuntime: ContainerRuntime {
  func describe() -> RuntimeDescription {
    RuntimeDescription(hostname: Self.hostname, platform: Platform(architecture: "", os: "linux"), resources: Resources())
  }

  func controller(for task: SwarmTask, context: TaskContext) throws -> any TaskController {
    throw RuntimeError(code: .unsupported, message: "this node runs no tasks")
  }

  private static var hostname: String {
    var name = [CChar](repeating: 0, count: 256)
    unsafe gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
