"""The commands of the command line, one file each: options in, text on stdout, messages on stderr, an exit code back.

They hold no logic of their own: each asks `pipeline` (loaded late, so that `nb2prod --help` is quick) and shows what comes back.
"""
