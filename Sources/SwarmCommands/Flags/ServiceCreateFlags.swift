// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compose
internal import EngineSchema

/// The flags of `service create`, and the specification that they make.
struct ServiceCreateFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "The service's name.")
  var name = ""

  @Option(parsing: .unconditional, help: "replicated, global, replicated-job or global-job.")
  var mode = "replicated"

  @Option(parsing: .unconditional, help: ArgumentHelp("How many tasks.", valueName: "count"))
  var replicas: CountValue?

  @Option(parsing: .unconditional, help: "How many tasks of a job at once. (default: as many as --replicas)")
  var maxConcurrent: CountValue?

  @Option(
    name: [.customShort("e", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Set an environment variable; a name alone takes this process's value.", valueName: "name=value")
  )
  var env: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Read environment variables from a file.", valueName: "file"))
  var envFile: [String] = []

  @Option(
    name: [.customShort("l", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A label of the service.", valueName: "key=value")
  )
  var label: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A label of the container.", valueName: "key=value"))
  var containerLabel: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Where tasks may run.", valueName: "expression"))
  var constraint: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("What tasks are spread over.", valueName: "spread=label"))
  var placementPref: [String] = []

  @Option(
    name: [.customShort("p", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Publish a port: published=8080,target=80,mode=host.", valueName: "port")
  )
  var publish: [PortValue] = []

  @Option(parsing: .unconditional, help: "vip or dnsrr.")
  var endpointMode = "vip"

  /// The specification of a new service.
  ///
  /// - Parameter environment: where variables that are a name alone have their values.
  func spec(
    image: String,
    arguments: [String],
    environment: [String: String],
    task: TaskFlags,
    container containerFlags: ContainerFlags,
    health: HealthFlags,
    rollout: RolloutFlags
  ) throws(CommandFailure) -> Engine.ServiceSpec {
    var spec = Engine.ServiceSpec()
    spec.name = self.name
    spec.labels = KeyValues.labels(self.label)
    spec.mode = try self.serviceMode()
    var template = Engine.TaskTemplate()
    try task.apply(to: &template)
    try containerFlags.apply(to: &template)
    try health.apply(to: &template)
    var container = template.containerSpec ?? Engine.ContainerSpec()
    container.image = ImageName.tagged(image)
    container.args = arguments.isEmpty ? nil : arguments
    let own = try KeyValues.completed(self.env, of: "-e, --env", from: environment)
    let variables = KeyValues.merge(own, over: try self.variablesOfFiles(environment))
    container.env = variables.isEmpty ? nil : variables
    container.labels = self.containerLabel.isEmpty ? nil : KeyValues.labels(self.containerLabel)
    template.containerSpec = container
    if !self.constraint.isEmpty || !self.placementPref.isEmpty {
      template.placement = template.placement ?? Engine.Placement()
      template.placement?.constraints = self.constraint.isEmpty ? nil : self.constraint
      template.placement?.preferences = try Preferences.read(self.placementPref)
    }
    spec.taskTemplate = template
    rollout.apply(to: &spec)
    var endpoint = Engine.EndpointSpec()
    endpoint.mode = self.endpointMode
    let ports = self.publish.flatMap(\.ports)
    endpoint.ports = ports.isEmpty ? nil : ports
    spec.endpointSpec = endpoint
    return spec
  }

  private func serviceMode() throws(CommandFailure) -> Engine.ServiceMode {
    var mode = Engine.ServiceMode()
    switch self.mode {
    case "replicated":
      mode.replicated = Engine.Replicated()
      mode.replicated?.replicas = self.replicas?.count
    case "replicated-job":
      mode.replicatedJob = Engine.ReplicatedJob()
      mode.replicatedJob?.totalCompletions = self.replicas?.count
      mode.replicatedJob?.maxConcurrent = self.maxConcurrent?.count ?? self.replicas?.count
    case "global", "global-job":
      guard self.replicas == nil else {
        throw CommandFailure("replicas can only be used with replicated or replicated-job mode")
      }
      if self.mode == "global" { mode.global = Engine.Empty() } else { mode.globalJob = Engine.Empty() }
    default:
      throw CommandFailure("Unknown mode: \(self.mode), only replicated and global supported")
    }
    guard self.maxConcurrent == nil || self.mode == "replicated-job" else {
      throw CommandFailure("max-concurrent can only be used with replicated-job mode")
    }
    return mode
  }

  /// The variables of all files, of a name that is in several the last.
  private func variablesOfFiles(_ environment: [String: String]) throws(CommandFailure) -> [String] {
    var variables: [String] = []
    for path in self.envFile {
      let text = try StandardFile.contents(of: path)
      do {
        let read = try EnvFile.parse(text, environment: environment)
        variables = KeyValues.merge(read.map { "\($0.key)=\($0.value)" }, over: variables)
      } catch {
        throw CommandFailure("invalid env file (\(path)): \(error.message)")
      }
    }
    return variables
  }
}

/// Reads what `--placement-pref` takes: `spread=node.labels.rack`.
enum Preferences {
  static func read(_ texts: [String]) throws(CommandFailure) -> [Engine.PlacementPreference]? {
    var preferences: [Engine.PlacementPreference] = []
    for text in texts {
      let (key, value) = KeyValues.split(text)
      guard let value else {
        throw .flags("invalid argument \"\(text)\" for \"--placement-pref\" flag: must be of the format \"<strategy>=<arg>\"")
      }
      guard key == "spread" else {
        throw .flags("invalid argument \"\(text)\" for \"--placement-pref\" flag: unsupported placement preference \(key)")
      }
      var preference = Engine.PlacementPreference()
      preference.spread = Engine.SpreadOver()
      preference.spread?.spreadDescriptor = value
      preferences.append(preference)
    }
    return preferences.isEmpty ? nil : preferences
  }
}
