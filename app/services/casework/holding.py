"""Holding all of a request, for who changes it besides the steps of its process."""

from __future__ import annotations

from app.models import ServiceRequest
from app.services.execution import processes
from app.services.service_levels import clock_rows


def hold(request: ServiceRequest) -> None:
    """Lock the request's instances, then its clocks, and read its row anew: the order of every
    step, so that nobody waits crosswise. What is done to the row comes after this."""
    for instance in sorted(processes.of_request(request.id), key=lambda one: one.id):
        processes.lock(instance.id)
    clock_rows.of_request(request.id, lock=True)
    clock_rows.read_anew(request)
