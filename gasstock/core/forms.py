from collections.abc import Callable
from typing import Any

from django.forms import BaseForm

from gasstock.core.errors import DomainError


def saved(form: BaseForm, service: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `service` with what a good form says, and return its answer; None if it was refused.

    What the service refuses is said above the form, so that nothing typed is lost.
    """
    if not form.is_valid():
        return None
    try:
        return service(*args, **kwargs, **form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return None
