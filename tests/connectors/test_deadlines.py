"""Things that are done at their moment, or called off before."""

from __future__ import annotations

import gc
import threading
import weakref

from connectors.deadlines import Deadlines


def test_what_is_due_is_done_in_its_order() -> None:
    done, over = list[int](), threading.Event()
    times = Deadlines()
    with times._changed:
        # Long past, so that no pause of the machine changes their order.
        times.after(-10, over.set)
        times.after(-20, lambda: done.append(2))
        times.after(-30, lambda: done.append(1))
    assert over.wait(60)
    assert done == [1, 2]


def test_what_was_called_off_is_not_done() -> None:
    done, over = list[int](), threading.Event()
    times = Deadlines()
    with times._changed:
        times.after(-20, lambda: done.append(1)).call_off()
        times.after(-10, over.set)
    assert over.wait(60)
    assert done == []


def test_what_was_called_off_keeps_nothing_in_mind() -> None:
    class Talk:
        def cut(self) -> None: ...

    talk = Talk()
    gone, times = weakref.ref(talk), Deadlines()
    end = times.after(600, talk.cut)
    end.call_off()
    del talk
    gc.collect()
    assert gone() is None and end.is_off


def test_a_crash_keeps_nothing_else_from_being_done() -> None:
    over, times = threading.Event(), Deadlines()
    times.after(0, lambda: 1 / 0)
    times.after(0.01, over.set)
    assert over.wait(60)
