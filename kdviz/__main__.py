"""The command line: `python -m kdviz app`, `export` and `doctor`."""

import argparse
import sys

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
    app.set_defaults(command=_app)

    export = commands.add_parser("export", help="write the explorers as one HTML file")
    export.add_argument("file", metavar="FILE.html", nargs="?", help="the page to write")
    export.add_argument("--site", metavar="FOLDER", help="write a page a lesson, and an index")
    export.add_argument(
        "--lessons", metavar="FOLDER", default="notebooks", help="of --site (%(default)s)"
    )
    export.add_argument("--data", choices=["digits"], help="embedded data (the default)")
    export.add_argument("--logits", metavar="FILE", help=".npy, .csv or .safetensors of your own")
    export.add_argument("--labels", metavar="FILE", help="their labels")
    export.add_argument("--classes", metavar="FILE", help="names of the classes, one a line")
    export.add_argument("--images", metavar="FILE", help="their images, gray")
    kinds = ["logits", "probabilities"]
    export.add_argument("--kind", choices=kinds, help="what the numbers in the file are")
    export.add_argument("--rows", type=int, help="keep this many examples, drawn at random")
    export.add_argument("--seed", type=int, default=0, help="of that draw (%(default)s)")
    export.add_argument("--title", help="the heading")
    export.add_argument("--largest", type=float, default=1.0, help="MB it may have (%(default)s)")
    export.set_defaults(command=_export)

    doctor = commands.add_parser("doctor", help="say what is installed, found and missing")
    doctor.set_defaults(command=_doctor)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, got {text!r}")
    return int(text)


def _app(options: argparse.Namespace) -> int:
    from kdviz.data import load_dataset
    from kdviz.serve import serve

    load_dataset(options.data)  # what can't be had is said here, not on the page
    serve(options.port, open_browser=not options.no_browser, data=options.data)
    return 0


def _export(options: argparse.Namespace) -> int:
    if (options.site is None) == (options.file is None):
        raise ValueError("export needs either FILE.html or --site FOLDER")
    if options.site is not None:
        from kdviz.site import write_site

        paths = write_site(options.site, options.lessons)
        print(f"{options.site}: {len(paths)} pages; begin with index.html")
        return 0

    from kdviz.explorers import explore
    from kdviz.export import write_page

    given = {name: getattr(options, name) for name in ("labels", "classes", "images", "kind")}
    given = {name: value for name, value in given.items() if value is not None}
    if options.logits is None and given:
        raise ValueError(f"--{next(iter(given))} belongs to --logits, which is not given")
    if options.logits is not None and options.data is not None:
        raise ValueError("--data and --logits exclude each other")
    title = {} if options.title is None else {"title": options.title}
    lab = explore(options.logits, rows=options.rows, seed=options.seed, **given, **title)
    size = write_page(lab, options.file, largest=int(options.largest * 1e6))
    print(f"{options.file}: {size / 1e6:.2f} MB. {lab.note}".rstrip())
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from kdviz.doctor import examine

    return examine()


if __name__ == "__main__":
    sys.exit(main())
