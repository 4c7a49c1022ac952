"""Detectors that are neural models: texts to tokens, logits to findings, and ONNX Runtime."""
