"""The same bits from several threads at once, and in a process forked after the kernel was at work."""

from __future__ import annotations

import subprocess
import sys

SCORES = """
import json, os, sys, threading
import numpy as np
import sodeval
from sodeval import kernels

rng = np.random.default_rng(3)
gts = [rng.random((40, 50)) < 0.3 for _ in range(12)]
preds = [rng.integers(0, 256, (40, 50), dtype=np.uint8) for _ in gts]

def scores():
    evaluator = sodeval.Evaluator(families=["IoU"])
    for number, (pred, gt) in enumerate(zip(preds, gts)):
        evaluator.update(pred, gt, key=f"{number:03}")
    again = sodeval.evaluate(dict(enumerate_keys(gts)), {"model": dict(enumerate_keys(preds))}, workers=1)
    both = (evaluator.compute(), again.results[0].scores)
    return [{name: float(value).hex() for name, value in each.items()} for each in both]

def enumerate_keys(arrays):
    return ((f"{number:03}", array) for number, array in enumerate(arrays))

expected = scores()
found = []
"""
THREADS = """
threads = [threading.Thread(target=lambda: found.append(scores())) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
FORKS = """
for _ in range(3):
    read, write = os.pipe()
    if not os.fork():
        os.write(write, json.dumps(scores()).encode())
        os._exit(0)
    os.close(write)
    found.append(json.loads(os.fdopen(read, "rb").read()))
    assert os.wait()[1] == 0
"""
SAME = "assert found and all(each == expected for each in found), (expected, found)\nprint(len(found))"


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_threads_give_the_bits_of_one() -> None:
    assert run(SCORES + THREADS + SAME) == "6"


def test_a_fork_gives_the_bits_of_the_process_before_it() -> None:
    assert run(SCORES + FORKS + SAME) == "3"


def test_another_score_would_be_seen() -> None:
    code = SCORES + "preds[0] = preds[1]\nfound.append(scores())\n" + SAME
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90)
    assert "AssertionError" in done.stderr
