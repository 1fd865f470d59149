"""`python -m reliability COMMAND`: each prints its figures, and exits 1 when something is wrong."""

import argparse
import importlib
import signal
import sys
import time

# Each is a module of this package with `add_arguments(parser)` and `main(options) -> int`, the
# first line of whose text is its help.
COMMANDS = ["histories", "faults", "pgbouncer", "crashes", "sensitivity", "schemathesis", "walks"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m reliability")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"reliability.{name}")
        command = commands.add_parser(name, help=module.__doc__.splitlines()[0])
        module.add_arguments(command)
        command.set_defaults(main=module.main)
    everything = commands.add_parser("all", help="All of these, one after the other.")
    everything.set_defaults(main=lambda _: _run_all(parser))
    options = parser.parse_args()
    # A polite end from outside must reach every `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return options.main(options)


def _run_all(parser: argparse.ArgumentParser) -> int:
    """Run every command as it is by itself, to the last, whatever fails."""
    failed = []
    for name in COMMANDS:
        begun = time.monotonic()
        options = parser.parse_args([name])
        if options.main(options):
            failed.append(name)
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    print(f"FAILED: {', '.join(failed)}" if failed else "All is well.")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
