"""Answers with a model that seqzoo has exported to ONNX: Python, NumPy and onnxruntime alone.

    from answer import Model
    Model(".").answer(["A moving film."])  # [('positive', 0.97)]

or, from the shell, `python answer.py "A moving film."`; tracks, films, sounds and rows of a table as JSON:
`python answer.py '{"island": "Dream", "sex": "female"}'`.
"""

import collections
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

import read


class Model:
    """A folder's programs, and what reads raw examples for them.

    Args:
        folder: where `model.onnx` and `preprocessor.json` are.
    """

    def __init__(self, folder="."):
        self.folder = Path(folder)
        self.learned = json.loads((self.folder / "preprocessor.json").read_text(encoding="utf-8"))
        self.programs = {}

    def run(self, name, inputs):
        """The outputs of `model`, `start`, `step` or `stream`, by their names."""
        if name not in self.programs:
            self.programs[name] = onnxruntime.InferenceSession(str(self.folder / f"{name}.onnx"))
        program = self.programs[name]
        used = {each.name: inputs[each.name] for each in program.get_inputs()}
        return dict(zip([each.name for each in program.get_outputs()], program.run(None, used)))

    def predict(self, examples):
        """The network's outputs."""
        return self.run("model", read.inputs(self.learned, examples))["output"]

    def answer(self, examples, **settings):
        """What a person reads of each example; settings are those of `search`, `generate` or `spelled`.

        As seqzoo's `answer` does, by default translations and transcripts come from a search, and tunes are drawn.
        """
        ways = {
            "Classifier": (self._labels, {}),
            "Tagger": (self._tags, {}),
            "CRFTagger": (self._crf_tags, {}),
            "CTCTranscriber": (self._heard, {"beam_width": 8}),
            "AttentionTranscriber": (self._written, {"beam_width": 8, "max_length": 32}),
            "Translator": (self._translated, {"beam_width": 4, "length_penalty": 0.6}),
            "Composer": (self._tunes, {"temperature": 0.8, "max_length": 1500}),
        }
        way, usual = ways[self.learned["model"]]
        examples = [examples] if isinstance(examples, str) else examples
        if not len(examples):
            return []
        return way(examples, **{**usual, **settings})

    def _labels(self, examples):
        ŷ = self.predict(examples)
        p = np.concatenate([1 - ŷ, ŷ], axis=1) if ŷ.shape[1] == 1 else ŷ
        return [(self.learned["labels"][row.argmax()], float(row.max())) for row in p]

    def _tags(self, examples):
        best, labels = self.predict(examples).argmax(axis=-1), self.learned["labels"]
        return [[(t, labels[y]) for t, y in zip(read.tokens_of(s), row)] for s, row in zip(examples, best)]

    def _crf_tags(self, examples):
        """The likeliest labels of each sentence together (Viterbi), by the scores of each label after each other."""
        labels, tagged = self.learned["labels"], []
        for sentence, scores in zip(examples, self.predict(examples)):
            tokens = read.tokens_of(sentence)
            scores = scores[: len(tokens)]
            rest, choices = np.zeros(len(labels)), []
            for s in scores[::-1]:
                choices.append((s + rest).argmax(axis=1))
                rest = (s + rest).max(axis=1)
            y, row = 0, []
            for token, choice in zip(tokens, choices[::-1]):
                y = choice[y]
                row.append((token, labels[y]))
            tagged.append(row)
        return tagged

    def _heard(self, examples, beam_width):
        logits = self.predict(examples)
        log_p = logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)
        return [self._words(self.spelled(row, beam_width)) for row in log_p]

    def _written(self, examples, **settings):
        """A transcriber with attention; of silence it writes nothing."""
        counts = self.start(examples)["state_1"].any(axis=1)
        return [
            self._words(beams[0]) if heard else "" for beams, heard in zip(self.search(examples, **settings), counts)
        ]

    def _words(self, symbols):
        labels = self.learned["labels"]
        return " ".join(labels[symbol - 1] for symbol in symbols if 0 < symbol <= len(labels))

    def _translated(self, examples, **settings):
        return [read.translated(self.learned, beams[0]) for beams in self.search(examples, **settings)]

    def _tunes(self, examples, **settings):
        return [read.tune(self.learned, row) for row in self.generate(examples, **settings)]

    @staticmethod
    def spelled(log_p, beam_width=1):
        """CTC: the symbols that log P of each step spells; the blank is 0. As `seqzoo.decoding.ctc_decode`.

        Width 1 takes the likeliest symbol of each step, repeated ones once, without the blank. Otherwise
        the beams are prefixes, each with log P of all paths that end in a blank, and in its last symbol.
        """
        if beam_width == 1:
            path = log_p.argmax(axis=-1)
            return path[(path != 0) & (path != np.concatenate([[0], path[:-1]]))].tolist()
        beams = {(): (0.0, -np.inf)}
        for step in log_p.tolist():
            after = collections.defaultdict(lambda: [-np.inf, -np.inf])
            for prefix, (blank, symbol) in beams.items():
                either, stays = np.logaddexp(blank, symbol), after[prefix]
                stays[0] = np.logaddexp(stays[0], either + step[0])
                if prefix:
                    stays[1] = np.logaddexp(stays[1], symbol + step[prefix[-1]])
                for new in range(1, len(step)):
                    grown = after[(*prefix, new)]  # by its last symbol once more only after a blank
                    grown[1] = np.logaddexp(grown[1], (blank if prefix[-1:] == (new,) else either) + step[new])
            best = sorted(after.items(), key=lambda each: -np.logaddexp(*each[1]))
            beams = dict(best[:beam_width])
        return list(next(iter(beams)))

    def start(self, examples):
        """What has been read, before the first token: states by their names."""
        return self.run("start", read.inputs(self.learned, examples))

    def step(self, tokens, states):
        """The logits of the next tokens, and the states after them."""
        made = self.run("step", {"tokens": np.asarray(tokens, "int32"), **states})
        after = {name.replace("after", "state"): made[name] for name in made if name.startswith("after")}
        logits = made["logits"]
        logits[:, self.learned.get("never_written", [])] = -np.inf
        return logits, {**states, **after}

    def generate(self, examples, max_length=128, temperature=0.0, seed=None):
        """Ids of a text for each example, the likeliest token each time, or one drawn at a temperature."""
        states, end, rng = self.start(examples), self.learned["end"], np.random.default_rng(seed)
        last = np.full(len(examples), self.learned.get("start", end))
        rows = [[] for _ in examples]
        ended = np.zeros(len(examples), bool)
        for _ in range(max_length):
            logits, states = self.step(last, states)
            if temperature:
                logits = logits / temperature + rng.gumbel(size=logits.shape)
            last = np.where(ended, 0, logits.argmax(axis=-1))
            ended |= last == end
            if ended.all():
                break
            for row, token, done in zip(rows, last.tolist(), ended):
                if not done:
                    row.append(token)
        return rows

    def search(self, examples, beam_width=4, max_length=128, length_penalty=0.0):
        """Beam search: for each example its beams, lists of ids, the best first. As `seqzoo.decoding.beam_search`."""
        end, n = self.learned["end"], len(examples)
        states = {name: np.repeat(state, beam_width, axis=0) for name, state in self.start(examples).items()}
        sums = np.tile(np.where(np.arange(beam_width) == 0, 0.0, -np.inf), (n, 1)).astype("float32")
        last = np.full((n, beam_width), self.learned.get("start", end))
        beams, done = [[[] for _ in range(beam_width)] for _ in range(n)], np.zeros((n, beam_width), bool)
        lengths = np.zeros((n, beam_width))
        for _ in range(max_length + 1):
            logits, states = self.step(last.reshape(-1), states)
            log_p = logits - logits.max(axis=-1, keepdims=True)
            log_p = (log_p - np.log(np.exp(log_p).sum(axis=-1, keepdims=True))).reshape(n, beam_width, -1)
            symbols = log_p.shape[-1]
            # A beam that is done goes on with its end alone, which changes nothing.
            log_p = np.where(done[..., None], np.where(np.arange(symbols) == end, 0.0, -np.inf), log_p)
            lengths = lengths + ~done
            total = (sums[..., None] + log_p).reshape(n, -1)
            score = total / np.repeat(((5 + lengths) / 6) ** length_penalty, symbols, axis=1)
            best = np.argsort(-score, axis=1, kind="stable")[:, :beam_width]
            beam, last = best // symbols, best % symbols
            sums, lengths, done = (
                np.take_along_axis(x, i, 1) for x, i in ((total, best), (lengths, beam), (done, beam))
            )
            rows = (np.arange(n)[:, None] * beam_width + beam).reshape(-1)
            states = {name: state[rows] for name, state in states.items()}
            beams = [[before[i] for i in order] for before, order in zip(beams, beam)]
            open_ = ~done & (last != end)
            beams = [[b + [t] if o else b for b, t, o in zip(*each)] for each in zip(beams, last.tolist(), open_)]
            done |= last == end
            if done.all():
                break
        return [[beam[:max_length] for beam in each] for each in beams]


if __name__ == "__main__":
    model = Model(Path(__file__).parent)
    of_numbers = model.learned["kind"].startswith(("Table", "Array", "Track", "Frame", "Speech"))
    if not sys.argv[1:]:
        sys.exit("usage: python answer.py EXAMPLE ...")
    examples = [json.loads(given) if of_numbers else given for given in sys.argv[1:]]
    for given, said in zip(sys.argv[1:], model.answer(examples)):
        print(given, "→", said)
