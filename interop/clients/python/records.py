"""What the programs beside this one share: what they are asked, what they send, and that they read the same."""
import argparse
import logging
import os
import ssl

Record = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]


def asked(*flags):
    """`PROGRAM BOOTSTRAP PROTOCOL [--mechanism M] [--secret S] [--ca FILE] [--certificate DIR] [--compression C] [--topic T]`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("bootstrap")
    parser.add_argument("protocol")
    parser.add_argument("--mechanism")
    parser.add_argument("--user", default=os.environ.get("USER_NAME"))
    parser.add_argument("--secret", default=os.environ.get("USER_SECRET"))
    parser.add_argument("--ca")
    parser.add_argument("--certificate", help="a folder with client.pem and client-key.pem")
    parser.add_argument("--compression")
    parser.add_argument("--topic", default=f"records-{os.getpid()}")
    for flag in flags:
        parser.add_argument(flag, action="store_true")
    # What a client says of a connection that fails.
    logging.basicConfig(level=logging.WARNING)
    return parser.parse_args()


def to_send(count=300) -> list[Record]:
    """Keys, nulls, empty and large values, every byte, and headers; no two are the same."""
    values = [bytes(range(256)), b"", None, b"x" * 100_000, "ünïcode".encode()]
    return [(f"key-{n}".encode(), values[n % len(values)], (("n", str(n).encode()), ("empty", b""))) for n in range(count)]


def must_be_equal(sent: list[Record], read: list[Record]):
    missing = [record[0] for record in sent if record not in read]
    if missing or len(sent) != len(read):
        raise SystemExit(f"{len(sent)} records were sent and {len(read)} read; not read as they were sent: {missing[:5]}")
    print(f"{len(read)} records came back as they were sent")


def tls(asked) -> ssl.SSLContext | None:
    if "SSL" not in asked.protocol:
        return None
    context = ssl.create_default_context(cafile=asked.ca)
    if asked.certificate:
        context.load_cert_chain(f"{asked.certificate}/client.pem", f"{asked.certificate}/client-key.pem")
    return context


def msk_token():
    """A token as Amazon's signer makes it, and when it ends, in milliseconds."""
    from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
    return MSKAuthTokenProvider.generate_auth_token(os.environ["AWS_REGION"])
