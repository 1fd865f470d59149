"""Walks of a state machine: calls in an order that hypothesis chooses."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

CALLS_OF_A_WALK = 40


def walk(machine: type[RuleBasedStateMachine], *, walks: int) -> None:
    """Let a machine walk so often; more in `python -m reliability walks` (`EVENTLY_WALKS`)."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get("EVENTLY_WALKS", walks)),
            stateful_step_count=CALLS_OF_A_WALK,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
