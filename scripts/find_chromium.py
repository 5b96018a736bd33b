"""Say which Chromium the browser tests will use, or how to get one."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome: $CHROMIUM if set, else the first on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    found = find_chromium()
    if found is None:
        sys.exit(
            "The browser tests need Chromium, and none was found.\n"
            "  Debian, Ubuntu:  sudo apt-get install chromium\n"
            "  Fedora:          sudo dnf install chromium\n"
            "  macOS:           brew install --cask chromium\n"
            "or name one:       make test CHROMIUM=/path/to/chrome\n"
            "Without browser tests: make test TESTS=\"-m 'not browser'\""
        )
    print(f"Browser tests use {found}")
