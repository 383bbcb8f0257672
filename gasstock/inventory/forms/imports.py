from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.core.sheets import NotASheet, read_rows
from gasstock.inventory.services.import_plan import Row, read_typed

KINDS = ".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportForm(forms.Form):
    """A table of opening stock and prices, cleaned to what its rows say."""

    file = forms.FileField(
        label=gettext_lazy("Your table"),
        help_text=gettext_lazy("CSV or Excel, up to 5 MB. Nothing changes before you say so."),
        widget=forms.FileInput({"accept": KINDS}),
        allow_empty_file=True,
    )

    def clean_file(self) -> tuple[str, list[Row]]:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            rows = list(read_typed(read_rows(file)))
        except NotASheet as error:
            raise ValidationError(str(error), code="unreadable") from error
        if not rows:
            raise ValidationError(_("The table has titles, but no rows."), code="empty")
        return file.name or "", rows

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, rows = data.pop("file", ("", []))
        return {"file_name": name, "typed": rows}
