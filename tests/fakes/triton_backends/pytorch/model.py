"""Triton's PyTorch backend in Python, for a tritonserver that comes without LibTorch.

It runs `model.pt` of a model with `platform: "pytorch_libtorch"` as the C++ backend does: inputs by
their numbers, outputs in the order of the configuration.
"""

import json
import pathlib

import torch
import triton_python_backend_utils as backend


class TritonPythonModel:
    def initialize(self, args):
        torch.set_num_threads(1)
        config = json.loads(args["model_config"])
        folder = pathlib.Path(args["model_repository"]) / args["model_version"]
        self._model = torch.jit.load(str(folder / "model.pt"), map_location="cpu").eval()
        self._inputs = [one["name"] for one in config["input"]]
        self._outputs = [one["name"] for one in config["output"]]

    def execute(self, requests):
        return [self._answer(request) for request in requests]

    def _answer(self, request):
        tensors = [
            torch.from_numpy(backend.get_input_tensor_by_name(request, name).as_numpy())
            for name in self._inputs
        ]
        try:
            with torch.no_grad():
                found = self._model(*tensors)
        except (RuntimeError, IndexError) as error:
            return backend.InferenceResponse(error=backend.TritonError(type(error).__name__))
        answers = found if isinstance(found, tuple) else (found,)
        return backend.InferenceResponse(
            [
                backend.Tensor(name, answer.numpy())
                for name, answer in zip(self._outputs, answers, strict=True)
            ]
        )
