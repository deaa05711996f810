"""What training refuses, and why: every message says what to do next; the command line exits with 2.

TrainingError
├── ConfigError      the configuration contradicts itself
├── DataError        the data file is missing or not as documented in `training.data`
│   └── SoftLabelsError  a teacher's soft labels are missing, broken, or of other reviews
├── CheckpointError  a run directory cannot be continued or read
└── UnusableBundleError  a bundle to measure is missing, altered or of another format
"""


class TrainingError(Exception):
    """Base of all."""


class ConfigError(TrainingError):
    """One or more fields are wrong; the message lists all of them."""


class DataError(TrainingError):
    """The labelled reviews cannot be used."""


class SoftLabelsError(DataError):
    """The teacher's soft labels cannot be used."""


class CheckpointError(TrainingError):
    """The run directory holds no usable state, or that of another run."""


class UnusableBundleError(TrainingError):
    """The bundle cannot be measured; the message is that of its reader."""
