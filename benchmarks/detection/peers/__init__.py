"""Other detectors, each run in an environment of its own by a program of this folder."""
