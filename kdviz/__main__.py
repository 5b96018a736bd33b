"""The command line: `python -m kdviz app`, `lessons`, `export` and `doctor`."""

import argparse
import os
import re
import shlex
import sys
from pathlib import Path

import kdviz


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except ModuleNotFoundError as error:
        print(
            f"kdviz needs the package {error.name!r}, which is not installed. "
            "Run `make app`, or `pip install .`, in a clone of its repository.",
            file=sys.stderr,
        )
    except (OSError, ValueError) as error:
        print(f"kdviz: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("kdviz", description=kdviz.__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=kdviz.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the lab in the browser")
    app.add_argument("--port", type=_port, default=8866, help="where to serve it (%(default)s)")
    app.add_argument("--no-browser", action="store_true", help="serve only; open no browser")
    app.add_argument(
        "--data", choices=["digits", "mnist"], default="digits",
        help="what to train on; mnist is downloaded once (%(default)s)",
    )  # fmt: skip
    others = app.add_argument_group("to serve it to others (see docs/hosting.md)")
    others.add_argument(
        "--host-name", action="append", default=[], metavar="NAME",
        help="a name under which a proxy serves it; again for another",
    )  # fmt: skip
    others.add_argument(
        "--embed-in", type=_origin, action="append", default=[], metavar="SITE",
        help="a site that may show it in a frame, as https://lms.example.org; again for another",
    )  # fmt: skip
    others.add_argument("--base-url", default="/", metavar="PATH", help="the proxy's path to it")
    others.add_argument(
        "--sessions", type=_count, default=16, help="pages open at a time (%(default)s)"
    )
    others.add_argument(
        "--threads", type=_count, help="that a page may train with (all cores but one)"
    )
    others.add_argument(
        "--memory", type=_count, default=2000 if sys.platform == "linux" else None, metavar="MB",
        help="that a page's Python may hold, on Linux (%(default)s)",
    )  # fmt: skip
    others.add_argument(
        "--run-seconds", type=_count, default=120, metavar="S",
        help="that one run may keep a core busy (%(default)s)",
    )  # fmt: skip
    others.add_argument(
        "--trainings", type=_count, metavar="N",
        help="in Python at a time, while others queue (as many as the cores bear; on Windows any)",
    )  # fmt: skip
    app.set_defaults(command=_app)

    lessons = commands.add_parser("lessons", help="copy the lessons' notebooks, to work in")
    lessons.add_argument("folder", metavar="DIR", help="where to; what is there already is kept")
    lessons.set_defaults(command=_lessons)

    export = commands.add_parser("export", help="write the lab as one file")
    export.add_argument(
        "file", metavar="FILE", nargs="?",
        help="FILE.html, a page; or FILE.mjs, which others embed (docs/embedding.md)",
    )  # fmt: skip
    export.add_argument("--site", metavar="FOLDER", help="write a page a lesson, and an index")
    export.add_argument(
        "--lessons", metavar="FOLDER", help="of --site (those that come with kdviz)"
    )
    export.add_argument(
        "--data", choices=["digits", "mnist"],
        help="what students train on; of mnist, --rows images (digits)",
    )  # fmt: skip
    export.add_argument("--logits", metavar="FILE", help=".npy, .csv or .safetensors of your own")
    export.add_argument("--labels", metavar="FILE", help="their labels")
    export.add_argument("--classes", metavar="FILE", help="names of the classes, one a line")
    export.add_argument("--images", metavar="FILE", help="their images, gray")
    kinds = ["logits", "probabilities"]
    export.add_argument("--kind", choices=kinds, help="what the numbers in the file are")
    export.add_argument("--rows", type=int, help="keep this many examples, drawn at random")
    export.add_argument("--seed", type=int, default=0, help="of that draw (%(default)s)")
    export.add_argument("--title", help="the heading")
    export.add_argument("--largest", type=float, help="MB it may have (1.8; of mnist 12)")
    export.set_defaults(command=_export)

    doctor = commands.add_parser("doctor", help="say what is installed, found and missing")
    doctor.set_defaults(command=_doctor)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, got {text!r}")
    return int(text)


