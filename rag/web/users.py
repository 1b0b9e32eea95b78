"""Who may come in: names and scrypt hashes of passwords, from a file or from the environment."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from pathlib import Path

from rag.errors import SettingsError
from rag.settings import Settings

MIN_PASSWORD_CHARS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_COST, _BLOCK, _PARALLEL = 2**15, 8, 3  # the OWASP Password Storage Cheat Sheet's setting for 32 MiB
_MAX_COST = 2**20
_SALT_BYTES = 16


class Users:
    """The users and the hashes of their passwords. Without any, everybody may come in.

    A password that was right is remembered by a keyed digest, for the life of the process: scrypt takes a tenth
    of a second and more, and a browser sends the password with every request.
    """

    def __init__(self, hashes: Mapping[str, str] | None = None) -> None:
        self._hashes = dict(hashes or {})
        self._key = os.urandom(32)
        self._known: dict[str, bytes] = {}
        self._any = next(iter(self._hashes.values()), "")

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def knows(self, name: str, password: str) -> bool:
        """Whether `check` will say yes at once."""
        known = self._known.get(name)
        return known is not None and hmac.compare_digest(known, self._digest(name, password))

    def check(self, name: str, password: str) -> bool:
        """Whether this is the user's password. It takes as long for a name that there is not."""
        if self.knows(name, password):
            return True
        right = matches(password, self._hashes.get(name, self._any)) and name in self._hashes
        if right:
            self._known[name] = self._digest(name, password)
        return right

    def _digest(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{name}\0{password}".encode(errors="surrogatepass"), "sha256")

    @classmethod
    def from_settings(cls, settings: Settings) -> Users:
        """The users of the file and the one of the environment.

        Raises:
            SettingsError: the file cannot be read, a line has no meaning, or a name or password is missing or weak.
        """
        hashes = read_users(settings.users_file) if settings.users_file else {}
        password = settings.password.get_secret_value() if settings.password else ""
        if bool(settings.user) != bool(password):
            raise SettingsError("DATELINE_USER and DATELINE_PASSWORD go together: set both or neither.")
        if settings.user:
            check_user(settings.user, password)
            hashes[settings.user] = hash_password(password)
        if len({name.casefold() for name in hashes}) < len(hashes):
            raise SettingsError("Two users have names that differ in capitals alone: they would share a folder.")
        return cls(hashes)


def check_user(name: str, password: str) -> None:
    """Whether a user may have this name and password.

    Raises:
        SettingsError: no; the message says why.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a user's name: letters, digits and . _ @ - only, 64 at most, a letter or digit first."
        )
    if len(password) < MIN_PASSWORD_CHARS:
        raise SettingsError(f"The password of {name} is too short: {MIN_PASSWORD_CHARS} characters at least.")


def hash_password(password: str, *, cost: int = _COST) -> str:
    """`scrypt$cost$block$parallel$salt$hash`, the last two in base64; `cost` is a power of two."""
    salt = os.urandom(_SALT_BYTES)
    derived = _scrypt(password, salt, cost, _BLOCK, _PARALLEL)
    coded = (base64.b64encode(part).decode() for part in (salt, derived))
    return "$".join(("scrypt", str(cost), str(_BLOCK), str(_PARALLEL), *coded))


def matches(password: str, hashed: str) -> bool:
    """Whether the hash is this password's.

    Raises:
        ValueError: it is no hash that `hash_password` makes.
    """
    salt, derived, numbers = _parts(hashed)
    return hmac.compare_digest(derived, _scrypt(password, salt, *numbers))


def read_users(path: Path) -> dict[str, str]:
    """Name → hash, from lines `name:hash`; blank lines and those that begin with # are left out.

    Raises:
        SettingsError: the file cannot be read, or a line has no meaning; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The users file {path} cannot be read: {error}. `dateline user NAME` makes it.") from error
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.strip().partition(":")
        try:
            _parts(hashed)
        except ValueError:
            raise SettingsError(
                f"{path}, line {number} is not NAME:HASH. `dateline user NAME` writes such a line."
            ) from None
        hashes[name] = hashed
    return hashes


def write_user(path: Path, name: str, password: str) -> None:
    """Add a user to the file, or give one a new password. Only the file's owner can read it.

    Raises:
        SettingsError: the name or password cannot be used, or the file cannot be read or written.
    """
    check_user(name, password)
    hashes = (read_users(path) if path.exists() else {}) | {name: hash_password(password)}
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.touch(mode=0o600)
        new.write_text("".join(f"{user}:{hashed}\n" for user, hashed in hashes.items()), encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise SettingsError(f"The users file {path} cannot be written: {error.strerror}.") from error


def _parts(hashed: str) -> tuple[bytes, bytes, tuple[int, int, int]]:
    kind, *rest = hashed.split("$")
    if kind != "scrypt" or len(rest) != 5:
        raise ValueError("not a scrypt hash")
    try:
        salt, derived = (base64.b64decode(part, validate=True) for part in rest[3:])
    except binascii.Error as error:
        raise ValueError("not base64") from error
    cost, block, parallel = map(int, rest[:3])
    if not (1 < cost <= _MAX_COST and cost & (cost - 1) == 0 and 1 <= block <= 32 and 1 <= parallel <= 16 and derived):
        raise ValueError("a cost without meaning")
    return salt, derived, (cost, block, parallel)


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    data, memory = password.encode(errors="surrogatepass"), 128 * block * (cost + parallel + 2)
    return hashlib.scrypt(data, salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)
