"""The commands of ``verify``, one module each: ``arguments(parser)`` and ``run(options)``.

A module imports at its top what its options need and nothing that loads slowly, such as torch. With
``options.rehearsal`` it refuses what can be refused and leaves out the work.
"""

EXIT_PROBLEMS, EXIT_USAGE, EXIT_FAILED, EXIT_INTERRUPTED = 1, 2, 70, 130
