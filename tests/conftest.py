"""Settings of all tests."""

from hypothesis import settings

# Nothing here is about time, and on a busy machine any test takes long.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
