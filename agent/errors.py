"""Every error that reaches a user: one sentence that names the key or file, and the mend.

Each class carries the exit code of the command line (sysexits.h numbers, fixed by the project's contract):

    WmtlsError
    ├── UsageError           64  the call itself is wrong
    ├── InputMissingError    66  a named file is not there or cannot be read
    ├── StateError           74  the state store is unusable
    │   └── DamagedStateError    its file is damaged or not ours: it can be set aside and begun anew
    └── ConfigError          78  the configuration is wrong; the text begins with the key
"""


class WmtlsError(Exception):
    """An error the user can mend, told in one sentence."""

    exit_code = 70


class UsageError(WmtlsError):
    """The command line asks for something that does not exist."""

    exit_code = 64


class InputMissingError(WmtlsError):
    """A named input is absent or unreadable."""

    exit_code = 66


class StateError(WmtlsError):
    """The state directory or its database cannot be used."""

    exit_code = 74


class DamagedStateError(StateError):
    """The state file, or a record in it, cannot be read, or is another program's."""


class ConfigError(WmtlsError):
    """The configuration file, or a value in it, is wrong."""

    exit_code = 78
