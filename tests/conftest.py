"""What several rooms of tests are given."""

from tests.following.conftest import tmpfs
from tests.tail.conftest import nobody

__all__ = ["nobody", "tmpfs"]
