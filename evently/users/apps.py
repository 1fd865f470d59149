from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "evently.users"
    verbose_name = _("People")


class StaffSiteConfig(admin.AdminConfig):
    """Django's own admin, whose login is throttled and may ask for a second factor."""

    default = False  # of the two in this file
    default_site = "evently.users.staff_site.StaffSite"
