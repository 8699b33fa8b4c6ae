#!/usr/bin/env python3
"""Puts the ONNX Runtime library where cermat looks for it: the user's data folder.

    fetch_onnxruntime.py [--verify]

The library comes out of the wheel on PyPI, whose SHA-256 is pinned here. Where it stands already,
nothing is done and nothing is fetched; `--verify` also computes its SHA-256 again. Needs Python
3.8 or later, without any package; pip is used where it is there, because it knows of proxies and
mirrors.

CERMAT_DATA_DIR          the data folder (default: ~/.local/share/cermat, on macOS
                         ~/Library/Application Support/cermat; as in src/cli/paths.rs)
CERMAT_ONNXRUNTIME_WHEEL a wheel got by other means, for a machine without a network

Prints the path of the library on stdout, what it does on stderr. Exit code 4 where there is no
library in the end, with what to do next.
"""

import argparse
import errno
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

VERSION = "1.31.1"
# (system, machine) -> wheel and its SHA-256, library in it with size and SHA-256. Any Python's
# wheel has the same library; nothing in it is run by a Python here.
PINS = {
    ("Linux", "x86_64"): (
        "manylinux_2_28_x86_64",
        "74a6a52994616c4d18b33db1e13c226333a70a6ba07480a5cab9c2a50dff1430",
        "libonnxruntime.so.1.31.1",
        29352200,
        "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    ),
    ("Linux", "aarch64"): (
        "manylinux_2_28_aarch64",
        "dcaedc50333876f3829ab966b242147f0e548229e29c36fe44622ecf748c25ee",
        "libonnxruntime.so.1.31.1",
        25265040,
        "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    ),
    ("Darwin", "arm64"): (
        "macosx_14_0_arm64",
        "e4ad067d36e2220218e085d7223283b2ee1bc73d887e811fd14d21cf901a11ee",
        "libonnxruntime.1.31.1.dylib",
        33037336,
        "07fde7652b628c2c744155cf49020f368ddf5e1e13fc17817d1350514446bef8",
    ),
}
INDEX = "https://pypi.org/simple"


class SetupError(Exception):
    """What is wrong and what to do next."""


def say(text):
    print(f"cermat setup: {text}", file=sys.stderr, flush=True)


def data_folder():
    """As `data_folder` in src/cli/paths.rs."""
    if os.environ.get("CERMAT_DATA_DIR"):
        return Path(os.environ["CERMAT_DATA_DIR"])
    if platform.system() == "Darwin":
        return Path.home() / "Library/Application Support/cermat"
    xdg = os.environ.get("XDG_DATA_HOME", "")
    return (Path(xdg) if os.path.isabs(xdg) else Path.home() / ".local/share") / "cermat"


def pins():
    system, machine = platform.system(), platform.machine()
    found = PINS.get((system, machine))
    if found is None:
        known = ", ".join(" ".join(key) for key in PINS)
        raise SetupError(
            f"no pinned library for {system} {machine} (there are: {known}); install ONNX Runtime "
            f"{VERSION} and set ORT_DYLIB_PATH to its library"
        )
    libc, version = platform.libc_ver()
    if system == "Linux":
        if libc != "glibc":
            raise SetupError(
                "the library needs glibc, this system has another C library; install ONNX Runtime "
                f"{VERSION} for it and set ORT_DYLIB_PATH to its library"
            )
        if tuple(int(part) for part in version.split(".")[:2]) < (2, 28):
            raise SetupError(
                f"the library needs glibc 2.28 or later, this system has {version}; use a newer "
                "system, or build ONNX Runtime and set ORT_DYLIB_PATH"
            )
    return found


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def fetch(tag, folder):
    """The wheel in `folder`, by pip or from the index."""
    name = f"onnxruntime-{VERSION}-cp313-cp313-{tag}.whl"
    by_pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    by_pip += ["--only-binary=:all:", "--implementation=cp", "--python-version=3.13", "--abi=cp313"]
    by_pip += [f"--platform={tag}", f"--dest={folder}", f"onnxruntime=={VERSION}"]
    pip = subprocess.run(by_pip, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    wheel = folder / name
    if pip.returncode == 0 and wheel.is_file():
        return wheel
    why = (pip.stderr.strip().splitlines() or ["pip got another file"])[-1]
    try:
        from_index(name, wheel)
    except (OSError, ValueError) as error:
        raise SetupError(
            f"cannot get {name}\n  by pip: {why}\n  from {index()}: {error}\n"
            "Connect to the network and run this again; or get the wheel elsewhere "
            f"(`pip download onnxruntime=={VERSION}`), and set CERMAT_ONNXRUNTIME_WHEEL to it"
        )
    return wheel


def index():
    return os.environ.get("PIP_INDEX_URL", INDEX).rstrip("/")


def from_index(name, wheel):
    """Without pip: the file's address from the index (PEP 503), then the file."""
    import html
    import re
    from urllib.parse import urljoin

    page = f"{index()}/onnxruntime/"
    with urllib.request.urlopen(page, timeout=60) as answer:
        text = answer.read().decode("utf8", "replace")
    links = re.findall(r'href="([^"]+)"', text)
    found = [link for link in map(html.unescape, links) if link.split("#")[0].endswith("/" + name)]
    if not found:
        raise ValueError(f"{page} does not list {name}")
    with urllib.request.urlopen(urljoin(page, found[0]), timeout=60) as answer:
        with open(wheel, "wb") as file:
            shutil.copyfileobj(answer, file)


def install(target, tag, wheel_hash, library, size, library_hash):
    """Extracts the library: whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the last step is a rename in one file system.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".setup-") as scratch:
        given = os.environ.get("CERMAT_ONNXRUNTIME_WHEEL")
        if given:
            wheel = Path(given)
            if not wheel.is_file():
                raise SetupError(f"CERMAT_ONNXRUNTIME_WHEEL: no file {wheel}")
        else:
            say(f"getting ONNX Runtime {VERSION} for {tag} (about 20 MB)")
            wheel = fetch(tag, Path(scratch))
        got = sha256(wheel)
        if got != wheel_hash:
            raise SetupError(
                f"{wheel.name} has SHA-256 {got}, pinned is {wheel_hash}; nothing was installed. "
                + ("It must be the wheel " if given else "Try again; if it stays, the index or a proxy changed the file: it must be the wheel ")
                + f"onnxruntime-{VERSION}-cp313-cp313-{tag}.whl of PyPI"
            )
        part = Path(scratch) / library
        with zipfile.ZipFile(wheel) as archive:
            with archive.open(f"onnxruntime/capi/{library}") as source, open(part, "wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
        got = sha256(part)
        if got != library_hash:
            raise SetupError(f"{library} has SHA-256 {got}, pinned is {library_hash}; the disk may be failing")
        os.chmod(part, 0o644)
        os.replace(part, target)
    say(f"installed {target}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--verify", action="store_true", help="compute the SHA-256 again")
    args = parser.parse_args()
    tag, wheel_hash, library, size, library_hash = pins()
    target = data_folder() / "onnxruntime" / VERSION / library
    try:
        good = target.is_file() and target.stat().st_size == size
        if good and args.verify:
            good = sha256(target) == library_hash
        if target.exists() and not good:
            say(f"{target} is not the pinned library; it is replaced")
        if not good:
            install(target, tag, wheel_hash, library, size, library_hash)
    except OSError as error:
        hint = {
            errno.ENOSPC: "free 60 MB there, or set CERMAT_DATA_DIR to a folder on another disk",
            errno.EACCES: "set CERMAT_DATA_DIR to a folder you may write to",
            errno.EROFS: "set CERMAT_DATA_DIR to a folder you may write to",
        }.get(error.errno, "set CERMAT_DATA_DIR to another folder, or try again")
        raise SetupError(f"cannot write to {target.parent}: {error.strerror or error}; {hint}")
    except zipfile.BadZipFile as error:
        raise SetupError(f"the wheel is damaged ({error}); try again")
    print(target)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        say(f"failed: {error}")
        sys.exit(4)
