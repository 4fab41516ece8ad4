"""A real Apache Kafka for tests: one or more nodes on the loopback, each with a listener of every security protocol.

    kafka.py --version V --jars DIR --folder DIR --nodes N --tls DIR [--first-id ID] [--advertise NAME=HOST:PORT] [--property KEY=VALUE]... [--jvm=OPTION]...
        starts it, prints one line of JSON when every node knows every other (bootstrap, listeners, cluster_id, tls_dir, users, version), and runs until
        SIGTERM; all that it started ends with it
    kafka.py tell DIR kill|stop|start NODE
        ends a node at once (-9), ends it in peace, or starts it again; returns when that is done, for a start when all nodes know it

The line is of the form of mockbroker's. Listeners: PLAINTEXT, SSL, SSL_2 (a client certificate is required), SASL_SSL and SASL_PLAINTEXT, both with PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and
OAUTHBEARER (unsecured JWS). Each has the users of USERS. The nodes have the ids from 1 on, or from ID. Where the first node is to advertise another address for a
listener, such as that of a program in between, nodes speak to each other over TLS. Before Kafka 3.3 it runs with a ZooKeeper of its own.
"""
import argparse
import base64
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import ports

# The last is that of odradek-acceptance.
USERS = {"alice": "alice-secret", "admin": "admin-secret", "conformance": "conformance"}
PROTOCOLS = {"PLAINTEXT": "PLAINTEXT", "SSL": "SSL", "SSL_2": "SSL", "SASL_SSL": "SASL_SSL", "SASL_PLAINTEXT": "SASL_PLAINTEXT"}
READY_SECONDS = 150
STOP_SECONDS = 20
# For tests, which want it small and soon there.
JVM = ["-Xmx512m", "-XX:TieredStopAtLevel=1"]
LAST_ZOOKEEPER = (3, 3)


class Node:
    def __init__(self, cluster, id, listening):
        self.cluster, self.id, self.ports = cluster, id, listening
        self.folder = cluster.folder / f"node-{id}"
        self.properties = cluster.folder / f"node-{id}.properties"
        self.process = None

    def start(self):
        self.process = self.cluster.java(f"node-{self.id}", "kafka.Kafka", str(self.properties))

    def end(self, how):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def has_ended(self):
        return self.process is not None and self.process.poll() is not None


