"""What exporting refuses: the message says why and what to do; the command line exits with 2.

`export.bundle.BundleError` stands apart, since workers meet it too.
"""


class ExportError(Exception):
    """The checkpoint cannot become a bundle."""


class ParityError(ExportError):
    """An exported model does not do what the trained one does."""
