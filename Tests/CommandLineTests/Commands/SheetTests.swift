// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("nodes and services for people")
struct SheetTests {
  @Test("a node's certificate is of the swarm's authority, of another one, or unknown")
  func certificates() async throws {
    let root = #"{"TrustRoot":"r","CertIssuerSubject":"cw==","CertIssuerPublicKey":"aw=="}"#
    let other = #"{"TrustRoot":"r","CertIssuerSubject":"cw==","CertIssuerPublicKey":"bw=="}"#
    func node(_ name: String, _ info: String) -> String {
      #"{"ID":"\#(name)","Description":{"Hostname":"\#(name)","TLSInfo":\#(info)}}"#
    }
    let nodes = "[\(node("a", root)),\(node("b", other)),\(node("c", "{}")),{\"ID\":\"d\"}]"
    func list(cluster: String) async throws -> String {
      let listed = try await FakeServer.swarmctl(["node", "ls", "--format", "table {{.ID}}\t{{.TLSStatus}}"]) { request in
        request.path == "/info" ? (200, #"{"Swarm":{"NodeID":"a","Cluster":\#(cluster)}}"#) : (200, nodes)
      }
      #expect(listed.code == 0, "\(listed)")
      return listed.output
    }
    #expect(
      try await list(cluster: "{\"TLSInfo\":\(root)}")
        == "ID        TLS STATUS\nd         Unknown\na         Ready\nb         Needs Rotation\nc         Unknown\n"
    )
    #expect(
      try await list(cluster: "{}")
        == "ID        TLS STATUS\nd         Unknown\na         Unknown\nb         Unknown\nc         Unknown\n"
    )
  }

  private static let service = #"""
    {"ID":"s1","Spec":{"Name":"web","Labels":{"c":"","a":"b"},"TaskTemplate":{"ContainerSpec":{"Image":"img:1","Args":["run","it"],
    "Env":["A=1"],"Dir":"/w","User":"me","Init":true,"CapabilityAdd":["CAP_A","CAP_C"],"CapabilityDrop":["CAP_B"],
    "Sysctls":{"a.b":"1"},"Ulimits":[{"Name":"nofile","Soft":1,"Hard":2}],
    "Mounts":[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true},{"Type":"tmpfs","Target":"/t"}],
    "Configs":[{"File":{"Name":"cf"},"ConfigName":"cn"},{"Runtime":{},"ConfigName":"credentials"}],
    "Secrets":[{"File":{"Name":"sf"},"SecretName":"sn"}],
    "Healthcheck":{"Test":["CMD-SHELL","curl x"],"Interval":1000000000,"Timeout":2000000000,"StartPeriod":4000000000,"Retries":3}},
    "Resources":{"Limits":{"NanoCPUs":1500000000,"MemoryBytes":67108864,"Pids":9},
    "Reservations":{"NanoCPUs":250000000,"GenericResources":[{"DiscreteResourceSpec":{"Kind":"gpu","Value":2}}]}},
    "Placement":{"Constraints":["node.role==worker"],"Preferences":[{"Spread":{"SpreadDescriptor":"node.labels.z"}}],"MaxReplicas":2},
    "Networks":[{"Target":"n1"},{"Target":"n2"}],"LogDriver":{"Name":"json-file","Options":{"max-size":"10m"}}},
    "Mode":{"Replicated":{"Replicas":3}}},"Endpoint":{"Spec":{"Mode":"vip"},
    "Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080,"PublishMode":"host"}]},
    "UpdateStatus":{"State":"completed","StartedAt":"1969-12-31T22:00:00Z","CompletedAt":"1969-12-31T23:55:00Z","Message":"update completed"}}
    """#

  @Test("a service is shown with all that it asks for")
  func service() async throws {
    let shown = try await FakeServer.swarmctl(["service", "inspect", "--pretty", "web"]) { request in
      switch request.path {
      case "/services/web": (200, Self.service)
      case "/networks/n1": (200, #"{"Id":"n1","Name":"front"}"#)
      default: (404, #"{"message":"network n2 not found"}"#)
      }
    }
    #expect(shown.code == 0, "\(shown)")
    #expect(
      shown.output == """
        ID:                 s1
        Name:               web
        Labels:
         a=b
         c
        Service Mode:       Replicated
         Replicas:          3
        UpdateStatus:
         State:             completed
         Started:           2 hours ago
         Completed:         5 minutes ago
         Message:           update completed
        Placement:
         Constraints:       [node.role==worker]
         Preferences:       [spread=node.labels.z]
         Max Replicas Per Node: 2
        ContainerSpec:
         Image:             img:1
         Args:              run it
         Env:               A=1
         Dir:               /w
         Init:              true
         User:              me
        Capabilities:
         Add:               CAP_A, CAP_C
         Drop:              CAP_B
        SysCtls:
         a.b: 1
        Ulimits:
         nofile: 1:2
        Mounts:
         Target:            /b
          Source:           /a
          ReadOnly:         true
          Type:             bind
         Target:            /t
          Source:
          ReadOnly:         false
          Type:             tmpfs
        Configs:
         Target:            cf
          Source:           cn
        Secrets:
         Target:            sf
          Source:           sn
        Log Driver:
         Name:              json-file
         LogOpts:
          max-size:         10m
        Resources:
         Reservations:
          CPU:              0.25
          gpu:              2
         Limits:
          CPU:              1.5
          Memory:           64MiB
          PIDs:             9
        Networks:           front n2
        Endpoint Mode:      vip
        Ports:
         PublishedPort = 8080
          Protocol = tcp
          TargetPort = 80
          PublishMode = host
         Healthcheck:
          Interval = 1s
          Retries = 3
          StartPeriod = 4s
          Timeout = 2s
          Tests:
           Test = CMD-SHELL
           Test = curl x


        """
    )
  }

  @Test("a job is shown with its counts, and a service that asks for nothing without empty sections")
  func job() async throws {
    let job =
      #"{"ID":"s1","Spec":{"Name":"j","TaskTemplate":{"ContainerSpec":{"Image":"i"},"Placement":{},"Resources":{"Limits":{}}},"#
      + #""Mode":{"ReplicatedJob":{"MaxConcurrent":2,"TotalCompletions":5}}}}"#
    let shown = try await FakeServer.swarmctl(["service", "inspect", "--pretty", "j"]) { _ in (200, job) }
    #expect(
      shown.output == """
        ID:                 s1
        Name:               j
        Service Mode:       Replicated job
         Max Concurrent:    2
         Total Completions: 5
        ContainerSpec:
         Image:             i
        Endpoint Mode:      vip


        """
    )
  }
}
