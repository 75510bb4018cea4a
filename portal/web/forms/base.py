"""A form that also carries what the business answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_babel import gettext
from wtforms import Form

from portal.core.db import transaction
from portal.core.errors import DomainError, NotFound
from portal.web.forms.library import LibraryWords

Result = TypeVar("Result")


class PortalForm(Form):
    """Plain WTForms. CSRF is not its business: one guard checks every unsafe request."""

    refusal: DomainError | None = None

    class Meta:
        def get_translations(self, _form: Form) -> LibraryWords:
            """Not the library's own catalogues: its sentences are replaced by ours."""
            return LibraryWords()

    def submit(self, action: Callable[[], Result]) -> Result | None:
        """Validate, then run ``action`` in one transaction; None when either refuses.

        A refusal with a field lands beside that field, any other in ``form_errors``, and what was
        typed stays. ``accepted`` tells a refusal from an action that answers None.
        """

        def in_transaction() -> Result:
            with transaction():
                return action()

        return self.check(in_transaction)

    def check(self, action: Callable[[], Result]) -> Result | None:
        """The same without a transaction: for slow checks that must not hold the database."""
        if not self.validate():
            return None
        try:
            return action()
        except NotFound:
            raise
        except DomainError as refusal:
            self.refuse(refusal)
            return None

    def refuse(self, refusal: DomainError) -> None:
        """Show a refusal of the business where it belongs."""
        self.refusal = refusal
        sentence = gettext(refusal.message)  # found by the extractor at the place it is raised
        if refusal.field and refusal.field in self._fields:
            field: Any = self._fields[refusal.field]
            field.errors = [*field.errors, sentence]
        else:
            self.form_errors = [*self.form_errors, sentence]

    @property
    def accepted(self) -> bool:
        """Did nothing refuse?"""
        return not self.errors and self.refusal is None
