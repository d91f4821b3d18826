"""The notes' equations in float64 NumPy, in the notes' column form, one row and one step at a time."""

import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


def rnn_unit(w, x, states, g=np.tanh):
    (a,) = states
    a = g(w["Wa"] @ np.concatenate([a, x]) + w["ba"])
    return a, [a]


def gru(w, x, states):
    (c,) = states
    update = sigma(w["Wu"] @ np.concatenate([c, x]) + w["bu"])
    relevance = sigma(w["Wr"] @ np.concatenate([c, x]) + w["br"])
    candidate = np.tanh(w["Wc"] @ np.concatenate([relevance * c, x]) + w["bc"])
    c = update * candidate + (1 - update) * c
    return c, [c]


def lstm(w, x, states):
    a, c = states
    column = np.concatenate([a, x])
    candidate = np.tanh(w["Wc"] @ column + w["bc"])
    update = sigma(w["Wu"] @ column + w["bu"])
    forget = sigma(w["Wf"] @ column + w["bf"])
    output = sigma(w["Wo"] @ column + w["bo"])
    c = update * candidate + forget * c
    a = output * np.tanh(c)
    return a, [a, c]


STEPS = {"RNNCell": rnn_unit, "GRUCell": gru, "LSTMCell": lstm}


def double(symbols):
    return {name: np.asarray(value, "float64") for name, value in symbols.items()}


def run(step, symbols, x, states, mask=None, go_backwards=False):
    """All outputs `(batch, time, units)` and the list of last states of a batch.

    A masked step carries the state and repeats the output; before the first step that
    counts, the output is that of the initial state.
    """
    w, x = double(symbols), np.asarray(x, "float64")
    mask = np.ones(x.shape[:2], bool) if mask is None else np.asarray(mask, bool)
    rows = [
        run_row(step, w, x[i], [np.asarray(state[i], "float64") for state in states], mask[i], go_backwards)
        for i in range(len(x))
    ]
    outputs, states = zip(*rows)
    return np.stack(outputs), [np.stack(state) for state in zip(*states)]


def run_row(step, w, x, states, mask, go_backwards):
    outputs, output = [], states[0]
    for t in reversed(range(len(x))) if go_backwards else range(len(x)):
        if mask[t]:
            output, states = step(w, x[t], states)
        outputs.append(output)
    return np.array(outputs).reshape(len(x), len(output)), states
