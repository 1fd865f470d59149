"""Bugs that are made on purpose, each in a process of its own: does the suite notice?

As an app of Django's, chosen by `DJANGO_SETTINGS_MODULE=reliability.sabotage.settings` and named by
`EVENTLY_SABOTAGE`, it patches the product in memory when all else is loaded. No file is changed.
"""
