"""Detectors that run on Triton Inference Servers."""
