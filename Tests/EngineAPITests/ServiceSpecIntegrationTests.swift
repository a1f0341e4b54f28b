// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmModel
import Testing

/// What is sent as a specification is what is read back.
@Suite("service specifications over the API")
struct ServiceSpecIntegrationTests {
  /// Every field that the API has and this version doesn't refuse.
  private static let fullSpec = """
    {"Name":"web","Labels":{"a":"1"},"TaskTemplate":{"ContainerSpec":{"Image":"nginx:1","Labels":{"c":"2"},"Command":["/bin/sh"],
    "Args":["-c","x"],"Hostname":"h","Env":["A=1","B"],"Dir":"/tmp","User":"u","Groups":["g"],"Privileges":{"CredentialSpec":{"File":"f"},
    "SELinuxContext":{"Disable":true,"User":"u","Role":"r","Type":"t","Level":"l"},"Seccomp":{"Mode":"custom","Profile":"e30="},
    "AppArmor":{"Mode":"disabled"},"NoNewPrivileges":true},"Init":false,"StopSignal":"SIGINT","TTY":true,"OpenStdin":true,"ReadOnly":true,
    "Mounts":[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,"Consistency":"cached","BindOptions":{"Propagation":"rshared",
    "NonRecursive":true}},{"Type":"volume","Source":"v","Target":"/c","VolumeOptions":{"NoCopy":true,"Labels":{"x":"y"},
    "DriverConfig":{"Name":"local","Options":{"o":"p"}}}},{"Type":"tmpfs","Target":"/d","TmpfsOptions":{"SizeBytes":1024,"Mode":448}}],
    "StopGracePeriod":3000000000,"Healthcheck":{"Test":["CMD","true"],"Interval":1000000000,"Timeout":2000000000,"StartPeriod":3000000000,
    "Retries":4},"Hosts":["1.2.3.4 h"],"DNSConfig":{"Nameservers":["1.1.1.1"],"Search":["s"],"Options":["o"]},"Isolation":"default",
    "Sysctls":{"k":"v"},"CapabilityAdd":["CAP_A"],"CapabilityDrop":["CAP_B"],"Ulimits":[{"Name":"nofile","Soft":1,"Hard":2}],
    "OomScoreAdj":5},"Resources":{"Limits":{"NanoCPUs":500000000,"MemoryBytes":67108864,"Pids":10},"Reservations":{"NanoCPUs":1,
    "MemoryBytes":2,"GenericResources":[{"DiscreteResourceSpec":{"Kind":"gpu","Value":2}},{"NamedResourceSpec":{"Kind":"gpu","Value":"g1"}}]}},
    "RestartPolicy":{"Condition":"on-failure","Delay":1000000000,"MaxAttempts":3,"Window":60000000000},"Placement":{"Constraints":
    ["node.role==worker"],"Preferences":[{"Spread":{"SpreadDescriptor":"node.labels.rack"}}],"MaxReplicas":2,"Platforms":[{"Architecture":
    "amd64","OS":"linux"}]},"LogDriver":{"Name":"json-file","Options":{"max-size":"1m"}},"ForceUpdate":7,"Runtime":"container"},
    "Mode":{"Replicated":{"Replicas":3}},"UpdateConfig":{"Parallelism":2,"Delay":1000000000,"FailureAction":"rollback","Monitor":2000000000,
    "MaxFailureRatio":0.25,"Order":"start-first"},"RollbackConfig":{"Parallelism":0,"FailureAction":"continue","MaxFailureRatio":0.1,
    "Order":"stop-first"},"EndpointSpec":{"Mode":"dnsrr","Ports":[{"Name":"n","Protocol":"udp","TargetPort":80,"PublishedPort":8080,
    "PublishMode":"host"}]}}
    """

