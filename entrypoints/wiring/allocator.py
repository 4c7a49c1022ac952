"""How the C library hands memory back to the system."""

import ctypes

_LARGE = 1 << 20
_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of glibc's `malloc.h`."""


def return_large_blocks() -> None:
    """Have blocks of a mebibyte and more go back to the system as soon as they are free.

    By itself glibc raises that limit to the largest block it has seen, up to 32 MiB, and keeps what
    is freed in an arena for each thread: one long record would cost a worker its size several times
    over for as long as it lives. Other C libraries have no such call and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
