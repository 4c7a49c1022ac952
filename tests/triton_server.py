"""A real tritonserver on this machine that tests start, freeze, kill and start again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.counterpart_servers import free_port

_HOST = "127.0.0.1"
_START_SECONDS = 240.0
_ATTEMPTS = 3
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "TMPDIR")
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the Python backend keeps its own


class TritonServer:
    """One server over a model repository; it keeps its ports over a restart.

    `program` is `pytriton/tritonserver/bin/tritonserver` of an installed wheel; `backends` are
    folders of further backends by their names.
    """

    def __init__(
        self,
        program: str,
        *,
        repository: Path,
        folder: Path,
        backends: Mapping[str, Path] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.program = Path(program)
        self._repository = repository
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._choose_ports()
        self._make_backends(backends or {})

    def __enter__(self) -> Self:
        for _ in range(_ATTEMPTS):
            if self._started():
                return self
            self._choose_ports()
        raise RuntimeError(f"tritonserver did not start:\n{self.log()[-4000:]}")

    def __exit__(self, *reason: object) -> None:
        self.kill()

    @property
    def grpc_url(self) -> str:
        return f"grpc://{_HOST}:{self._ports[1]}"

    @property
    def http_url(self) -> str:
        return f"http://{_HOST}:{self._ports[0]}"

    def url(self, scheme: str) -> str:
        return {"grpc": self.grpc_url, "http": self.http_url}[scheme]

    def log(self) -> str:
        """Return what the server wrote since its last start."""
        path = self._folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start again on the same ports."""
        if not self._started():
            raise RuntimeError(f"tritonserver did not start:\n{self.log()[-4000:]}")

    def launch(self) -> None:
        """Start again on the same ports, without waiting until it is ready."""
        home = self.program.parents[2]
        library_path = [str(home.parent / "nvidia_pytriton.libs")]
        python_library = Path(sysconfig.get_config_var("LIBDIR") or "")
        if next(python_library.glob("libpython3*.so*"), None):
            library_path.append(str(python_library))
        environment = {name: value for name in _ENVIRONMENT if (value := os.getenv(name))}
        environment["LD_LIBRARY_PATH"] = ":".join(library_path)
        # The backend's python is isolated from PYTHONPATH: it takes the environment whose `python3`
        # comes first, which knows where this one's packages are.
        environment["PATH"] = f"{home.parents[3] / 'bin'}:{os.defpath}"
        environment["OMP_NUM_THREADS"] = "1"
        environment.update(self.environment())
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self.command(self._ports),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def command(self, ports: tuple[int, int, int]) -> Sequence[str]:
        """Return what starts the server on these ports: HTTP, gRPC and metrics."""
        http, grpc, metrics = ports
        return [
            str(self.program),
            f"--model-repository={self._repository}",
            *self.options(),
            "--model-control-mode=none",
            f"--http-address={_HOST}",
            f"--http-port={http}",
            f"--grpc-address={_HOST}",
            f"--grpc-port={grpc}",
            f"--metrics-address={_HOST}",
            f"--metrics-port={metrics}",
        ]

    def environment(self) -> Mapping[str, str]:
        """Return further variables for the server."""
        return {}

    def options(self) -> Sequence[str]:
        """Return the options that only a server in a test has."""
        return (
            f"--backend-directory={self._backends}",
            f"--backend-config=python,shm-region-prefix-name={self._prefix}",
            "--exit-timeout-secs=5",
            *self._options,
        )

    def wait(self) -> bool:
        """Wait until the server is ready, and tell whether it is rather than has ended."""
        process = self._process
        end = time.monotonic() + _START_SECONDS
        while process is not None and process.poll() is None and time.monotonic() < end:
            if self._answers("/v2/health/ready"):
                return True
            time.sleep(0.05)
        return False

    def kill(self) -> None:
        """End the server and the programs of its models at once."""
        process, self._process = self._process, None
        if process is None:
            return
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for path in _SHARED_MEMORY.glob(f"{self._prefix}*"):
            path.unlink(missing_ok=True)

    def revive(self) -> None:
        """Let it run again, whatever a test did to it."""
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self.start()
        else:
            self.thaw()
            self.wait()

    def freeze(self) -> None:
        """Stop the server where it stands; connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def statistics(self, model: str) -> bytes:
        """Return the server's own statistics of a model, as JSON."""
        return self._get(f"/v2/models/{model}/stats")

    def work_done(self, model: str) -> tuple[int, int]:
        """Return how many rows and batches of a model were worked on; counted after the answer."""
        (told,) = json.loads(self.statistics(model))["model_stats"]
        return told["inference_count"], told["execution_count"]

    @property
    def _prefix(self) -> str:
        return f"trueport_test_{os.getpid()}_{self._ports[0]}"

    def _choose_ports(self) -> None:
        self._ports = (free_port(), free_port(), free_port())

    def _make_backends(self, others: Mapping[str, Path]) -> None:
        """Put the Python backend together with the stub of this python."""
        home = self.program.parents[1]
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._backends = self._folder / "backends"
        shutil.copytree(home / "backends" / "python", self._backends / "python")
        stub = "triton_python_backend_stub"
        target = self._backends / "python" / stub
        shutil.copy(home / "python_backend_stubs" / version / stub, target)
        for name, folder in others.items():
            shutil.copytree(folder, self._backends / name)

    def _started(self) -> bool:
        self.launch()
        if self.wait():
            return True
        self.kill()
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, number)

    def _answers(self, path: str) -> bool:
        try:
            self._get(path)
        except OSError:
            return False
        return True

    def _get(self, path: str) -> bytes:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.http_url}{path}", timeout=5) as answer:
            body: bytes = answer.read()
        return body
