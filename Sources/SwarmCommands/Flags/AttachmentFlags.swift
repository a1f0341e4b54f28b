// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags about a service's secrets, configs, credentials and networks, whose names the API wants as ids.
///
/// Docker calls the lists by their names in `service create` (`--secret`), and by `-add` and `-rm` in `service update`; here each understands both.
struct AttachmentFlags: ParsableArguments {
  @Option(
    name: Self.adding("secret"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A secret that tasks see as a file.", valueName: "secret")
  )
  var secret: [FileReferenceValue] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Take a secret away.", valueName: "secret"))
  var secretRm: [String] = []

  @Option(
    name: Self.adding("config"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A config that tasks see as a file.", valueName: "config")
  )
  var config: [FileReferenceValue] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Take a config away.", valueName: "config"))
  var configRm: [String] = []

  @Option(
    name: Self.adding("network"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A network to be on.", valueName: "network")
  )
  var network: [NetworkValue] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Leave a network.", valueName: "network"))
  var networkRm: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The credentials of a managed account (Windows).", valueName: "config|file|registry://name")
  )
  var credentialSpec: CredentialSpecValue?

  // Images are labels or fetched by the nodes: there is nothing to resolve before, and docker's flag about it changes nothing.
  @Flag(inversion: .prefixedNo, help: .hidden)
  var noResolveImage = false

  @Flag(inversion: .prefixedNo, help: "Hand the nodes the credentials that docker has for the image's registry.")
  var withRegistryAuth = false

  private static func adding(_ name: String) -> NameSpecification { [.customLong(name), .customLong("\(name)-add")] }

  /// Names become ids, and the specification gets what is added and loses what is removed.
  func apply(to spec: Engine.ServiceSpec, in client: EngineClient) async throws -> Engine.ServiceSpec {
    var spec = spec
    var template = spec.taskTemplate ?? Engine.TaskTemplate()
    var container = template.containerSpec ?? Engine.ContainerSpec()
    if !self.secret.isEmpty || !self.secretRm.isEmpty {
      let gone = Set(self.secretRm)
      container.secrets = (container.secrets ?? []).filter {
        !gone.contains($0.secretName ?? "") && !gone.contains($0.secretID ?? "")
      }
      for wanted in self.secret {
        let object = try await client.find("secret", wanted.source)
        var reference = Engine.SecretReference()
        (reference.secretID, reference.secretName, reference.file) = (object.id, object.name, wanted.file)
        reference.file?.name = wanted.file.name ?? object.name
        container.secrets?.append(reference)
      }
    }
    if !self.config.isEmpty || !self.configRm.isEmpty {
      let gone = Set(self.configRm)
      container.configs = (container.configs ?? []).filter {
        !gone.contains($0.configName ?? "") && !gone.contains($0.configID ?? "")
      }
      for wanted in self.config {
        let object = try await client.find("config", wanted.source)
        var reference = Engine.ConfigReference()
        (reference.configID, reference.configName, reference.file) = (object.id, object.name, wanted.file)
        reference.file?.name = wanted.file.name ?? object.name
        container.configs?.append(reference)
      }
    }
    if let credentialSpec { try await Self.replaceCredentials(of: &container, by: credentialSpec.spec, in: client) }
    template.containerSpec = container
    if !self.network.isEmpty || !self.networkRm.isEmpty {
      var gone: Set<String> = []
      for name in self.networkRm { gone.insert(try await client.find("network", name).id) }
      // What an older specification says of networks stands beside the template.
      template.networks = ((template.networks ?? []) + (spec.networks ?? [])).filter { !gone.contains($0.target ?? "") }
      spec.networks = nil
      for wanted in self.network {
        var attachment = wanted.attachment
        attachment.target = try await client.find("network", wanted.attachment.target ?? "").id
        guard template.networks?.contains(where: { $0.target == attachment.target }) != true else {
          throw CommandFailure("service is already attached to network \(wanted.attachment.target ?? "")")
        }
        template.networks?.append(attachment)
      }
      template.networks?.sort { ($0.target ?? "") < ($1.target ?? "") }
    }
    spec.taskTemplate = template
    return spec
  }

  /// A config that credentials are in is one of the container's, which only its runtime sees.
  private static func replaceCredentials(
    of container: inout Engine.ContainerSpec,
    by wanted: Engine.CredentialSpec,
    in client: EngineClient
  ) async throws {
    var privileges = container.privileges ?? Engine.Privileges()
    var credentials = wanted
    if let old = privileges.credentialSpec?.config {
      container.configs?.removeAll { $0.runtime != nil && $0.configID == old }
    }
    if let name = wanted.config {
      let object = try await client.find("config", name)
      var reference = Engine.ConfigReference()
      (reference.configID, reference.configName, reference.runtime) = (object.id, object.name, Engine.Empty())
      container.configs = (container.configs ?? []) + [reference]
      credentials.config = object.id
    }
    privileges.credentialSpec = credentials == Engine.CredentialSpec() ? nil : credentials
    container.privileges = privileges == Engine.Privileges() ? nil : privileges
  }
}

extension EngineClient {
  /// What a flag names.
  fileprivate func find(_ kind: String, _ reference: String) async throws -> NamedObject {
    do {
      if let object = try await self.object("\(kind)s", reference) { return object }
    } catch let error as DaemonError where error.status == 404 {
    }
    throw CommandFailure("\(kind) not found: \(reference)")
  }
}
