"""Keep what the campaigns found in one file, which the page on trust reads."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cgcnn.files.writing import replacing

RECORD = Path(__file__).with_name("record.json")


def record_fault(fault: str, tries: int, wrong: int, promise: str, seconds: float) -> None:
    """Record how a campaign ended; an earlier record of the same fault is replaced.

    Args:
        fault: What was done to the program, in words for the page, such as ``one bit of a finished run flipped``.
        tries: How often.
        wrong: How often the program broke the promise.
        promise: What the program promises in this case, as one sentence.
        seconds: How long the campaign took.
    """
    entry = {"fault": fault, "tries": tries, "wrong": wrong, "promise": promise, "seconds": round(seconds, 1)}
    with _changing() as record:
        others = [each for each in record.get("faults", []) if each["fault"] != fault]
        record["faults"] = sorted([*others, {**entry, "measured": _today()}], key=lambda each: str(each["fault"]))


def record_part(name: str, content: Any) -> None:
    """Record what is no fault, such as the mutations or the coverage, with the date.

    Args:
        name: The name of the part, such as ``mutations``.
        content: What JSON can hold.
    """
    with _changing() as record:
        record[name] = content
        record[f"{name}_measured"] = _today()


def _today() -> str:
    return time.strftime("%Y-%m-%d")


@contextmanager
def _changing() -> Iterator[dict[str, Any]]:
    """Yield the record, and write it when the body ends; campaigns that run at the same time wait for each other."""
    lock = RECORD.with_name(".record.lock")
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        yield record
        with replacing(RECORD) as temporary:
            temporary.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
