"""The command line: `python -m kdviz app` and `python -m kdviz doctor`."""

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
            "Run `pip install kdviz`, or `make app` in a clone of its repository.",
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
    app.set_defaults(command=_app)

    doctor = commands.add_parser("doctor", help="say what is installed, found and missing")
    doctor.set_defaults(command=_doctor)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, got {text!r}")
    return int(text)


def _app(options: argparse.Namespace) -> int:
    from kdviz.serve import serve

    serve(options.port, open_browser=not options.no_browser)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from kdviz.doctor import examine

    return examine()


if __name__ == "__main__":
    sys.exit(main())
