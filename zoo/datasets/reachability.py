"""Whether a URL answers, found out in seconds."""

import queue
import threading

import requests


def unreachable(url, seconds=5.0):
    """Says why a URL does not answer, within a fixed time.

    The request is the one that TFDS makes later (`requests`: its proxies, its
    certificates), but the body stays unread.

    Args:
        url: string, http or https.
        seconds: float, the time for everything: name, connection and first byte.

    Returns:
        The reason, a string, or `None` where the URL answers.

    Example:

    >>> unreachable("http://127.0.0.1:9/") is None
    False
    """
    # A thread of its own: the time-out of requests covers neither the look-up of the
    # name nor the addresses that are tried one after another.
    answers = queue.Queue()
    threading.Thread(target=lambda: answers.put(_ask(url, seconds)), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return f"no answer within {seconds:g} seconds"


def _ask(url, seconds):
    try:
        with requests.get(url, stream=True, timeout=seconds) as response:
            return None if response.ok else f"HTTP status {response.status_code}"
    except requests.RequestException as error:
        return type(error).__name__
