"""Runs a command, stands between it and a broker meanwhile, and writes down which APIs it uses that the mock leaves to later.

    recorder.py HOST:PORT HOST:PORT FILE COMMAND...

What the command sends to the first address goes to the broker at the second, which must advertise the first. FILE gets a line for each of those APIs that
a request named, such as `consumer groups: JoinGroup`. It exits as the command does.
"""
import asyncio
import struct
import sys

LATER = {
    "consumer groups": {
        8: "OffsetCommit", 9: "OffsetFetch", 11: "JoinGroup", 12: "Heartbeat", 13: "LeaveGroup", 14: "SyncGroup", 15: "DescribeGroups", 16: "ListGroups",
        42: "DeleteGroups", 47: "OffsetDelete", 68: "ConsumerGroupHeartbeat", 69: "ConsumerGroupDescribe", 88: "StreamsGroupHeartbeat",
        89: "StreamsGroupDescribe",
    },
    "transactions": {
        24: "AddPartitionsToTxn", 25: "AddOffsetsToTxn", 26: "EndTxn", 28: "TxnOffsetCommit", 65: "DescribeTransactions", 66: "ListTransactions",
    },
    "share groups": {
        76: "ShareGroupHeartbeat", 77: "ShareGroupDescribe", 78: "ShareFetch", 79: "ShareAcknowledge", 90: "DescribeShareGroupOffsets",
        91: "AlterShareGroupOffsets", 92: "DeleteShareGroupOffsets",
    },
}
INIT_PRODUCER_ID, INIT_PRODUCER_ID_FLEXIBLE = 22, 2
HEADER = struct.Struct(">hhih")


def later(request):
    """What a request uses of what is left to later."""
    key, version, _, client_id = HEADER.unpack_from(request)
    for what, apis in LATER.items():
        if key in apis:
            return f"{what}: {apis[key]}"
    if key == INIT_PRODUCER_ID:
        at = HEADER.size + max(client_id, 0)
        # A transactional id that is null; behind the tags of the header, where it has some.
        null = b"\0\0" if version >= INIT_PRODUCER_ID_FLEXIBLE else b"\xff\xff"
        if request[at:at + 2] != null:
            return "transactions: InitProducerId"
    return None


class Recorder:
    def __init__(self, broker):
        self.broker, self.used = broker, set()

    async def stand_between(self, client, to_client):
        try:
            broker, to_broker = await asyncio.open_connection(*self.broker)
        except OSError:
            to_client.close()
            return
        await asyncio.gather(self.requests(client, to_broker), answers(broker, to_client), return_exceptions=True)

    async def requests(self, client, to_broker):
        try:
            while True:
                length = await client.readexactly(4)
                # Not one byte is held back: what is no frame reaches the broker as well.
                to_broker.write(length)
                left, = struct.unpack(">i", length)
                head = await client.readexactly(min(max(left, 0), 512))
                if len(head) >= HEADER.size:
                    self.used.add(later(head))
                to_broker.write(head)
                left -= len(head)
                while left > 0:
                    part = await client.read(min(left, 1 << 16))
                    if not part:
                        return
                    left -= len(part)
                    to_broker.write(part)
                    await to_broker.drain()
        except asyncio.IncompleteReadError as cut:
            to_broker.write(cut.partial)
        finally:
            to_broker.close()


async def answers(broker, to_client):
    try:
        while part := await broker.read(1 << 16):
            to_client.write(part)
            await to_client.drain()
    finally:
        to_client.close()


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


async def run(at, broker, file, *command):
    recorder = Recorder(address(broker))
    await asyncio.start_server(recorder.stand_between, *address(at), reuse_address=True, backlog=1000)
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    code = await process.wait()
    with open(file, "w") as out:
        out.writelines(f"{used}\n" for used in sorted(filter(None, recorder.used)))
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    # Of connections that are still open nothing more is wanted.
    loop = asyncio.new_event_loop()
    sys.exit(loop.run_until_complete(run(*sys.argv[1:])))
