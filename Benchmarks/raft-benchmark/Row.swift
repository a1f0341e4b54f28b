// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import RaftNIO

/// One measurement, in the columns of the peer programs and some more.
struct Row {
  var implementation = "swift-swarm"
  var mode: String
  var storage: String
  var operation = Operation.propose
  var concurrency: Int
  var payload: Int
  var operations: Int
  var elapsed: Duration
  var cpu: Duration
  var latencies: LatencyHistogram
  var syncs = 0
  var bytes = 0
  var batches: Int

  private var perSecond: Double { Double(self.operations) / (self.elapsed / .seconds(1)) }
  private var cores: Double { self.cpu / self.elapsed }
  private var cpuMicros: Double { self.perOperation(self.cpu / .microseconds(1)) }

  private var meanBatch: Double { self.batches == 0 ? 0 : Double(self.operations) / Double(self.batches) }

  private func perOperation(_ value: Double) -> Double { value / Double(max(1, self.operations)) }
  private func micros(_ part: Double) -> Double { self.latencies[part] / .microseconds(1) }

  static let head =
    "implementation       mode              conc  bytes       ops/s    p50 µs    p99 µs  p99.9 µs    max µs  cores"
    + "  CPU µs/op  syncs/op  bytes/op   batch"

  var line: String {
    let name = self.implementation.padding(toLength: 20, withPad: " ", startingAt: 0)
    let what = self.operation == .propose ? "\(self.mode)+\(self.storage)" : "\(self.mode) \(self.operation.rawValue)"
    let mode = what.padding(toLength: 16, withPad: " ", startingAt: 0)
    let latencies = String(
      format: "%9.1f %9.1f %9.1f %9.1f",
      self.micros(0.5),
      self.micros(0.99),
      self.micros(0.999),
      self.micros(1)
    )
    let costs = String(
      format: "%6.2f %10.3f %9.3f %9.1f %7.1f",
      self.cores,
      self.cpuMicros,
      self.perOperation(Double(self.syncs)),
      self.perOperation(Double(self.bytes)),
      self.meanBatch
    )
    return "\(name) \(mode) " + String(format: "%5d %6d %11.0f ", self.concurrency, self.payload, self.perSecond) + latencies
      + " " + costs
  }

  var json: String {
    """
    {"implementation":"\(self.implementation)","mode":"\(self.mode)","storage":"\(self.storage)",\
    "op":"\(self.operation.rawValue)",\
    "concurrency":\(self.concurrency),"payload":\(self.payload),"ops_per_s":\(self.perSecond),\
    "p50_us":\(self.micros(0.5)),"p99_us":\(self.micros(0.99)),"p999_us":\(self.micros(0.999)),"max_us":\(self.micros(1)),\
    "cpu_cores":\(self.cores),"cpu_us_per_op":\(self.cpuMicros),"fsyncs_per_op":\(self.perOperation(Double(self.syncs))),\
    "bytes_per_op":\(self.perOperation(Double(self.bytes))),\
    "mean_batch":\(self.meanBatch)}
    """
  }
}
