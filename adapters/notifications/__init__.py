"""Storage events: a message as its sender makes it becomes an object reference, verified."""
