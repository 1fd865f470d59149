"""A small disk for a PostgreSQL's data: a tmpfs that can be filled, and emptied again."""

import os
import pwd
import shlex
import subprocess
from pathlib import Path

from reliability.processes import end

MEGABYTES = 160
CHUNK = b"\0" * 64 * 1024


class NoSmallDisk(Exception):
    """Neither root nor a user who may make a name space of their own."""


class SmallDisk:
    """Mounted on the folder: by root for all to see, by anybody else in a name space.

    There the server's commands begin with `prefix`, and its files are seen by way of the process
    that holds the name space.
    """

    def __init__(self, folder: Path, user: str | None) -> None:
        folder.mkdir()
        self._folder = folder
        self._holder: subprocess.Popen | None = None
        self.prefix: list[str] = []
        self._path = folder
        if os.geteuid() == 0:
            self._mount(user)
        else:
            self._mount_in_a_name_space()

    def fill(self) -> None:
        """Leave not a single block."""
        with (self._path / "filled").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(CHUNK)
            except OSError:
                return

    def empty(self) -> None:
        (self._path / "filled").unlink()

    def close(self) -> None:
        if self._holder is None:
            subprocess.run(["umount", "--lazy", self._folder], check=True)
        else:
            end(self._holder)

    def _mount(self, user: str | None) -> None:
        options = f"size={MEGABYTES}m,mode=0700"
        mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", self._folder]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
            raise NoSmallDisk
        account = pwd.getpwnam(user)
        os.chown(self._folder, account.pw_uid, account.pw_gid)

    def _mount_in_a_name_space(self) -> None:
        folder = shlex.quote(str(self._folder))
        # Root in the outer one, to mount; somebody else in the inner one, for PostgreSQL.
        script = (
            f"mount -t tmpfs -o size={MEGABYTES}m,mode=0700 tmpfs {folder}"
            " && exec unshare -Um --map-user=1000 --map-group=1000"
            " sh -c 'echo ready; exec sleep infinity'"
        )
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", script], stdout=subprocess.PIPE, text=True
        )
        if self._holder.stdout.readline() != "ready\n":
            end(self._holder)
            raise NoSmallDisk
        pid = self._holder.pid
        self._path = Path(f"/proc/{pid}/root{self._folder}")
        self.prefix = ["nsenter", "-t", str(pid), "-U", "-m", "--preserve-credentials", "--"]