def _origin(text: str) -> str:
    # One label of a name may be *, for all names that end as it does.
    if not re.fullmatch(r"https?://(\*\.)?[\w-]+(\.[\w-]+)*(:\d{1,5})?", text, re.ASCII):
        raise argparse.ArgumentTypeError(
            f"must be a site without a path, as https://lms.example.org, got {text!r}"
        )
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 1000000, got {text!r}")
    return int(text)


def _app(options: argparse.Namespace) -> int:
    from kdviz.app.build import has_gpu
    from kdviz.app.serve import serve
    from kdviz.data.catalog import load_dataset
    from kdviz.export.page import front_page, quick_page

    load_dataset(options.data)  # what can't be had is said here, not on the page
    serve(
        options.port,
        open_browser=not options.no_browser,
        data=options.data,
        host_names=options.host_name,
        base_url=options.base_url,
        embed_in=options.embed_in,
        sessions=options.sessions,
        threads=options.threads,
        memory_mb=options.memory or 0,
        run_seconds=options.run_seconds,
        trainings=options.trainings or _trainings(options.threads),
        offline=quick_page,
        # MNIST is too large for a page, and a GPU is what a page can't use.
        front=front_page if options.data == "digits" and not has_gpu() else None,
    )
    return 0


def _trainings(threads: int | None) -> int | None:
    """How many trainings the cores bear; unless given, one takes all threads but one."""
    cores = os.cpu_count() or 2
    return None if sys.platform == "win32" else max(1, cores // (threads or max(1, cores - 1)))


def _lessons(options: argparse.Namespace) -> int:
    from importlib.util import find_spec

    from kdviz.lessons import copy_lessons

    copied, kept = copy_lessons(options.folder)
    print(f"{options.folder}: {len(copied)} of {len(copied) + len(kept)} notebooks copied")
    if kept:
        print("Kept as they were:", *kept, sep="\n  ")
        print("To begin one anew, rename yours and run this again.")
    print("To open them:")
    if find_spec("jupyterlab") is None:
        print("  python -m pip install jupyterlab")
    print(f"  python -m jupyterlab {shlex.quote(str(Path(options.folder) / 'index.ipynb'))}")
    return 0


def _export(options: argparse.Namespace) -> int:
    if (options.site is None) == (options.file is None):
        raise ValueError("export needs either FILE.html, FILE.mjs or --site FOLDER")
    if options.site is not None:
        from kdviz.export.site import write_site
        from kdviz.lessons import lessons_folder

        paths = write_site(options.site, options.lessons or lessons_folder())
        print(f"{options.site}: {len(paths)} pages; begin with index.html")
        return 0

    from kdviz.app.explore import explore
    from kdviz.export.page import mnist_lab, whole_lab, write_page

    given = {name: getattr(options, name) for name in ("labels", "classes", "images", "kind")}
    given = {name: value for name, value in given.items() if value is not None}
    if options.logits is None and given:
        raise ValueError(f"--{next(iter(given))} belongs to --logits, which is not given")
    if options.logits is not None and options.data is not None:
        raise ValueError("--data and --logits exclude each other")
    title = {} if options.title is None else {"title": options.title}
    if options.data == "mnist":
        lab = mnist_lab(2000 if options.rows is None else options.rows, options.seed, **title)
    elif options.logits is None and options.rows is None:
        lab = whole_lab(**title)
    else:  # of some test examples, students can't be judged
        lab = explore(options.logits, rows=options.rows, seed=options.seed, **given, **title)
    largest = options.largest or (12 if options.data == "mnist" else 1.8)
    size = write_page(lab, options.file, largest=int(largest * 1e6))
    print(f"{options.file}: {size / 1e6:.2f} MB. {lab.note}".rstrip())
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from kdviz.doctor import examine

    return examine()


if __name__ == "__main__":
    sys.exit(main())
