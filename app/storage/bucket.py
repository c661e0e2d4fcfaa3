"""A bucket of S3, or of a store that speaks as S3 does."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from app.settings import Settings
from app.storage.kept import Kept, Storage, StorageAway

FETCHED = "fetched"  # the folder of the desk for what is read here
# Seconds after which a store counts as away; who can wait asks again.
PATIENCE: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}
NETWORK = ("aiobotocore", "aiohttp", "asyncio", "botocore", "fsspec")  # whose errors say that the store is away
FULL = (errno.ENOSPC, errno.EDQUOT)  # of the disk here


class Bucket(Storage):
    """Keys are those of the bucket, below a prefix; what is fetched lies on the desk for a while."""

    def __init__(self, root: str, desk: Path, settings: Settings):
        import s3fs  # optional, and slow to import

        self.root, self.desk = root, desk
        self._fs = s3fs.S3FileSystem(
            key=settings.storage_key or None,
            secret=settings.storage_secret or None,
            endpoint_url=settings.storage_endpoint or None,
            config_kwargs=PATIENCE,
            use_listings_cache=False,  # others change what is there
            skip_instance_cache=True,
        )

    def put(self, file: Path, key: str) -> None:
        """A store shows what it has whole, or as it was before."""
        file.stat()  # raises where there is none, which is no fault of the store's
        with _asking():
            self._fs.put_file(str(file), self._at(key))

    @contextmanager
    def fetch(self, key: str) -> Iterator[Path]:
        """A copy of our own, gone at the end."""
        folder = self.desk / FETCHED
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as own:
            file = Path(own) / PurePosixPath(key).name
            with _asking():
                self._fs.get_file(self._at(key), str(file))
            yield file

    def open(self, key: str) -> BinaryIO:
        """By ranges, as they are asked for."""
        with _asking():
            return self._fs.open(self._at(key), "rb")

    def status(self, key: str) -> Kept | None:
        """What the store says."""
        try:
            with _asking():
                told = self._fs.info(self._at(key))
        except FileNotFoundError:
            return None
        return self._kept(told) if told["type"] == "file" else None

    def below(self, prefix: str) -> Iterator[Kept]:
        """A thousand of them are one question."""
        with _asking():
            found = self._fs.find(self._at(prefix), detail=True)
        yield from (self._kept(told) for told in found.values())

    def remove(self, key: str) -> None:
        """One question, whether it is there or not."""
        with _asking(), suppress(FileNotFoundError):
            self._fs.rm_file(self._at(key))

    def remove_below(self, prefix: str) -> None:
        """All in one go."""
        with _asking(), suppress(FileNotFoundError):
            self._fs.rm(self._at(prefix), recursive=True)

    def reach(self) -> None:
        """Ask for what is not there."""
        self.status("probes/none")

    def tidy(self) -> None:
        """Nothing: a store shows no halves."""

    def _at(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _kept(self, told: dict[str, Any]) -> Kept:
        changed_at: datetime = told["LastModified"].astimezone(UTC).replace(tzinfo=None)
        return Kept(told["name"].removeprefix(f"{self.root}/"), told["size"], changed_at)


@contextmanager
def _asking() -> Iterator[None]:
    """Whatever the store, or what is between, does not do: that is a StorageAway."""
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        kind = type(error)
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        if isinstance(error, OSError) or kind.__module__.partition(".")[0] in NETWORK:
            raise StorageAway(f"the store of files does not do what it was asked ({kind.__name__}: {error})") from error
        raise
