"""SIGKILL before every statement of every writing call, and around every COMMIT."""
