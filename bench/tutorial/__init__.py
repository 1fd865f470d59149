"""The same platform as a tutorial would build it, with FastAPI and SQLAlchemy: what to beat."""
