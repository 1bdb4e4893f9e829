"""One gradebook for all of nbgrader's steps, open once for a class.

nbgrader opens the gradebook some sixteen times for a submission and commits after every score. That
is a third of its work, and it leaves no other door than the class it opens it by.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from torchgrade.nbgrader.once import prepare_once

BY_DEFAULT = "default_course"  # as nbgrader names a course without a name


class _Held(Session):
    """Keeps what is committed in one transaction until `settle` or `rollback`."""

    def commit(self) -> None:
        self.flush()
        self.expire_all()

    def settle(self) -> None:
        super().commit()


class SharedBook:
    """One session of the gradebook for all of nbgrader's steps, while `open` lasts.

    What they do within `transaction` is entered when that ends: all of it, or nothing.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, scoped_session[_Held]] = {}
        self._books: dict[tuple[str, str], dict[str, Any]] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let every `Gradebook` that is made meanwhile be this one."""
        prepare_once()
        make = Gradebook.__init__

        def init(
            book: Gradebook, db_url: str, course_id: str = BY_DEFAULT, authenticator: Any = None
        ) -> None:
            if (db_url, course_id) not in self._books:
                make(book, db_url, course_id, authenticator)
                self._books[db_url, course_id] = dict(vars(book))
            vars(book).update(self._books[db_url, course_id])

        def one_session(maker: "sessionmaker[Session]") -> "scoped_session[_Held]":
            bind = maker.kw["bind"]
            held = sessionmaker(class_=_Held, bind=bind)
            return self._sessions.setdefault(str(bind.url), scoped_session(held))

        with ExitStack() as stack:
            stack.enter_context(patch.object(api, "scoped_session", one_session))
            stack.enter_context(patch.object(Gradebook, "__init__", init))
            stack.enter_context(patch.object(Gradebook, "close", lambda book: None))
            stack.callback(self._close)
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Enter what is done meanwhile when it ends well; none of it if it raises."""
        try:
            yield
            for session in self._sessions.values():
                session().settle()
        except BaseException:
            for session in self._sessions.values():
                session.rollback()
            raise

    def _close(self) -> None:
        for session in self._sessions.values():
            session.remove()
        for book in self._books.values():
            book["engine"].dispose()
