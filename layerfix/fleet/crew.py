"""A child for each thread that works, and all of them stopped together."""

from __future__ import annotations

import threading
from collections import Counter

from layerfix.isolation.child import Child, StoppedError
from layerfix.isolation.limits import Limits

RENEWED = 50
"""Tasks of a child that writes before another takes its place: what Keras and TensorFlow keep of every model adds up."""


class Crew:
    """Children by the thread that asks them."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}
        self._asked: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._stopped = False

    def child(self, limits: Limits) -> Child:
        """The calling thread's child.

        Raises:
            StoppedError: after `stop`.
        """
        me = threading.get_ident()
        with self._lock:
            if self._stopped:
                raise StoppedError
            child = self._children.get(me)
            self._asked[me] += 1
            worn = limits.may_write and self._asked[me] > RENEWED
            if child is not None and child.limits == limits and not worn:
                return child
            self._children[me], self._asked[me] = (fresh := Child(limits)), 1
        if child is not None:
            child.close()
        return fresh

    def hang_up(self) -> None:
        """Ends the calling thread's child, if it has one."""
        with self._lock:
            child = self._children.pop(threading.get_ident(), None)
        if child is not None:
            child.close()

    def stop(self) -> None:
        """Ends all children for good. Who waits for an answer gets `StoppedError`, who asks for a child too."""
        with self._lock:
            self._stopped = True
            children = list(self._children.values())
        for child in children:
            child.stop()

    def close(self) -> None:
        """Lets go of all children, once no thread asks them any more."""
        with self._lock:
            children, self._children = list(self._children.values()), {}
        for child in children:
            child.close()
