"""Fuzz one target, guided by coverage: needs `atheris` (a development tool, not one of ours).

    python -m fuzz cells --seconds 600 [--found DIR] [--again FILE...]

Run it in `benchmarks/`. What is found is written to the folder, one file each with the error on top of it; `--again` runs such files once more.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from fuzz.mutating import mutated, seeds


class Hunt:
    """Gives inputs to a target and keeps those that break it, one for each place where it breaks."""

    def __init__(self, target: Callable[[object], None], place: Path, textual: bool) -> None:
        self.target, self.place, self.textual = target, place, textual
        self.runs, self.kept = 0, set[str]()

    def try_one(self, data: bytes) -> None:
        self.runs += 1
        try:
            self.target(data.decode("utf-8", "surrogatepass") if self.textual else data)
        except UnicodeDecodeError:
            return
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}"
            if where not in self.kept:
                self.kept.add(where)
                name = hashlib.sha256(data).hexdigest()[:12]
                (self.place / f"{name}.input").write_bytes(data)
                (self.place / f"{name}.error").write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
                print(f"found {name}: {where}: {str(error)[:200]}", flush=True)


def hunt(target: str, seconds: float, place: Path) -> None:
    """Fuzz until the time is up."""
    import atheris

    with atheris.instrument_imports(include=["nb2prod"]):
        from fuzz.targets import TARGETS
    pool = seeds()
    textual = target != "reader"
    start = place / "seeds"
    start.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(pool):
        from fuzz.targets import notebook_of

        (start / str(number)).write_bytes(text.encode() if textual else notebook_of(text))
    one = Hunt(TARGETS[target], place, textual)  # type: ignore[arg-type]

    def changed(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if not textual and chance.random() < 0.7:
            return atheris.Mutate(data, most)
        text = data.decode("utf-8", "ignore")
        return mutated(text, pool, chance).encode("utf-8", "surrogatepass")[:most]

    options = [
        sys.argv[0],
        str(start),
        f"-max_total_time={int(seconds)}",
        "-max_len=20000",
        "-timeout=300",
        "-rss_limit_mb=4000",
        f"-artifact_prefix={place}/",
        "-print_final_stats=0",
    ]
    print(f"fuzzing {target} for {seconds:.0f} s from {len(pool)} seeds", flush=True)
    began = time.monotonic()
    atheris.Setup(options, one.try_one, custom_mutator=changed)
    import atexit

    atexit.register(lambda: print(f"{one.runs} runs in {time.monotonic() - began:.0f} s, {len(one.kept)} findings", flush=True))
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", choices=("reader", "cells", "package"))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--found", type=Path, default=Path("found"))
    parser.add_argument("--again", type=Path, nargs="*")
    asked = parser.parse_args()
    if not asked.again:
        return hunt(asked.target, asked.seconds, asked.found / asked.target)
    from fuzz.targets import TARGETS

    for file in asked.again:
        data = file.read_bytes()
        TARGETS[asked.target](data.decode("utf-8", "surrogatepass") if asked.target != "reader" else data)  # type: ignore[operator]
        print(f"{file}: fine")


if __name__ == "__main__":
    main()
