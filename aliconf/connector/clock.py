"""The time as the store keeps it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """UTC to the second, as ``2026-11-23T10:00:00Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
