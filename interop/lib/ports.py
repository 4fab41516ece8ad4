"""Ports of the loopback that nobody else takes: below those that the system gives out by itself, and kept for as long as this process lives."""
import os
import pathlib
import random
import socket
import tempfile

RANGE = range(20000, 32000)
KEPT = pathlib.Path(tempfile.gettempdir()) / f"ottla-interop-ports-{os.getuid()}"


def reserve(count):
    """`count` free ports; another run that asks at the same time gets others."""
    KEPT.mkdir(exist_ok=True)
    found = []
    for port in random.sample(RANGE, len(RANGE)):
        if len(found) == count:
            break
        if _is_free(port) and _keep(port):
            found.append(port)
    return found


def _keep(port):
    keeper = KEPT / str(port)
    try:
        descriptor = os.open(keeper, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        if not _is_dead(keeper):
            return False
        keeper.unlink(missing_ok=True)
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(str(os.getpid()))
    return True


def _is_dead(keeper):
    try:
        os.kill(int(keeper.read_text() or 0) or os.getpid(), 0)
        return False
    except (ProcessLookupError, FileNotFoundError, ValueError):
        return True


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False
