"""A Kafka for tests that lets nobody in without a certificate or a password, nor do what no ACL grants."""

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
    UserScramCredentialUpsertion,
)

from stream.kafka.broker import Broker
from stream.kafka.ports import HOST, free_ports
from stream.kafka.topic_specs import TOPICS
from tests.certificates import Authority, Identity

LISTENERS = {
    "TLS": "SSL",
    "MUTUAL": "SSL",
    "SASL": "SASL_SSL",
    "CLEAR": "SASL_PLAINTEXT",
    "STRANGER": "SSL",
    "EXPIRED": "SSL",
}
_PAGE = Path(__file__).parents[1] / "docs" / "security.md"
_OPERATIONS = {
    "Read": "READ",
    "Write": "WRITE",
    "Create": "CREATE",
    "Describe": "DESCRIBE",
    "DescribeConfigs": "DESCRIBE_CONFIGS",
}
_MODULES = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True)
class Secured:
    """Where it listens, and what its clients need. `bootstrap` lets administrators in without anything."""

    broker: Broker
    authority: Authority
    client: Identity
    ports: Mapping[str, int]
    passwords: Mapping[str, str]

    def at(self, listener: str) -> str:
        return f"{HOST}:{self.ports[listener]}"

    def environment(self, listener: str, mechanism: str = "", user: str = "") -> dict[str, str]:
        """The settings with which a client gets in."""
        told = {
            "BROKERS": self.at(listener),
            "SECURITY_PROTOCOL": LISTENERS[listener],
            "SSL_CA_FILE": str(self.authority.file) if "SSL" in LISTENERS[listener] else "",
        }
        if listener == "MUTUAL":
            told |= {
                "SSL_CERTIFICATE_FILE": str(self.client.certificate),
                "SSL_KEY_FILE": str(self.client.key),
                "SSL_KEY_PASSWORD": self.passwords["key"],
            }
        if mechanism == "OAUTHBEARER":
            told |= {"SASL_MECHANISM": mechanism}
        elif mechanism:
            told |= {
                "SASL_MECHANISM": mechanism,
                "SASL_USERNAME": user,
                "SASL_PASSWORD": self.passwords[user],
            }
        return {f"BRANDPULSE_{name}": value for name, value in told.items() if value}

    def grant(self, user: str, permissions: Sequence["Permission"], topic_prefix: str) -> None:
        """Allow a user to do these things and, unless it was granted more before, no others."""
        acls = [
            ACL(f"User:{user}", "*", ACLOperation[operation], ACLPermissionType.ALLOW, pattern)
            for permission in permissions
            for pattern in [permission.pattern(topic_prefix)]
            for operation in permission.operations
        ]
        with self.administrator() as admin:
            assert not admin.create_acls(acls)["failed"]

    def set_password(self, user: str, password: str) -> None:
        """For SCRAM-SHA-512."""
        with self.administrator() as admin:
            wanted = UserScramCredentialUpsertion(user, "SCRAM-SHA-512", password)
            assert admin.alter_user_scram_credentials([wanted]) == {user: None}

    @contextmanager
    def administrator(self) -> Iterator[KafkaAdminClient]:
        """Somebody who may do everything."""
        with closing(KafkaAdminClient(bootstrap_servers=self.broker.bootstrap)) as admin:
            yield admin


@contextmanager
def secured_kafka(directory: Path, passwords: Mapping[str, str]) -> Iterator[Secured]:
    """One broker with a listener for each way in, and users with these passwords.

    `owner` may do everything; `key` is no user: with that password the key of the owner is encrypted.
    """
    authority = Authority(directory)
    client = authority.issue("owner", key_password=passwords["key"])
    ports = dict(zip(LISTENERS, free_ports(len(LISTENERS)), strict=True))
    users = {user: password for user, password in passwords.items() if user != "key"}
    properties = _properties(authority, ports, users)
    with Broker(properties=lambda _node: properties) as broker:
        secured = Secured(broker, authority, client, ports, passwords)
        for user, password in users.items():
            secured.set_password(user, password)
        yield secured


def unsecured_token(user: str, seconds: float = 3600) -> str:
    """A token that only a broker for tests believes: RFC 7515, appendix A.5."""
    now = time.time()
    parts = ({"alg": "none"}, {"sub": user, "iat": now, "exp": now + seconds})
    header, claims = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
    return f"{header}.{claims}."


def _properties(authority: Authority, ports: Mapping[str, int], users: Mapping[str, str]) -> dict[str, str]:
    addresses = ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items())
    good = authority.issue("broker", HOST)
    # The odd names are for SCRAM: this configuration cannot hold them.
    plain_users = " ".join(f'user_{user}="{word}"' for user, word in users.items() if user.isalnum())
    properties = {
        "listeners": addresses,
        "advertised.listeners": addresses,
        "listener.security.protocol.map": ",".join(f"{name}:{kind}" for name, kind in LISTENERS.items()),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:owner",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(good.keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]*).*$/$1/",
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.stranger.ssl.keystore.location": str(
            authority.issue("stranger", "elsewhere.test").keystore
        ),
        "listener.name.expired.ssl.keystore.location": str(
            authority.issue("expired", HOST, expired=True).keystore
        ),
    }
    for listener in ("sasl", "clear"):
        name = f"listener.name.{listener}"
        properties |= {
            f"{name}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512,OAUTHBEARER",
            f"{name}.plain.sasl.jaas.config": f"{_MODULES}.plain.PlainLoginModule required {plain_users};",
            f"{name}.scram-sha-512.sasl.jaas.config": f"{_MODULES}.scram.ScramLoginModule required;",
            f"{name}.oauthbearer.sasl.jaas.config": (
                f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required;"
            ),
        }
    return properties


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the table in docs/security.md, for one name; `*` at its end stands for a prefix."""

    role: str
    resource: str
    name: str
    operations: Sequence[str]

    def pattern(self, topic_prefix: str) -> ResourcePattern:
        """As Kafka's ACLs have it; all but the cluster carry the prefix."""
        kind = ACLResourcePatternType.PREFIXED if self.name.endswith("*") else ACLResourcePatternType.LITERAL
        name = self.name if self.resource == "CLUSTER" else topic_prefix + self.name.removesuffix("*")
        return ResourcePattern(ResourceType[self.resource], name, kind)


def documented_permissions() -> list[Permission]:
    """What docs/security.md says that each role needs."""
    rows = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \| (.+) \| ([\w, ]+) \|$", _PAGE.read_text(), re.MULTILINE)
    return [
        Permission(
            role,
            resource.upper().replace(" ", "_"),
            name.replace("\\|", "|"),
            [_OPERATIONS[each] for each in operations.split(", ")],
        )
        for role, resource, names, operations in rows
        for name in (TOPICS if names == "all nine" else re.findall(r"`([^`]+)`", names))
    ]
