"""Times functions in turn."""

import random
import time

import numpy as np

ROUNDS = 15


def measure(calls, limit=0.0, rounds=ROUNDS):
    """Seconds of each contestant in each round, and of its first call.

    There are rounds for `limit` seconds, and at least `rounds`. Each has an order of its own:
    what one contestant leaves behind would otherwise always meet the same next one.
    """
    first, seconds, order = {}, {name: [] for name in calls}, random.Random(0)
    for name, call in calls.items():
        begin = time.perf_counter()
        call()
        first[name] = time.perf_counter() - begin
        call()
    end = time.perf_counter() + limit
    while time.perf_counter() < end or len(seconds["ours"]) < rounds:
        for name in order.sample(list(calls), len(calls)):
            begin = time.perf_counter()
            calls[name]()
            seconds[name].append(time.perf_counter() - begin)
    return first, {name: np.array(values) for name, values in seconds.items()}