  @Test("every field comes back as it was sent")
  func roundTrip() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let created = try await server.request("POST", "/v1.41/services/create", body: Self.fullSpec)
      #expect(created.status == 201, "\(created.text)")
      let sent = try EngineJSON.decode(JSONValue.self, from: Array(Self.fullSpec.utf8))
      for query in ["", "?insertDefaults=false"] {
        let read = try await server.request("GET", "/v1.41/services/web\(query)")
        #expect(read.json?["Spec"]?.text == sent.text)
      }
    }
  }

  @Test("absent stays absent, and insertDefaults shows what counts instead")
  func defaults() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let body =
        #"{"Name":"web","Labels":null,"Unknown":{"x":[1]},"TaskTemplate":{"ContainerSpec":{"Image":"a"}},"Mode":{"Replicated":{}}}"#
      #expect(try await server.request("POST", "/services/create", body: body).status == 201)
      let bare = try await server.request("GET", "/services/web").json?["Spec"]
      #expect(
        bare?.text
          == #"{"Name":"web","Labels":{},"TaskTemplate":{"ContainerSpec":{"Image":"a","Isolation":"default"},"ForceUpdate":0,"#
          + #""Runtime":"container"},"Mode":{"Replicated":{"Replicas":1}}}"#
      )
      let full = try await server.request("GET", "/services/web?insertDefaults=true").json?["Spec"]
      #expect(full?["TaskTemplate"]?["ContainerSpec"]?["StopGracePeriod"] == .integer(10_000_000_000))
      #expect(full?["TaskTemplate"]?["RestartPolicy"]?.text == #"{"Condition":"any","Delay":5000000000,"MaxAttempts":0}"#)
      let rollout = #"{"Parallelism":1,"FailureAction":"pause","Monitor":5000000000,"MaxFailureRatio":0,"Order":"stop-first"}"#
      #expect(full?["UpdateConfig"]?.text == rollout)
      #expect(full?["RollbackConfig"]?.text == rollout)
      #expect(full?["TaskTemplate"]?["Resources"]?.text == "{}" && full?["TaskTemplate"]?["Placement"]?.text == "{}")
    }
  }

  @Test("numbers that a manager can't keep are refused by its own rules")
  func numbers() async throws {
    try await RunningManager.with { server, _ in
      let body = #"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"a","Healthcheck":{"Retries":-3000000000}}}}"#
      let answer = try await server.request("POST", "/services/create", body: body)
      let sentence = "rpc error: code = InvalidArgument desc = ContainerSpec: Retries in HealthConfig cannot be negative"
      #expect((answer.status, answer.message) == (400, sentence))
    }
  }

  @Test("what is said in part is completed")
  func completed() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let body = """
        {"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"a","Mounts":[{"Source":"/a","Target":"/b","BindOptions":{}}]}},
        "RollbackConfig":{"Parallelism":2}}
        """
      let created = try await server.request("POST", "/services/create", body: body)
      #expect(created.status == 201, "\(created)")
      let spec = try await server.request("GET", "/services/web?insertDefaults=true").json?["Spec"]
      #expect(spec?["RollbackConfig"]?["Monitor"] == .integer(5_000_000_000))
      #expect(
        spec?["TaskTemplate"]?["ContainerSpec"]?["Mounts"]?.text
          == #"[{"Type":"bind","Source":"/a","Target":"/b","BindOptions":{"Propagation":"rprivate"}}]"#
      )
      let bare = try await server.request("GET", "/services/web").json?["Spec"]
      #expect(bare?["RollbackConfig"]?["Monitor"] == nil)
    }
  }

  @Test(
    "what is wrong is named",
    arguments: [
      (#"{"TaskTemplate":{"ContainerSpec":{"Image":5}}}"#, 400, "TaskTemplate.ContainerSpec.Image must be a string"),
      (#"{"TaskTemplate":{"ContainerSpec":{"Env":["a",1]}}}"#, 400, "TaskTemplate.ContainerSpec.Env[1] must be a string"),
      (#"{"Mode":{"Replicated":{"Replicas":-1}}}"#, 400, "Mode.Replicated.Replicas must be a whole number of 0 or more"),
      (#"{"Mode":{"Replicated":{"Replicas":1.5}}}"#, 400, "Mode.Replicated.Replicas must be a whole number of 0 or more"),
      (#"{"Labels":["x"]}"#, 400, "Labels must be an object"),
      (#"{"Mode":{"Replicated":{},"Global":{}}}"#, 400, "must specify only one service mode"),
      (#"{"UpdateConfig":{"FailureAction":"explode"}}"#, 400, "unrecognized update failure action explode"),
      (#"{"RollbackConfig":{"Order":"x"}}"#, 400, "unrecognized rollback order x"),
      (#"{"TaskTemplate":{"RestartPolicy":{"Condition":"x"}}}"#, 400, "invalid RestartCondition: \"x\""),
      (#"{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"x"}]}}}"#, 400, "invalid MountType: \"x\""),
      (#"{"TaskTemplate":{"ContainerSpec":{"Mounts":[{"Type":"cluster","Source":"v","Target":"/v"}]}}}"#, 501, "cluster volumes"),
      (
        #"{"TaskTemplate":{"Placement":{"Constraints":["node.role=manager"]}}}"#, 500,
        "constraint expected one operator from ==, !="
      ),
      (#"{"EndpointSpec":{"Ports":[{"TargetPort":70000,"PublishMode":"host"}]}}"#, 400, "a port can't be above 65535"),
      (#"{"Name":"web","TaskTemplate":{"ContainerSpec":{}}}"#, 400, "ContainerSpec: image reference must be provided"),
      (#"{"TaskTemplate":{"Runtime":"plugin","PluginSpec":{"Name":"p"}}}"#, 501, "plugin"),
      (
        #"{"TaskTemplate":{"ContainerSpec":{"Configs":[{"ConfigID":"nope","ConfigName":"c"}]}}}"#, 400,
        "rpc error: code = InvalidArgument desc = config not found: c"
      ),
      (
        #"{"TaskTemplate":{"ContainerSpec":{"Secrets":[{"SecretID":"nope"}]}}}"#, 400,
        "rpc error: code = InvalidArgument desc = secret not found: nope"
      ),
    ]
  )
  func refusals(body: String, status: Int, sentence: String) async throws {
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      let answer = try await server.request("POST", "/services/create", body: body)
      #expect(answer.status == status, "\(answer.text)")
      #expect(answer.message?.contains(sentence) == true, "\(answer.text)")
      #expect(swarm.change { $0.services.isEmpty })
    }
  }
}
