"""A bounded pool of threads that do not hold the process when it ends."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Work = tuple["Future[Any]", Callable[[], Any]]


class DaemonThreads(Executor):
    """Run work in threads that are made when they are needed.

    Python waits at its end for the threads of its own pools, and an SDK may wait minutes for a
    server that says nothing more. Nobody is interested in its answer by then.
    """

    def __init__(self, threads: int, *, name: str) -> None:
        self._most = threads
        self._name = name
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._count = 0
        self._is_closed = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """Queue a call and return its future.

        Raises:
            RuntimeError: the pool is closed.
        """
        future: Future[_T] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this pool takes no more work")
            self._waiting.put((future, lambda: fn(*args, **kwargs)))
            if not self._idle.acquire(blocking=False) and self._count < self._most:
                self._count += 1
                threading.Thread(
                    target=self._work, name=f"{self._name}-{self._count}", daemon=True
                ).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; threads end with what they do. Nobody is waited for."""
        with self._lock:
            self._is_closed = True
            count = self._count
        if cancel_futures:
            while True:
                try:
                    found = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if found is not None:
                    found[0].cancel()
        for _ in range(count):
            self._waiting.put(None)

    def _work(self) -> None:
        while (found := self._waiting.get()) is not None:
            future, work = found
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)
            # Its traceback would keep what it worked on alive until the next work comes.
            del found, future, work
            self._idle.release()
