"""Engines that read texts and report findings, in process or on a model server."""
