// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension NodeUsage {
  var apiValue: Engine.NodeUsage {
    var value = Engine.NodeUsage()
    value.nodeID = self.node.description
    value.time = self.time.nanoseconds
    value.processors = self.processors
    value.cpuNanoseconds = self.cpuTime.wholeNanoseconds
    value.memoryBytes = self.memoryBytes
    value.memoryTotal = self.memoryTotal
    value.tasks = self.tasks.map(\.apiValue)
    return value
  }
}

extension TaskUsage {
  fileprivate var apiValue: Engine.TaskUsage {
    var value = Engine.TaskUsage()
    value.taskID = self.task.description
    value.cpuNanoseconds = self.cpuTime.wholeNanoseconds
    value.memoryBytes = self.memoryBytes
    value.memoryLimit = self.memoryLimit
    value.processes = self.processes
    return value
  }
}

extension Duration {
  /// Whole nanoseconds; what is longer than 292 years is 292 years.
  fileprivate var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = self.components
    let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return isTooLong ? .max : product + attoseconds / 1_000_000_000
  }
}
