"""Whether a failure is ours to mend: what the clients, TLS and the brokers raise, told in our words."""

import ssl
from collections.abc import Iterator

from aiokafka import errors as aiokafka_errors
from kafka import errors as kafka_errors

from stream.errors import AccessRefused
from stream.kafka.tokens import TokenRefused
from stream.settings import PREFIX

_FORBIDDEN = (
    aiokafka_errors.TopicAuthorizationFailedError,
    aiokafka_errors.GroupAuthorizationFailedError,
    aiokafka_errors.ClusterAuthorizationFailedError,
    aiokafka_errors.TransactionalIdAuthorizationFailed,
    kafka_errors.AuthorizationError,
)
_NOT_AUTHENTICATED = (aiokafka_errors.SaslAuthenticationFailed, kafka_errors.SaslAuthenticationFailedError)
_MECHANISM = (aiokafka_errors.UnsupportedSaslMechanismError, kafka_errors.UnsupportedSaslMechanismError)
_NO_SASL = (aiokafka_errors.IllegalSaslStateError, kafka_errors.IllegalSaslStateError)
# Of X509_verify_cert_error_string(3).
_EXPIRED, _NOT_YET_VALID = 10, 9
_OTHER_HOST = (62, 64)


def refusal(error: BaseException) -> AccessRefused | None:
    """What keeps us out, if that is what the error or one of its causes says; None: an outage or a bug."""
    for each in _causes(error):
        if isinstance(each, AccessRefused):
            return each
        reason = _certificate(each) or _credentials(each) or _permission(each)
        if reason:
            return AccessRefused(reason)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _certificate(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"we do not trust the broker's certificate ({error.verify_message}): "
        if error.verify_code in _OTHER_HOST:
            return what + f"name the broker in {PREFIX}BROKERS, and in its advertised listeners, as it does"
        if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
            return what + "renew it, or correct this machine's clock"
        return what + f"name the authority that signed it by {PREFIX}SSL_CA_FILE"
    if isinstance(error, ssl.SSLError) and "ALERT" in str(error):
        return (
            f"the broker breaks TLS off ({error.reason}): look whether {PREFIX}SSL_CERTIFICATE_FILE is set, "
            "valid, and of an authority that the broker trusts"
        )
    return None


def _credentials(error: BaseException) -> str | None:
    if isinstance(error, _NOT_AUTHENTICATED):
        return (
            f"the broker refuses our credentials: look at {PREFIX}SASL_MECHANISM, {PREFIX}SASL_USERNAME and "
            f"{PREFIX}SASL_PASSWORD"
        )
    if isinstance(error, _MECHANISM):
        return f"the broker does not take this {PREFIX}SASL_MECHANISM there"
    if isinstance(error, _NO_SASL):
        return f"the broker takes no SASL there: {PREFIX}SECURITY_PROTOCOL is SSL or PLAINTEXT for this port"
    if isinstance(error, TokenRefused):
        return f"{error}: look at {PREFIX}SASL_TOKEN_URL, {PREFIX}SASL_USERNAME and {PREFIX}SASL_PASSWORD"
    return None


def _permission(error: BaseException) -> str | None:
    if not isinstance(error, _FORBIDDEN):
        return None
    return (
        f"the cluster forbids what this command must do ({error}): give its user the permissions that "
        "docs/security.md lists for its role"
    )
