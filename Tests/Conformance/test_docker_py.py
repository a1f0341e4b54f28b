"""docker-py against node 1: what programs that know Docker's Python library rely on."""
import os
import time

import pytest

docker = pytest.importorskip("docker")


@pytest.fixture(scope="module")
def client():
    environment = dict(os.environ, DOCKER_HOST=os.environ["SWARM_HOST"])
    client = docker.from_env(environment=environment)
    if client.info()["Swarm"]["LocalNodeState"] != "active":
        client.swarm.init(advertise_addr=os.environ.get("SWARM_ADVERTISE_ADDR", "127.0.0.1"))
    yield client
    client.close()


def wait_for(probe):
    end = time.monotonic() + 60
    while not (value := probe()):
        assert time.monotonic() < end, "not reached in time"
        time.sleep(0.1)
    return value


def running(service):
    return [t for t in service.tasks(filters={"desired-state": "running"}) if t["Status"]["State"] == "running"]


def test_system(client):
    assert client.ping()
    assert client.version()["ApiVersion"] == "1.41"
    assert client.info()["Swarm"]["ControlAvailable"] is True


def test_swarm(client):
    client.swarm.reload()
    tokens = client.swarm.attrs["JoinTokens"]
    assert tokens["Worker"].startswith("SWMTKN-1-")
    client.swarm.update(rotate_worker_token=True)
    client.swarm.reload()
    assert client.swarm.attrs["JoinTokens"]["Worker"] != tokens["Worker"]
    assert client.swarm.attrs["JoinTokens"]["Manager"] == tokens["Manager"]
    client.swarm.update(task_history_retention_limit=4)
    client.swarm.reload()
    assert client.swarm.attrs["Spec"]["Orchestration"]["TaskHistoryRetentionLimit"] == 4
    assert client.swarm.get_unlock_key()["UnlockKey"] == ""
    with pytest.raises(docker.errors.APIError) as refused:
        client.swarm.init()
    assert refused.value.status_code == 503


def test_nodes(client):
    (node,) = [n for n in client.nodes.list(filters={"role": "manager"}) if n.attrs["ManagerStatus"].get("Leader")]
    spec = dict(node.attrs["Spec"], Labels={"zone": "a"})
    assert node.update(spec)
    node.reload()
    assert node.attrs["Spec"]["Labels"] == {"zone": "a"}
    assert client.nodes.get(node.id).id == node.id
    with pytest.raises(docker.errors.NotFound):
        client.nodes.get("nothing-of-that-name")


def test_services(client):
    service = client.services.create(
        "alpine:latest", ["sh", "-c", "echo from-python; sleep 1000"], name="py-web", env=["A=1"], labels={"by": "python"},
        mode=docker.types.ServiceMode("replicated", replicas=2), stop_grace_period=1_000_000_000,
        restart_policy=docker.types.RestartPolicy("on-failure", delay=1_000_000_000),
    )
    try:
        wait_for(lambda: len(running(service)) == 2)
        assert service.id in [s.id for s in client.services.list(filters={"name": "py-web"})]
        assert service.scale(3)
        wait_for(lambda: len(running(service)) == 3)
        wait_for(lambda: b"from-python" in b"".join(service.logs(stdout=True, stderr=True)))
        service.reload()
        service.update(image="busybox:latest", update_config=docker.types.UpdateConfig(parallelism=0))
        wait_for(lambda: [t["Spec"]["ContainerSpec"]["Image"] for t in running(service)] == ["busybox:latest"] * 3)
        service.reload()
        before = {t["ID"] for t in running(service)}
        service.force_update()
        wait_for(lambda: len(running(service)) == 3 and not before & {t["ID"] for t in running(service)})
        with pytest.raises(docker.errors.APIError) as taken:
            client.services.create("alpine:latest", name="py-web")
        assert taken.value.status_code == 409
    finally:
        service.remove()
    with pytest.raises(docker.errors.NotFound):
        client.services.get(service.id)


def test_secrets_and_configs(client):
    secret = client.secrets.create(name="py-secret", data=b"hidden", labels={"a": "b"})
    config = client.configs.create(name="py-config", data=b"plain")
    try:
        assert client.secrets.get(secret.id).name == "py-secret"
        assert "py-config" in [c.name for c in client.configs.list()]
        service = client.services.create(
            "alpine:latest", ["sleep", "1000"], name="py-files", stop_grace_period=1_000_000_000,
            secrets=[docker.types.SecretReference(secret.id, "py-secret")],
            configs=[docker.types.ConfigReference(config.id, "py-config")],
        )
        try:
            wait_for(lambda: len(running(service)) == 1)
            with pytest.raises(docker.errors.APIError):
                secret.remove()
        finally:
            service.remove()
    finally:
        secret.remove()
        config.remove()
    with pytest.raises(docker.errors.NotFound):
        client.secrets.get(secret.id)


def test_events(client):
    since = int(time.time()) - 1
    config = client.configs.create(name="py-seen", data=b"x")
    config.remove()
    for event in client.events(since=since, decode=True, filters={"type": "config"}):
        if event["Action"] == "remove" and event["Actor"]["Attributes"].get("name") == "py-seen":
            break
