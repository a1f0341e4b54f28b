// SPDX-License-Identifier: Apache-2.0

extension PortConfig: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.name)
    try fields.visit(2, &self.protocol)
    try fields.visit(3, &self.targetPort)
    try fields.visit(4, &self.publishedPort)
    try fields.visit(5, &self.publishMode)
  }
}

extension PortConfig.ProtocolKind: WireEnum {
  package static var blank: Self { .tcp }
}

extension PortConfig.PublishMode: WireEnum {
  package static var blank: Self { .ingress }
}

extension EndpointSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.mode)
    try fields.visit(2, &self.ports)
  }
}

extension EndpointSpec.ResolutionMode: WireEnum {
  package static var blank: Self { .vip }
}

extension Endpoint: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.spec)
    try fields.visit(2, &self.ports)
    try fields.visit(3, &self.virtualIPs)
  }
}

extension Endpoint.VirtualIP: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.networkID)
    try fields.visit(2, &self.addr)
  }
}

extension UpdateConfig: WireMessage {
  package static var blank: Self { Self(parallelism: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.parallelism)
    try fields.visit(2, &self.delay)
    try fields.visit(3, &self.failureAction)
    try fields.visit(4, &self.monitor)
    try fields.visit(5, &self.maxFailureRatio)
    try fields.visit(6, &self.order)
  }
}

extension UpdateConfig.FailureAction: WireEnum {
  package static var blank: Self { .pause }
}

extension UpdateConfig.Order: WireEnum {
  package static var blank: Self { .stopFirst }
}

extension UpdateStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.state)
    try fields.visit(2, &self.startedAt)
    try fields.visit(3, &self.completedAt)
    try fields.visit(4, &self.message)
  }
}

extension UpdateStatus.State: WireEnum {
  package static var blank: Self { .unknown }
}

extension JobStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.jobIteration)
    try fields.visit(2, &self.lastExecution)
  }
}

extension ServiceDependency: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.service)
    try fields.visit(2, &self.condition)
  }
}

extension ServiceDependency.Condition: WireEnum {
  package static var blank: Self { .healthy }
}

extension JobSchedule: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.cron)
    try fields.visit(2, &self.ifRunning)
  }
}

extension JobSchedule.Overlap: WireEnum {
  package static var blank: Self { .wait }
}

extension ServiceSpec: WireMessage {
  package static var blank: Self { Self(task: .blank, mode: .replicated(replicas: 0)) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(2, &self.task)
    try fields.visit(3, &self.mode.replicatedField)
    try fields.visit(4, &self.mode.globalField)
    try fields.visit(6, &self.update)
    try fields.visit(7, &self.networks)
    try fields.visit(8, &self.endpoint)
    try fields.visit(9, &self.rollback)
    try fields.visit(10, &self.mode.replicatedJobField)
    try fields.visit(11, &self.mode.globalJobField)
    try fields.visit(OwnField.dependencies, &self.dependencies)
    try fields.visit(OwnField.schedule, &self.schedule)
  }
}

extension Service: WireMessage {
  package static var blank: Self { Self(spec: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.endpoint)
    try fields.visit(5, &self.updateStatus)
    try fields.visit(6, &self.previousSpec)
    try fields.visit(7, &self.pendingDelete)
    try fields.visit(10, &self.specVersion)
    try fields.visit(11, &self.previousSpecVersion)
    try fields.visit(12, &self.jobStatus)
    try fields.visit(OwnField.isStopped, &self.isStopped)
  }
}
