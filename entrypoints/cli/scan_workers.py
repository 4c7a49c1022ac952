"""Scan many inputs, in this process or in several, with the reports in the order of the inputs."""

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from entrypoints.cli.exits import EXIT_UNAVAILABLE, Failure
from entrypoints.cli.scan_engine import Scanner, ScanSettings
from entrypoints.cli.scan_paths import Input, Source
from entrypoints.cli.scan_report import FileReport
from entrypoints.wiring.local_detection import LocalDetection

_WAITING = 4
"""Inputs that wait in line for each worker."""

Outcome = FileReport | Input
"""What becomes of an input: its report, or itself where it is not read."""

_worker: dict[str, Scanner] = {}


def scan_inputs(inputs: Iterable[Input], scanner: Scanner) -> Iterator[Outcome]:
    """Yield the outcome of each input, one after another in this process."""
    for one in inputs:
        yield scanner.scan(one) if isinstance(one, Source) else one


def scan_in_processes(
    inputs: Iterable[Input], scanner: Scanner, settings: ScanSettings, jobs: int
) -> Iterator[Outcome]:
    """Yield the outcome of each input; `jobs` processes read files, this one standard input.

    Raises:
        Failure: a process died.
    """
    # What only several processes need takes long to import.
    from concurrent.futures.process import (  # noqa: PLC0415 - see above
        BrokenProcessPool,
        ProcessPoolExecutor,
    )
    from multiprocessing import get_context  # noqa: PLC0415 - see above

    waiting: deque[Outcome | Future[FileReport]] = deque()
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(settings,)
    ) as pool:
        try:
            for one in inputs:
                if not isinstance(one, Source):
                    waiting.append(one)
                elif one.path is None:
                    waiting.append(scanner.scan(one))
                else:
                    waiting.append(pool.submit(_scan, one))
                while len(waiting) > jobs * _WAITING:
                    yield _outcome(waiting.popleft())
            while waiting:
                yield _outcome(waiting.popleft())
        except BrokenProcessPool:
            raise Failure(
                "a process of this scan ended unexpectedly: is there enough memory? Try --jobs 1",
                EXIT_UNAVAILABLE,
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _outcome(waiting: Outcome | Future[FileReport]) -> Outcome:
    return waiting.result() if isinstance(waiting, Future) else waiting


def _start(settings: ScanSettings) -> None:
    # An interrupt reaches every process of the terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    detection = LocalDetection(settings.profile, settings.model_store)
    _worker["scanner"] = Scanner(settings, detection)


def _scan(source: Source) -> FileReport:
    return _worker["scanner"].scan(source)
