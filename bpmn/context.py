"""What a step is given from outside, so that the engine itself asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bpmn.deployed import Deployed, NothingDeployed


@dataclass(frozen=True)
class Context:
    """What a step is given from outside: the instant, FEEL functions and decision tables."""

    now: datetime
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    decisions: Mapping[str, Any] = field(default_factory=dict)
    deployed: Deployed = field(default_factory=NothingDeployed)
