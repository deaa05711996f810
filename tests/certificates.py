"""Certificates for tests: an authority of our own, and what it signs, in files for brokers and clients."""

import datetime
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

_LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its chain, its key, and both in one file as Kafka's PEM keystores want them."""

    certificate: Path
    key: Path
    keystore: Path


class Authority:
    """Signs certificates for whoever it is asked for; everything lies in `directory`."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._authority = trustme.CA()
        self.file = directory / "authority.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def issue(
        self, name: str, *hosts: str, expired: bool = False, key_password: str | None = None
    ) -> Identity:
        """A certificate for hosts, whose common name is `name`; so are the files called."""
        until = _LONG_AGO + datetime.timedelta(days=1) if expired else None
        issued = self._authority.issue_cert(
            *(hosts or (f"{name}.test",)),
            common_name=name,
            not_before=_LONG_AGO if expired else None,
            not_after=until,
        )
        # Java reads keys as PKCS 8 only.
        key = load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
            Encoding.PEM,
            PrivateFormat.PKCS8,
            BestAvailableEncryption(key_password.encode()) if key_password else NoEncryption(),
        )
        chain = b"".join(each.bytes() for each in issued.cert_chain_pems)
        made = Identity(*(self._directory / f"{name}.{kind}.pem" for kind in ("certificate", "key", "both")))
        made.certificate.write_bytes(chain)
        made.key.write_bytes(key)
        made.keystore.write_bytes(key + chain)
        return made
