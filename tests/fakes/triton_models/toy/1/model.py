import time

import numpy
import triton_python_backend_utils as backend


class TritonPythonModel:
    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        texts = backend.get_input_tensor_by_name(request, "TEXT").as_numpy()
        words = [text.decode() for (text,) in texts]
        for word in words:
            if word.startswith("sleep "):
                time.sleep(float(word.partition(" ")[2]))
        if "fail" in words:
            return backend.InferenceResponse(error=backend.TritonError("told to fail"))
        answers = numpy.array([[word.upper().encode()] for word in words], dtype=numpy.object_)
        return backend.InferenceResponse([backend.Tensor("ANSWER", answers)])
