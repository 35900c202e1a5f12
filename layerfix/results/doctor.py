"""What was found of this installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["well", "limited", "bad"]


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing looked at: its name, what was found, whether that is well, and what to do where it is not."""

    name: str
    found: str
    state: State
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that was looked at."""

    symptoms: tuple[Symptom, ...]

    @property
    def well(self) -> bool:
        """Whether nothing needed is missing."""
        return all(symptom.state != "bad" for symptom in self.symptoms)
