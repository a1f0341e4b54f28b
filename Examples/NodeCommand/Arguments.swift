// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import DockerRuntime
internal import Logging
internal import ProcessRuntime
internal import SwarmAgent
public import SwarmModel

extension NetworkAddress: ExpressibleByArgument {
  /// Reads `HOST:PORT`.
  public init?(argument: String) {
    guard let address = try? NetworkAddress(argument) else { return nil }
    self = address
  }
}

/// Whether a node takes tasks, on the command line.
struct AvailabilityArgument: ExpressibleByArgument, CustomStringConvertible {
  static let active = AvailabilityArgument(availability: .active, description: "active")

  var availability: NodeSpec.Availability
  var description: String

  private init(availability: NodeSpec.Availability, description: String) {
    self.availability = availability
    self.description = description
  }

  init?(argument: String) {
    let words: [String: NodeSpec.Availability] = ["active": .active, "pause": .pause, "drain": .drain]
    guard let availability = words[argument] else { return nil }
    self.init(availability: availability, description: argument)
  }
}

/// A duration on the command line: `150ms`, `1s`, `2m`, `500us`.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
  var duration: Duration

  init(_ duration: Duration) {
    self.duration = duration
  }

  init?(argument: String) {
    let units: [(suffix: String, unit: Duration)] = [
      ("ms", .milliseconds(1)), ("us", .microseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]
    guard
      let (suffix, unit) = units.first(where: { argument.hasSuffix($0.suffix) }),
      let count = Double(argument.dropLast(suffix.count)), count.isFinite, count >= 0, count < 1e9
    else { return nil }
    self.duration = unit * count
  }

  var description: String {
    "\(Int(self.duration / .milliseconds(1)))ms"
  }

  var defaultValueDescription: String { self.description }
}

/// A log level on the command line.
struct LogLevelArgument: ExpressibleByArgument, CustomStringConvertible {
  static let notice = LogLevelArgument(level: .notice)

  var level: Logger.Level

  private init(level: Logger.Level) {
    self.level = level
  }

  init?(argument: String) {
    guard let level = Logger.Level(rawValue: argument) else { return nil }
    self.level = level
  }

  var description: String { self.level.rawValue }
}

/// What runs a node's tasks.
enum RuntimeChoice: ExpressibleByArgument {
  /// Local processes.
  case process
  /// Containers of the Docker Engine at this socket.
  case docker(socketPath: String)
  /// Nothing: the node takes no tasks.
  case none

  init?(argument: String) {
    switch argument {
    case "process": self = .process
    case "none": self = .none
    case "docker": self = .docker(socketPath: DockerRuntimeConfiguration().socketPath)
    default:
      guard argument.hasPrefix("docker=unix:///") else { return nil }
      self = .docker(socketPath: String(argument.dropFirst("docker=unix://".count)))
    }
  }

  var defaultValueDescription: String { "process" }

  /// The runtime; `nil` for a node that takes no tasks.
  func runtime(logger: Logger) -> (any ContainerRuntime)? {
    switch self {
    case .process: ProcessRuntime()
    case .docker(let socketPath):
      DockerRuntime(configuration: DockerRuntimeConfiguration(socketPath: socketPath), logger: logger)
    case .none: nil
    }
  }
}
