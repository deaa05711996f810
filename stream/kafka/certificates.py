"""The TLS context of our clients, kept as new as the files of certificates and keys that it is made of."""

import logging
import os
import ssl
import threading
from functools import lru_cache

from stream.errors import SettingsError
from stream.settings import PREFIX, Settings

_FILES = ("ssl_ca_file", "ssl_certificate_file", "ssl_key_file")

log = logging.getLogger(__name__)


class Certificates:
    """What we trust and what we show, for all clients of a process; from any thread.

    Raises:
        SettingsError: a file cannot be read or used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._stamps = self._read_stamps()
        try:
            self._context = ssl.create_default_context(cafile=settings.ssl_ca_file)
        except ssl.SSLError as error:
            raise _no_authority() from error
        self._load_own()

    def context(self) -> ssl.SSLContext:
        """The context. It is the same each time, so that clients that run already follow a renewal as well.

        An authority that was dropped from its file is trusted until the process ends.
        """
        with self._lock:
            try:
                stamps = self._read_stamps()
                if stamps != self._stamps:
                    self._renew()
                    self._stamps = stamps
                    log.info("took over renewed certificates")
            except SettingsError as error:
                log.warning("going on with the former certificates: %s", error)
        return self._context

    def _read_stamps(self) -> list[int]:
        """When each file was last written, nanoseconds since 1970."""
        stamps = []
        for name in _FILES:
            path = getattr(self._settings, name)
            try:
                if path is not None:
                    with path.open("rb") as file:
                        stamps.append(os.fstat(file.fileno()).st_mtime_ns)
            except OSError as error:
                raise SettingsError(f"{PREFIX}{name.upper()}: {path}: {error.strerror}") from error
        return stamps

    def _renew(self) -> None:
        if self._settings.ssl_ca_file is not None:
            try:
                self._context.load_verify_locations(self._settings.ssl_ca_file)
            except ssl.SSLError as error:
                raise _no_authority() from error
        self._load_own()

    def _load_own(self) -> None:
        settings = self._settings
        if settings.ssl_certificate_file is None:
            return
        password = settings.ssl_key_password.get_secret_value() if settings.ssl_key_password else ""
        try:
            # Without a password OpenSSL would ask the terminal for one.
            self._context.load_cert_chain(settings.ssl_certificate_file, settings.ssl_key_file, password)
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or "no PEM, no key, or not the key's password"
            raise SettingsError(
                f"{PREFIX}SSL_CERTIFICATE_FILE, {PREFIX}SSL_KEY_FILE and {PREFIX}SSL_KEY_PASSWORD do not fit "
                f"together ({reason}): the key must be that of the first certificate, both in PEM"
            ) from error


@lru_cache
def certificates(settings: Settings) -> Certificates:
    """Those of the settings, made once.

    Raises:
        SettingsError: a file cannot be read or used.
    """
    return Certificates(settings)


def _no_authority() -> SettingsError:
    return SettingsError(f"{PREFIX}SSL_CA_FILE: the file holds no certificate in PEM")
