"""The rules of `exfil-regex-entropy` on a server: the same code that runs in process."""

import asyncio

import numpy
import triton_python_backend_utils as backend

from adapters.detectors.detection_json import detection_to_json
from adapters.detectors.exfil_regex_entropy import ExfilRegexEntropyDetector
from application.ports.detector import Channel, DetectorText


class TritonPythonModel:
    """One instance on the server; its requests come one batch after the other."""

    def initialize(self, args):
        self._detector = ExfilRegexEntropyDetector()
        self._runner = asyncio.Runner()

    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def finalize(self):
        self._runner.close()

    def _answer(self, request):
        texts = backend.get_input_tensor_by_name(request, "TEXT").as_numpy()
        channels = backend.get_input_tensor_by_name(request, "CHANNEL").as_numpy()
        try:
            rows = [
                DetectorText(text=text.decode(), channel=Channel(channel.decode()))
                for (text,), (channel,) in zip(texts, channels, strict=True)
            ]
        except ValueError:
            # In words of our own: the codec's would repeat the text.
            error = backend.TritonError(
                "TEXT must be UTF-8 and CHANNEL one of " + ", ".join(Channel),
                backend.TritonError.INVALID_ARG,
            )
            return backend.InferenceResponse(error=error)
        detections = self._runner.run(self._detector.detect(rows))
        version = self._detector.version.encode()
        return backend.InferenceResponse(
            [
                backend.Tensor("DETECTION", _column(detection_to_json(one) for one in detections)),
                backend.Tensor("VERSION", _column(version for _ in detections)),
            ]
        )


def _column(values):
    return numpy.array([[value] for value in values], dtype=numpy.object_)
