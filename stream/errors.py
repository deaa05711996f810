"""Every error that brandpulse raises, drawn once.

    BrandpulseError
    ├── ConfigurationError      the user must change something; exit code 2
    │   ├── SettingsError       a setting is unknown or has a wrong value
    │   ├── AccessRefused       the cluster does not trust us, we do not trust it, or it forbids what we do
    │   ├── TopicError          a topic is missing or differs from what its role depends on
    │   ├── BundleUnusable      wrong hash, unreadable, or its goldens are not reproduced
    │   ├── ProviderMissing     the inference provider that was demanded is not there
    │   ├── PortTaken           somebody else listens where we were told to
    │   ├── DataDirTaken        another worker owns this data directory
    │   ├── DatabaseUnusable    the history's database refuses us, or a newer brandpulse made it
    │   └── MissingExtra        an optional dependency is not installed
    └── OutageError             something outside failed; exit code 1, a restart may help
        ├── BrokerUnavailable   no broker answered in time
        ├── DatabaseAway        the history's database does not answer
        ├── DeliveryFailed      a transaction could not be committed; its chunk will be read again
        ├── DeadLetterBudgetSpent  too large a share of reviews was rejected: the deploy is broken
        └── Stalled             the worker makes no progress and ends itself

Foreign exceptions are translated where they enter. A review that cannot be read is no error but a
value (`stream.scoring.decode.Rejected`).
"""


class BrandpulseError(Exception):
    """Base of all; the message says what to do next. `exit_code` is the process's.

    A worker that ends with an error that `restarts_in_place` starts over by itself instead.
    """

    exit_code = 1
    restarts_in_place = False


class ConfigurationError(BrandpulseError):
    """The user must change something before a new start can succeed."""

    exit_code = 2


class SettingsError(ConfigurationError):
    """One or more settings are unknown or have wrong values; the message lists all of them."""


class AccessRefused(ConfigurationError):
    """A certificate, a password, a protocol or a permission keeps us out; trying again changes nothing."""


class TopicError(ConfigurationError):
    """A topic is missing or deviates; the message lists every deviation."""


class BundleUnusable(ConfigurationError):
    """A model bundle cannot be used."""


class ProviderMissing(ConfigurationError):
    """The demanded inference provider is not available on this machine."""


class PortTaken(ConfigurationError):
    """The port that we were told to listen on is taken."""


class DataDirTaken(ConfigurationError):
    """Another process holds the lock of the data directory."""


class DatabaseUnusable(ConfigurationError):
    """The history's database refuses what we must do there, or has tables of a newer brandpulse."""


class MissingExtra(ConfigurationError):
    """An optional dependency is missing; the message names the extra that brings it."""


class OutageError(BrandpulseError):
    """Something outside this process failed; a restart may help."""


class BrokerUnavailable(OutageError):
    """No broker answered within the time given."""

    restarts_in_place = True


class DatabaseAway(OutageError):
    """The history's database does not answer; what was under way there is done wholly or not at all."""


class DiskFailed(OutageError):
    """The local store could not be written; what it lacks is in its changelog."""


class DeliveryFailed(OutageError):
    """A transaction failed; nothing of it is visible, and its reviews will be read again."""

    restarts_in_place = True


class DeadLetterBudgetSpent(OutageError):
    """More than the allowed share of recent reviews was rejected."""


class Stalled(OutageError):
    """The event loop or the consumer stopped making progress."""
