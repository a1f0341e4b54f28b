// SPDX-License-Identifier: Apache-2.0

extension RestartPolicy: WireMessage {
  package static var blank: Self { Self(condition: .none) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.condition)
    try fields.visit(2, &self.delay)
    try fields.visit(3, &self.maxAttempts)
    try fields.visit(4, &self.window)
  }
}

extension RestartPolicy.Condition: WireEnum {
  package static var blank: Self { .none }
}

extension SpreadOver: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.spreadDescriptor)
  }
}

extension PlacementPreference: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.spread)
  }
}

extension Placement: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.constraints)
    try fields.visit(2, &self.preferences)
    try fields.visit(3, &self.platforms)
    try fields.visit(4, &self.maxReplicas)
    try fields.visit(OwnField.strategy, &self.strategy)
  }
}

extension Placement.Strategy: WireEnum {
  package static var blank: Self { .spread }
}

extension TaskSpec: WireMessage {
  package static var blank: Self { Self(runtime: .other) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.runtime)
    try fields.visit(2, &self.resources)
    try fields.visit(4, &self.restart)
    try fields.visit(5, &self.placement)
    try fields.visit(6, &self.logDriver)
    try fields.visit(7, &self.networks)
    try fields.visit(9, &self.forceUpdate)
  }
}

extension TaskState: WireEnum {
  package static var blank: Self { .new }
}

extension ContainerStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.containerID)
    try fields.visit(2, &self.pid)
    try fields.visit(3, &self.exitCode)
  }
}

extension PortStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.ports)
  }
}

extension TaskStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.timestamp)
    try fields.visit(2, &self.state)
    try fields.visit(3, &self.message)
    try fields.visit(4, &self.err)
    try fields.visit(5, &self.container)
    try fields.visit(6, &self.portStatus)
    try fields.visit(7, &self.appliedBy)
    try fields.visit(8, &self.appliedAt)
  }
}

extension VolumeAttachment: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.source)
    try fields.visit(3, &self.target)
  }
}

extension SwarmTask: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.serviceID)
    try fields.visit(5, &self.slot)
    try fields.visit(6, &self.nodeID)
    try fields.visit(7, &self.annotations)
    try fields.visit(8, &self.serviceAnnotations)
    try fields.visit(9, &self.status)
    try fields.visit(10, &self.desiredState)
    try fields.visit(11, &self.networks)
    try fields.visit(12, &self.endpoint)
    try fields.visit(13, &self.logDriver)
    try fields.visit(14, &self.specVersion)
    try fields.visit(15, &self.assignedGenericResources)
    try fields.visit(16, &self.jobIteration)
    try fields.visit(17, &self.volumes)
    try fields.visit(OwnField.startAt, &self.startAt)
  }
}
