"""Fuzzing: hostile bytes and hostile cells through the reader, the analysis and the writing of packages. See `targets` and `__main__`."""
