// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Testing

@Suite("services of compose files")
struct ServiceTests {
  @Test(
    "keys of a container",
    arguments: [
      ("command: sh -c 'echo a b'", "Args", #"["sh","-c","echo a b"]"#), ("command: [a, 'b c']", "Args", #"["a","b c"]"#),
      ("entrypoint: /bin/x --y", "Command", #"["/bin/x","--y"]"#), ("hostname: h", "Hostname", #""h""#),
      ("user: '1000:1000'", "User", #""1000:1000""#), ("user: 1000", "User", #""1000""#), ("working_dir: /w", "Dir", #""/w""#),
      ("group_add: [a, 5]", "Groups", #"["a","5"]"#), ("init: true", "Init", "true"), ("tty: yes", "TTY", "true"),
      ("stdin_open: 'true'", "OpenStdin", "true"), ("read_only: false", "ReadOnly", "false"),
      ("stop_signal: SIGINT", "StopSignal", #""SIGINT""#), ("stop_grace_period: 1m30s", "StopGracePeriod", "90000000000"),
      ("isolation: default", "Isolation", #""default""#), ("sysctls: [a.b=1]", "Sysctls", #"{"a.b":"1"}"#),
      ("sysctls: {a.b: 1}", "Sysctls", #"{"a.b":"1"}"#),
      ("cap_add: [NET_ADMIN, cap_chown]", "CapabilityAdd", #"["CAP_NET_ADMIN","CAP_CHOWN"]"#),
      ("cap_drop: [ALL]", "CapabilityDrop", #"["ALL"]"#), ("oom_score_adj: -5", "OomScoreAdj", "-5"),
      (
        "ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}", "Ulimits",
        #"[{"Name":"nofile","Soft":1,"Hard":2},{"Name":"nproc","Soft":5,"Hard":5}]"#
      ),
      ("extra_hosts: ['a:1.2.3.4', 'b=[::1]']", "Hosts", #"["1.2.3.4 a","::1 b"]"#),
      ("extra_hosts: {a: 1.2.3.4}", "Hosts", #"["1.2.3.4 a"]"#),
      (
        "dns: 1.1.1.1\ndns_search: [x, y]\ndns_opt: [o]", "DNSConfig",
        #"{"Nameservers":["1.1.1.1"],"Search":["x","y"],"Options":["o"]}"#
      ),
      ("labels: [a=1, b]", "Labels", #"{"a":"1","b":"","com.docker.stack.namespace":"st"}"#),
      ("labels: {a: 1.0, b: true, c: }", "Labels", #"{"a":"1.0","b":"true","c":"","com.docker.stack.namespace":"st"}"#),
      (
        "healthcheck: {test: 'curl x', interval: 5s, timeout: 1s, retries: 3, start_period: 2s, start_interval: 1s}",
        "Healthcheck",
        #"{"Test":["CMD-SHELL","curl x"],"Interval":5000000000,"Timeout":1000000000,"StartPeriod":2000000000,"#
          + #""StartInterval":1000000000,"Retries":3}"#
      ),
      ("healthcheck: {test: [CMD, a]}", "Healthcheck.Test", #"["CMD","a"]"#),
      ("healthcheck: {disable: true}", "Healthcheck.Test", #"["NONE"]"#), ("hostname:", "Hostname", "-"), ("", "Env", "-"),
      ("credential_spec: {file: a.json}", "Privileges", #"{"CredentialSpec":{"File":"a.json"}}"#),
    ] as [(String, String, String)]
  )
  func container(lines: String, path: String, expected: String) throws {
    #expect(try specification(web: lines, at: "TaskTemplate.ContainerSpec.\(path)") == expected)
  }

  @Test(
    "keys of deploy",
    arguments: [
      ("", "Mode", #"{"Replicated":{"Replicas":1}}"#), ("deploy: {replicas: 3}", "Mode", #"{"Replicated":{"Replicas":3}}"#),
      ("deploy: {replicas: '3'}", "Mode.Replicated.Replicas", "3"), ("scale: 4", "Mode.Replicated.Replicas", "4"),
      ("deploy: {mode: global}", "Mode", #"{"Global":{}}"#), ("deploy: {mode: global-job}", "Mode", #"{"GlobalJob":{}}"#),
      ("deploy: {mode: replicated-job, replicas: 2}", "Mode", #"{"ReplicatedJob":{"MaxConcurrent":2,"TotalCompletions":2}}"#),
      (
        "deploy: {labels: {x: y}}", "Labels",
        #"{"com.docker.stack.image":"example/web","com.docker.stack.namespace":"st","x":"y"}"#
      ),
      ("deploy: {update_config: {}}", "UpdateConfig", #"{"Parallelism":1}"#),
      (
        "deploy: {update_config: {parallelism: 0, delay: 5s, failure_action: rollback, monitor: 1m, max_failure_ratio: 0.3, "
          + "order: start-first}}", "UpdateConfig",
        #"{"Parallelism":0,"Delay":5000000000,"FailureAction":"rollback","Monitor":60000000000,"MaxFailureRatio":0.3,"#
          + #""Order":"start-first"}"#
      ),
      ("deploy: {rollback_config: {order: stop-first}}", "RollbackConfig", #"{"Parallelism":1,"Order":"stop-first"}"#),
      ("deploy: {endpoint_mode: dnsrr}", "EndpointSpec", #"{"Mode":"dnsrr"}"#),
      (
        "deploy: {restart_policy: {condition: on-failure, delay: 2s, max_attempts: 3, window: 10s}}",
        "TaskTemplate.RestartPolicy",
        #"{"Condition":"on-failure","Delay":2000000000,"MaxAttempts":3,"Window":10000000000}"#
      ),
      ("restart: always", "TaskTemplate.RestartPolicy", #"{"Condition":"any"}"#),
      ("restart: unless-stopped", "TaskTemplate.RestartPolicy", #"{"Condition":"any"}"#),
      ("restart: on-failure:2", "TaskTemplate.RestartPolicy", #"{"Condition":"on-failure","MaxAttempts":2}"#),
      ("restart: 'no'", "TaskTemplate.RestartPolicy", "-"), ("restart: no", "TaskTemplate.RestartPolicy", "-"),
      ("restart: always\ndeploy: {restart_policy: {condition: none}}", "TaskTemplate.RestartPolicy", #"{"Condition":"none"}"#),
      (
        "deploy: {resources: {limits: {cpus: '0.5', memory: 64M, pids: 9}, reservations: {cpus: 1, memory: 1gb}}}",
        "TaskTemplate.Resources",
        #"{"Limits":{"NanoCPUs":500000000,"MemoryBytes":67108864,"Pids":9},"#
          + #""Reservations":{"NanoCPUs":1000000000,"MemoryBytes":1073741824}}"#
      ),
      (
        "cpus: 2\nmem_limit: 1k\npids_limit: 3\nmem_reservation: 5", "TaskTemplate.Resources",
        #"{"Limits":{"NanoCPUs":2000000000,"MemoryBytes":1024,"Pids":3},"Reservations":{"MemoryBytes":5}}"#
      ),
      (
        "deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}}}",
        "TaskTemplate.Resources.Reservations", #"{"GenericResources":[{"DiscreteResourceSpec":{"Kind":"gpu","Value":2}}]}"#
      ),
      (
        "deploy: {placement: {constraints: [node.role==worker], preferences: [{spread: node.labels.z}], max_replicas_per_node: 2}}",
        "TaskTemplate.Placement",
        #"{"Constraints":["node.role==worker"],"Preferences":[{"Spread":{"SpreadDescriptor":"node.labels.z"}}],"MaxReplicas":2}"#
      ),
      ("platform: linux/arm64", "TaskTemplate.Placement", #"{"Platforms":[{"Architecture":"arm64","OS":"linux"}]}"#),
      (
        "logging: {driver: json-file, options: {max-size: 10m, max-file: 3}}", "TaskTemplate.LogDriver",
        #"{"Name":"json-file","Options":{"max-file":"3","max-size":"10m"}}"#
      ),
      ("", "Name", #""st_web""#),
    ] as [(String, String, String)]
  )
  func deploy(lines: String, path: String, expected: String) throws {
    #expect(try specification(web: lines, at: path) == expected)
  }

  @Test(
    "published ports",
    arguments: [
      ("['80']", [(0, 80, "tcp", "ingress")]), ("[80]", [(0, 80, "tcp", "ingress")]),
      ("['8080:80', '53:53/udp']", [(53, 53, "udp", "ingress"), (8080, 80, "tcp", "ingress")]),
      ("[8000-8001:80-81]", [(8000, 80, "tcp", "ingress"), (8001, 81, "tcp", "ingress")]),
      ("['127.0.0.1:8080:80']", [(8080, 80, "tcp", "ingress")]), ("['[::1]:8080:80']", [(8080, 80, "tcp", "ingress")]),
      ("['127.0.0.1::80']", [(0, 80, "tcp", "ingress")]),
      ("[{target: 80, published: '8080', protocol: udp, mode: host}]", [(8080, 80, "udp", "host")]),
      ("[{target: 80}]", [(0, 80, "tcp", "ingress")]),
    ] as [(String, [(UInt32, UInt32, String, String)])]
  )
  func ports(list: String, expected: [(UInt32, UInt32, String, String)]) throws {
    let ports = try #require(stack(file(web: "ports: \(list)")).services.first?.endpointSpec?.ports)
    #expect(
      ports.map { "\($0.publishedPort ?? 0):\($0.targetPort ?? 0)/\($0.protocol ?? "")/\($0.publishMode ?? "")" }
        == expected.map { "\($0.0):\($0.1)/\($0.2)/\($0.3)" }
    )
  }

  @Test(
    "mounts",
    arguments: [
      ("volumes: [/a]", #"[{"Type":"volume","Target":"/a"}]"#),
      ("volumes: ['./src:/a:ro']", #"[{"Type":"bind","Source":"/project/src","Target":"/a","ReadOnly":true}]"#),
      ("volumes: ['../src:/a']", #"[{"Type":"bind","Source":"/src","Target":"/a"}]"#),
      (
        "volumes: ['~/src:/a:rshared']",
        #"[{"Type":"bind","Source":"/home/me/src","Target":"/a","BindOptions":{"Propagation":"rshared"}}]"#
      ),
      (
        "volumes: ['data:/a:nocopy']",
        #"[{"Type":"volume","Source":"st_data","Target":"/a","VolumeOptions":{"NoCopy":true,"#
          + #""Labels":{"a":"b","com.docker.stack.namespace":"st"},"DriverConfig":{"Name":"local"}}}]"#
      ),
      ("volumes: ['theirs:/a']", #"[{"Type":"volume","Source":"theirs","Target":"/a"}]"#),
      (
        "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}]",
        #"[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576,"Mode":448}}]"#
      ),
      (
        "volumes: [{type: bind, source: /x, target: /y, read_only: true, bind: {propagation: slave, create_host_path: true}}]",
        #"[{"Type":"bind","Source":"/x","Target":"/y","ReadOnly":true,"#
          + #""BindOptions":{"Propagation":"slave","CreateMountpoint":true}}]"#
      ),
      (
        "volumes: [{type: volume, target: /y, volume: {subpath: s, labels: {l: m}}}]",
        #"[{"Type":"volume","Target":"/y","VolumeOptions":{"Labels":{"l":"m"},"Subpath":"s"}}]"#
      ),
      ("tmpfs: /t", #"[{"Type":"tmpfs","Target":"/t"}]"#),
      (
        "volumes: [{type: bind, source: /x, target: /y, bind: {recursive: disabled}}]",
        #"[{"Type":"bind","Source":"/x","Target":"/y","BindOptions":{"NonRecursive":true}}]"#
      ),
      (
        "volumes: [{type: bind, source: /x, target: /y, bind: {recursive: writable}}]",
        #"[{"Type":"bind","Source":"/x","Target":"/y","BindOptions":{"ReadOnlyNonRecursive":true}}]"#
      ),
      (
        "volumes: [{type: bind, source: /x, target: /y, bind: {recursive: readonly}}]",
        #"[{"Type":"bind","Source":"/x","Target":"/y","BindOptions":{"ReadOnlyForceRecursive":true}}]"#
      ),
      (
        "volumes: [{type: bind, source: /x, target: /y, bind: {recursive: enabled}}]",
        #"[{"Type":"bind","Source":"/x","Target":"/y"}]"#
      ),
    ]
  )
  func mounts(lines: String, expected: String) throws {
    let path = "TaskTemplate.ContainerSpec.Mounts"
    #expect(try specification(web: lines, at: path, environment: ["HOME": "/home/me"]) == expected)
  }

  @Test("secrets and configs become files, networks have the service's name as an alias")
  func references() throws {
    let container = "TaskTemplate.ContainerSpec"
    #expect(
      try specification(web: "secrets: [key, other]", at: "\(container).Secrets")
        == #"[{"File":{"Name":"key","UID":"0","GID":"0","Mode":292},"SecretName":"st_key"},"#
        + #"{"File":{"Name":"other","UID":"0","GID":"0","Mode":292},"SecretName":"theirs"}]"#
    )
    #expect(
      try specification(
        web: "configs: [{source: conf, target: /etc/c, uid: '5', gid: 6, mode: 0440}]",
        at: "\(container).Configs"
      )
        == #"[{"File":{"Name":"/etc/c","UID":"5","GID":"6","Mode":288},"ConfigName":"st_conf"}]"#
    )
    #expect(try specification(web: "configs: [conf]", at: "\(container).Configs").contains(#""Name":"conf""#))
    #expect(
      try specification(web: "networks: {front: {aliases: [www]}, back: }", at: "TaskTemplate.Networks")
        == #"[{"Target":"shared","Aliases":["web"]},{"Target":"st_front","Aliases":["web","www"]}]"#
    )
    #expect(try specification(web: "", at: "TaskTemplate.Networks") == #"[{"Target":"st_default","Aliases":["web"]}]"#)
  }

  @Test("variables come from env files, then from the file, then from the environment")
  func environment() throws {
    let files = [
      "/project/a.env": "\u{FEFF}# comment\nA=1\n  B=from file\n\nHOST_SET\nHOST_UNSET\n", "/project/b.env": "B=two=\"x\"\n",
    ]
    let environment = ["HOST_SET": "h", "GIVEN": "g"]
    let lines = "env_file: [a.env, {path: b.env}, {path: none.env, required: false}]\nenvironment: [C=3, GIVEN, UNSET]"
    #expect(
      try specification(web: lines, at: "TaskTemplate.ContainerSpec.Env", environment: environment, files: files)
        == #"["A=1","B=two=\"x\"","C=3","GIVEN=g","HOST_SET=h","UNSET"]"#
    )
    #expect(
      try specification(web: "environment: {A: 1, B: true, C: , D: 'x y', E: ''}", at: "TaskTemplate.ContainerSpec.Env")
        == #"["A=1","B=true","C","D=x y","E="]"#
    )
  }

  @Test("what means nothing in a swarm is said and not done")
  func notes() throws {
    let stack = try stack(
      file(web: "build: .\nprivileged: true\nprofiles: [dev]\nports: ['127.0.0.1:80:80']\nx-mine: 1\nlinks:\n")
    )
    #expect(
      stack.notes == [
        "/project/stack.yml:6:15: services.web: profiles (dev) mean nothing in a swarm; the service is part of the stack",
        "/project/stack.yml:7:13: services.web.ports[0]: a swarm publishes on all addresses, not on 127.0.0.1 alone",
        "/project/stack.yml:4:5: services.web.build is ignored in a swarm",
        "/project/stack.yml:5:5: services.web.privileged is ignored in a swarm",
      ]
    )
  }

  @Test(
    "keys below services, networks and volumes that mean nothing in a swarm are named with their place",
    arguments: [
      (
        "services: {w: {image: x, volumes: [{type: bind, source: /a, target: /b, bind: {selinux: z}}]}}",
        "1:80: services.w.volumes[0].bind.selinux is ignored in a swarm"
      ),
      ("services: {w: {image: x, volumes: ['/a:/b:z']}}", "1:36: services.w.volumes[0]: the option z is ignored in a swarm"),
      ("services: {w: {image: x, volumes: ['/a:/b:ro,Z']}}", "1:36: services.w.volumes[0]: the option Z is ignored in a swarm"),
      (
        "services: {w: {image: x, ports: [{target: 80, app_protocol: http}]}}",
        "1:47: services.w.ports[0].app_protocol is ignored in a swarm"
      ),
      (
        "services: {w: {image: x}}\nnetworks: {n: {enable_ipv4: true}}",
        "2:16: networks.n.enable_ipv4 is ignored in a swarm"
      ),
      (
        "services: {w: {image: x}}\nvolumes: {v: {cluster_spec: {group: g}}}",
        "2:15: volumes.v.cluster_spec is ignored in a swarm"
      ),
      (
        "services: {w: {image: x}}\nvolumes: {v: {x-cluster-spec: {group: g}}}",
        "2:15: volumes.v.x-cluster-spec is ignored in a swarm"
      ),
      (
        "name: shop\nservices: {w: {image: x}}", "1:7: name: a stack has the name that it is deployed by, here st"
      ),
      (
        "services:\n  a: {image: x, depends_on: {b: {restart: true}}}\n  b: {image: x}",
        "2:34: services.a.depends_on.b.restart is ignored in a swarm"
      ),
      (
        "services: {w: {image: x, networks: {default: {priority: 5}}}}",
        "1:47: services.w.networks.default.priority is ignored in a swarm"
      ),
    ]
  )
  func ignoredKeys(text: String, note: String) throws {
    #expect(try stack(text).notes == ["/project/stack.yml:\(note)"])
  }

  @Test("a name that is the stack's own is nothing to tell")
  func ownName() throws {
    #expect(try stack("name: st\nservices: {w: {image: x}}").notes == [])
  }

  @Test("a config with credentials is one of the service's that only its runtime reads")
  func credentials() throws {
    let lines = "credential_spec: {config: conf}\nconfigs: [{source: conf, target: seen}]"
    let container = "TaskTemplate.ContainerSpec"
    #expect(
      try specification(web: lines, at: "\(container).Privileges") == #"{"CredentialSpec":{"Config":"st_conf"}}"#
    )
    #expect(
      try specification(web: lines, at: "\(container).Configs")
        == #"[{"File":{"Name":"seen","UID":"0","GID":"0","Mode":292},"ConfigName":"st_conf"},"#
        + #"{"Runtime":{},"ConfigName":"st_conf"}]"#
    )
    #expect(try stack(file(web: "credential_spec: {config: conf}")).configs.map(\.name) == ["st_conf"])
  }
}
