"""Figures for Prometheus: `collector.py` says which there are, `endpoint.py` answers `/metrics` with them.

Whoever does the work counts it in plain numbers of its own; they are read here, when somebody asks.
"""

from everwarm.metrics.collector import Sources
from everwarm.metrics.endpoint import PATH, application

__all__ = ["PATH", "Sources", "application"]
