// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension Node {
  var apiValue: Engine.Node {
    var node = Engine.Node()
    node.id = self.id.description
    node.version = self.meta.version.apiValue
    node.createdAt = self.meta.createdAt.apiValue
    node.updatedAt = self.meta.updatedAt.apiValue
    node.spec = self.spec.apiValue
    node.description = (self.description ?? NodeDescription()).apiValue
    node.status = self.status.apiValue
    node.managerStatus = self.managerStatus?.apiValue
    return node
  }
}

extension NodeSpec {
  /// The specification that a user sent; the membership isn't part of it.
  init(_ spec: Engine.NodeSpec, keeping current: NodeSpec) throws(APIFailure) {
    guard let role = NodeRole.engineNames.value(spec.role ?? "") else {
      throw .badRequest("invalid Role: \"\(spec.role ?? "")\"")
    }
    guard let availability = NodeSpec.Availability.engineNames.value(spec.availability ?? "") else {
      throw .badRequest("invalid Availability: \"\(spec.availability ?? "")\"")
    }
    self = current
    self.annotations.name = spec.name ?? ""
    self.annotations.labels = spec.labels ?? [:]
    self.desiredRole = role
    self.availability = availability
  }

  var apiValue: Engine.NodeSpec {
    var spec = Engine.NodeSpec()
    spec.name = self.annotations.name.nonEmpty
    spec.labels = self.annotations.labels
    spec.role = NodeRole.engineNames[self.desiredRole]
    spec.availability = NodeSpec.Availability.engineNames[self.availability]
    return spec
  }
}

extension NodeDescription {
  var apiValue: Engine.NodeDescription {
    var description = Engine.NodeDescription()
    description.hostname = self.hostname.nonEmpty
    description.platform = (self.platform ?? Platform()).apiValue
    description.resources = (self.resources ?? Resources()).apiValue
    description.engine = self.engine?.apiValue ?? Engine.EngineDescription()
    description.tlsInfo = self.tlsInfo?.apiValue ?? Engine.TLSInfo()
    return description
  }
}

extension EngineDescription {
  var apiValue: Engine.EngineDescription {
    var description = Engine.EngineDescription()
    description.engineVersion = self.engineVersion.nonEmpty
    description.labels = self.labels.nonEmpty
    description.plugins =
      self.plugins.map { plugin in
        var shown = Engine.Plugin()
        shown.type = plugin.type
        shown.name = plugin.name
        return shown
      }.nonEmpty
    return description
  }
}

extension NodeTLSInfo {
  var apiValue: Engine.TLSInfo {
    var info = Engine.TLSInfo()
    info.trustRoot = String(decoding: self.trustRoot, as: UTF8.self).nonEmpty
    info.certIssuerSubject = self.certIssuerSubject.nonEmpty.map(Base64Bytes.init)
    info.certIssuerPublicKey = self.certIssuerPublicKey.nonEmpty.map(Base64Bytes.init)
    return info
  }
}

extension NodeStatus {
  var apiValue: Engine.NodeStatus {
    var status = Engine.NodeStatus()
    status.state = NodeStatus.State.engineNames[self.state]
    status.message = self.message.nonEmpty
    status.addr = self.addr.nonEmpty
    return status
  }
}

extension ManagerStatus {
  var apiValue: Engine.ManagerStatus {
    var status = Engine.ManagerStatus()
    status.leader = self.leader.trueOrNil
    status.reachability = Reachability.engineNames[self.reachability]
    status.addr = self.addr.nonEmpty
    return status
  }
}
