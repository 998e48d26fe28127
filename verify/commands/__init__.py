"""The commands of ``verify``, one module each."""
