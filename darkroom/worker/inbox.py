"""What the server sent, handed to the thread that acts on it; a cancelled job knows it at once."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from darkroom.engine.running.cancel import CancelToken
from darkroom.frames.messages import Ask, CancelJob, FreeMemory, RunJob, Stop, ToWorker

Work = tuple[RunJob, CancelToken] | FreeMemory | Stop


class Inbox:
    """Jobs and what is to be done between them (`work`), and questions that do not wait for jobs (`questions`)."""

    def __init__(self) -> None:
        self.work: SimpleQueue[Work] = SimpleQueue()
        self.questions: SimpleQueue[Ask] = SimpleQueue()
        self.stopping = False
        self._tokens: dict[str, CancelToken] = {}
        self._lock = threading.Lock()

    def take(self, message: ToWorker) -> None:
        """Sort one message in."""
        if isinstance(message, RunJob):
            token = CancelToken()
            with self._lock:
                self._tokens[message.job] = token
            self.work.put((message, token))
        elif isinstance(message, CancelJob):
            with self._lock:
                found = self._tokens.get(message.job)
            if found is not None:
                found.cancel()
        elif isinstance(message, Ask):
            self.questions.put(message)
        else:
            self.stopping = self.stopping or isinstance(message, Stop)
            self.work.put(message)

    def ended(self, job: str, token: CancelToken) -> None:
        """A job ran to its end and cannot be cancelled any more."""
        with self._lock:
            if self._tokens.get(job) is token:
                del self._tokens[job]

    @property
    def jobs(self) -> int:
        """How many jobs wait or run here."""
        return len(self._tokens)
