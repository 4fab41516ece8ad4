"""leftovers.py OWNER: kills every process whose environment says INTEROP_OWNER=OWNER, and prints what they were."""
import os
import pathlib
import signal
import sys

mark = f"INTEROP_OWNER={sys.argv[1]}".encode()
told = []
for process in pathlib.Path("/proc").glob("[0-9]*"):
    pid = int(process.name)
    try:
        # The target's own shell and this program are no leftovers.
        if pid in (os.getpid(), os.getppid()) or mark not in (process / "environ").read_bytes().split(b"\0"):
            continue
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        # One that has ended and was not waited for has no command line any more.
        if command:
            told.append(f"{pid} ({command[:100]})")
            os.kill(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        continue
print(", ".join(told))
