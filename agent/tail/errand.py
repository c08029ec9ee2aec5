"""Work that may hang, done by a thread of its own, so that nobody else has to wait for it.

A file system on a network answers no call while its server is gone: `stat` and `read` then do not return, and
nothing can call them back. Whoever asks looks for the answer when it suits, and leaves the thread to hang.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Errand(Generic[Question, Answer]):
    """Does one thing at a time; asked and listened to by one thread only.

    `news` is set with each answer; several errands may share it.
    """

    def __init__(self, do: Callable[[Question], Answer], news: threading.Event | None = None) -> None:
        self._do, self._news = do, news or threading.Event()
        self._thread: threading.Thread | None = None
        self._questions: SimpleQueue[tuple[Question, Future[Answer]] | None] = SimpleQueue()
        self._answer: Future[Answer] | None = None

    @property
    def out(self) -> bool:
        """Whether something was asked whose answer was not taken yet."""
        return self._answer is not None

    @property
    def answered(self) -> bool:
        """Whether an answer is there to be taken."""
        return self._answer is not None and self._answer.done()

    def ask(self, question: Question) -> None:
        """Set out with a question; ValueError while the answer to the one before was not taken."""
        if self._answer is not None:
            raise ValueError("the last answer was not taken")
        if self._thread is None:
            # a daemon, because the process may end while the thread hangs
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._answer = Future()
        self._questions.put((question, self._answer))

    def wait(self, seconds: float) -> bool:
        """Wait for the answer for so long; return whether it is there."""
        return wait_all((self,), seconds)

    def take(self) -> Answer:
        """Return the answer, waiting for it, or raise what the work raised."""
        if self._answer is None:
            raise ValueError("nothing was asked")
        answer, self._answer = self._answer, None
        return answer.result()

    def end(self) -> None:
        """Let the thread go as soon as it comes back; nothing can be asked any more."""
        self._questions.put(None)

    @property
    def answer(self) -> Future[Answer] | None:
        """What the answer will be in; None while nothing is asked."""
        return self._answer

    def _run(self) -> None:
        while (asked := self._questions.get()) is not None:
            question, answer = asked
            try:
                answer.set_result(self._do(question))
            except BaseException as error:  # noqa: BLE001  (it is raised where the answer is taken)
                answer.set_exception(error)
            del question, answer, asked  # what was read is not kept until the next question
            self._news.set()


def wait_all(errands: Iterable[Errand[Any, Any]], seconds: float) -> bool:
    """Wait for the answers of several errands, for so long in all; return whether all are there."""
    answers = [errand.answer for errand in errands if errand.answer is not None]
    return not wait(answers, seconds).not_done