class Cluster:
    def __init__(self, asked):
        self.asked = asked
        self.version = tuple(int(part) for part in asked.version.split("."))
        self.folder = pathlib.Path(asked.folder).resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.cluster_id = base64.urlsafe_b64encode(b"ottla" + os.urandom(11)).decode().rstrip("=")
        free = iter(ports.reserve(asked.nodes * (len(PROTOCOLS) + 1) + 1))
        self.zookeeper_port = next(free)
        names = [*PROTOCOLS, "CONTROLLER"]
        self.nodes = [Node(self, id, {name: next(free) for name in names}) for id in range(asked.first_id, asked.first_id + asked.nodes)]
        self.zookeeper = None

    @property
    def has_zookeeper(self):
        return self.version < LAST_ZOOKEEPER

    def java(self, name, *command, wait=False):
        log = open(self.folder / f"{name}.log", "ab")
        process = subprocess.Popen(
            ["java", *(self.asked.jvm or JVM), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{self.asked.jars}/*", *command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        if wait and process.wait() != 0:
            sys.exit(f"{command[0]} failed; see {self.folder / name}.log")
        return process

    def start(self):
        for node in self.nodes:
            node.properties.write_text("".join(f"{key}={value}\n" for key, value in self.properties_of(node).items()))
        if self.has_zookeeper:
            self.start_zookeeper()
        else:
            self.format()
        for node in self.nodes:
            node.start()
        self.wait_until_ready()

    def format(self):
        users = [f"SCRAM-SHA-{bits}=[name={name},password={password}]" for bits in (256, 512) for name, password in USERS.items()]
        scram = [word for user in users for word in ("--add-scram", user)]
        formats = [
            self.java(f"format-{node.id}", "kafka.tools.StorageTool", "format", "-t", self.cluster_id, "-c", str(node.properties), *scram)
            for node in self.nodes
        ]
        for node, format in zip(self.nodes, formats):
            if format.wait() != 0:
                sys.exit((self.folder / f"format-{node.id}.log").read_text())

    def start_zookeeper(self):
        config = self.folder / "zookeeper.properties"
        config.write_text(f"dataDir={self.folder}/zookeeper\nclientPort={self.zookeeper_port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n")
        self.zookeeper = self.java("zookeeper", "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(config))
        until(lambda: is_open(self.zookeeper_port), "ZooKeeper listens")
        for name, password in USERS.items():
            config = f"SCRAM-SHA-256=[password={password}],SCRAM-SHA-512=[password={password}]"
            self.java("users", "kafka.admin.ConfigCommand", "--zookeeper", f"127.0.0.1:{self.zookeeper_port}", "--alter",
                      "--add-config", config, "--entity-type", "users", "--entity-name", name, wait=True)

    def properties_of(self, node):
        count = len(self.nodes)
        names = [name for name in node.ports if name != "CONTROLLER" or not self.has_zookeeper]
        properties = {
            "listeners": ",".join(f"{name}://127.0.0.1:{node.ports[name]}" for name in names),
            "advertised.listeners": ",".join(f"{name}://{self.advertised(node, name)}" for name in PROTOCOLS),
            "listener.security.protocol.map": ",".join(f"{name}:{PROTOCOLS.get(name, 'PLAINTEXT')}" for name in names),
            "inter.broker.listener.name": "SSL" if self.asked.advertise else "PLAINTEXT",
            "log.dirs": node.folder,
            "broker.rack": f"RACK{node.id}",
            "num.partitions": 4,
            "default.replication.factor": min(count, 3),
            "min.insync.replicas": min(count, 2),
            "offsets.topic.replication.factor": min(count, 3),
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": min(count, 3),
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "group.initial.rebalance.delay.ms": 0,
            "ssl.keystore.type": "PEM",
            # Not as files: Kafka 2.8 takes a file only with an encrypted key.
            "ssl.keystore.key": self.pem("broker-key.pem"),
            "ssl.keystore.certificate.chain": self.pem("broker.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.certificates": self.pem("ca.pem"),
            "listener.name.ssl_2.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        }
        for listener in ("sasl_ssl", "sasl_plaintext"):
            properties.update(login_modules(f"listener.name.{listener}"))
        if self.has_zookeeper:
            properties.update({"broker.id": node.id, "zookeeper.connect": f"127.0.0.1:{self.zookeeper_port}"})
        else:
            voters = ",".join(f"{other.id}@127.0.0.1:{other.ports['CONTROLLER']}" for other in self.nodes)
            properties.update({"process.roles": "broker,controller", "node.id": node.id, "controller.quorum.voters": voters,
                               "controller.listener.names": "CONTROLLER"})
        properties.update(pair.split("=", 1) for pair in self.asked.property)
        return properties

    def advertised(self, node, name):
        elsewhere = dict(pair.split("=", 1) for pair in self.asked.advertise) if node is self.nodes[0] else {}
        return elsewhere.get(name, f"localhost:{node.ports[name]}")

    def pem(self, name):
        return pathlib.Path(self.asked.tls, name).read_text().replace("\n", "\\n")

    def wait_until_ready(self):
        """Until every running node names every other one, which is when each can be led to."""
        running = [node for node in self.nodes if node.process]
        until(lambda: all(self.brokers_known_to(node) == len(running) for node in running), "every node knows every other")

    def brokers_known_to(self, node):
        if node.has_ended():
            sys.exit(f"node {node.id} has ended:\n" + (self.folder / f"node-{node.id}.log").read_text()[-3000:])
        try:
            return count_brokers(node.ports["PLAINTEXT"])
        except OSError:
            return 0

    def ready_line(self):
        listeners = [
            {"name": name, "protocol": protocol, "bootstrap": ",".join(f"localhost:{node.ports[name]}" for node in self.nodes)}
            for name, protocol in PROTOCOLS.items()
        ]
        return json.dumps({
            "bootstrap": listeners[0]["bootstrap"], "listeners": listeners, "cluster_id": self.cluster_id, "tls_dir": self.asked.tls,
            "users": USERS, "version": self.asked.version,
        })

    def obey(self):
        """Does what `tell` is told, one command per connection."""
        door = socket.socket(socket.AF_UNIX)
        door.bind(door_of(self.folder))
        door.listen()
        while True:
            connection, _ = door.accept()
            with connection:
                command, id = connection.makefile().readline().split()
                node = self.nodes[int(id) - self.asked.first_id]
                if command == "start":
                    node.start()
                    self.wait_until_ready()
                else:
                    node.end(signal.SIGKILL if command == "kill" else signal.SIGTERM)
                connection.sendall(b"done\n")

    def stop(self):
        for node in self.nodes:
            node.end(signal.SIGKILL)
        if self.zookeeper:
            self.zookeeper.kill()
            self.zookeeper.wait()


def login_modules(listener):
    security = "org.apache.kafka.common.security"
    users = " ".join(f'user_{name}="{password}"' for name, password in USERS.items())
    scram = f"{security}.scram.ScramLoginModule required;"
    return {
        f"{listener}.plain.sasl.jaas.config": f"{security}.plain.PlainLoginModule required {users};",
        f"{listener}.scram-sha-256.sasl.jaas.config": scram,
        f"{listener}.scram-sha-512.sasl.jaas.config": scram,
        f"{listener}.oauthbearer.sasl.jaas.config": f'{security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin";',
    }


def count_brokers(port):
    """How many brokers a node names in its answer to Metadata v1 for no topic."""
    body = struct.pack(">hhih", 3, 1, 7, -1) + struct.pack(">i", 0)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        answer = connection.makefile("rb")
        length, _, count = struct.unpack(">iii", answer.read(12))
        return count


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition, what):
    end = time.monotonic() + READY_SECONDS
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"after {READY_SECONDS} s it is not so that {what}")
        time.sleep(0.1)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def door_of(folder):
    # The path of a Unix socket may have some hundred bytes; relative to the folder it is always short.
    os.chdir(folder)
    return "control"


def tell(folder, command, id):
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(door_of(folder))
        door.sendall(f"{command} {id}\n".encode())
        if door.makefile().readline() != "done\n":
            sys.exit(f"kafka.py could not {command} node {id}")


def run():
    parser = argparse.ArgumentParser()
    for name in ("version", "jars", "folder", "tls"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--first-id", type=int, default=1)
    for name in ("property", "advertise", "jvm"):
        parser.add_argument(f"--{name}", action="append", default=[])
    cluster = Cluster(parser.parse_args())
    cluster.asked.jars = os.path.abspath(cluster.asked.jars)
    cluster.asked.tls = os.path.abspath(cluster.asked.tls)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    try:
        cluster.start()
        print(cluster.ready_line(), flush=True)
        threading.Thread(target=cluster.obey, daemon=True).start()
        while True:
            signal.pause()
    finally:
        cluster.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["tell"]:
        tell(*sys.argv[2:])
    else:
        run()
