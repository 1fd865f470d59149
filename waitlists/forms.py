"""What staff say to move somebody in a line."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget


class MoveForm(forms.Form):
    position = forms.IntegerField(
        label=_("New position"),
        min_value=1,
        max_value=2_000_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("From 1, the next to be offered seats that fit; beyond the end is the end."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It is kept for good in the record of changes, so name nobody."),
    )
