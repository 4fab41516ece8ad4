"""A mock Kafka cluster beside the tests; each test begins with one that is as new."""
import json
import os
import subprocess
import urllib.request

import pytest

MOCKBROKER = os.environ.get("MOCKBROKER", "mockbroker")


@pytest.fixture(scope="session")
def running():
    arguments = ["--port", "0", "--topic", "orders:3", "--control-port", "0"]
    # It ends with its standard input, and so with the tests, however they end.
    command = [MOCKBROKER, *arguments, "--exit-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())


@pytest.fixture
def cluster(running):
    urllib.request.urlopen(urllib.request.Request(running["control"] + "/reset", method="POST")).close()
    return running
