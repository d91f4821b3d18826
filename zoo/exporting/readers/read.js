// Reads raw examples for a model that seqzoo has exported: texts, DNA, tracks, films, sound, tables. No packages.
//
//   const read = require("./read.js");            // or <script src="read.js"></script>, which makes `read`
//   const inputs = read.inputs(learned, ["A moving film."]);   // learned: preprocessor.json
//   // {words: {type: "int32", dims: [1, 3], data: Int32Array}, ...}, as onnxruntime-web's Tensor takes them
//
// It gives what the model's own preprocessor gives, which checks examples more strictly.

const read = (() => {
  const M = String.raw`\p{M}\u200c\u200d`; // what belongs to the letter before it
  const L = String.raw`\p{L}`, N = String.raw`\p{N}`, SPACES = String.raw`\t\n\f\r `;
  const rules = (...pairs) => pairs.map(([pattern, by, flags]) => [new RegExp(pattern, "gsu" + (flags || "")), by]);
  const replace = (text, pairs) => pairs.reduce((made, [pattern, by]) => made.replace(pattern, by), text);
  const parts = (text) => text.split(/ +/).filter((part) => part);
  const APOSTROPHES = ["[‘’ʼ＇]", "'"];

  // Sentiment: words, ! and ? between single spaces, and the first five letters of each word.
  const STANDARD = rules(
    [`<br[${SPACES}]*/?>`, " ", "i"],
    APOSTROPHES,
    ["[\u00ad\ufe0e\ufe0f]", ""],
    [`(^|[^${L}${N}${M}])[${M}]+`, "$1"],
    [`[^${L}${N}${M}'!?]+`, " "],
    ["([!?])", " $1 "],
  );
  const LONG_WORD = rules([`((?:[${L}${N}'][${M}]*){5})[${L}${N}'][${L}${N}${M}']*`, "$1"]);
  const wordsOf = (sentence) => parts(replace(sentence.normalize("NFC").toLowerCase(), STANDARD));
  const stemsOf = (words) => parts(replace(words.join(" "), LONG_WORD));

  function sentiment(learned, sentences) {
    const words = sentences.map(wordsOf), ids = idsOf(learned.words), stemIds = idsOf(learned.stems);
    const found = {words: pad(words.map(ids)), stems: pad(words.map((row) => stemIds(stemsOf(row))))};
    if (learned.bigrams) {
      const bigramIds = idsOf(learned.bigrams), next = (row, i) => (i + 1 < row.length ? row[i + 1] : ".");
      found.bigrams = pad(words.map((row) => bigramIds(row.map((word, i) => `${word}_${next(row, i)}`))));
    }
    const rated = new Map(Object.entries(learned.ratings));
    if (rated.size) found.ratings = pad(words.map((row) => row.map((word) => rated.get(word) || 0)), 0, "float32");
    return found;
  }

  // Named entities: what each token looks like, and the groups of its letters.
  const LETTER = `[^ ${M}][${M}]*`, LOWER = String.raw`\p{Ll}\p{Lo}\p{Lm}`, UPPER = String.raw`\p{Lu}\p{Lt}`;
  const WORD = rules(
    [`${N}`, "9"],
    [`([${L}9${M}])[^${L}9 ${M}]+( |$)`, "$1$2"],
    [`(^| )[^${L}9 ]+([${L}9])`, "$1$2"],
  );
  const BEGINNING = rules([`((?:${LETTER}){3})[^ ${M}][^ ]*`, "$1"]);
  const ENDING = rules([`[^ ]+((?:${LETTER}){3})`, "$1"]);
  const SHAPE = rules(
    [`(?:[${LOWER}][${M}]*)+`, "a"], [`(?:[${UPPER}][${M}]*){2,}`, "AA"], [`[${UPPER}][${M}]*`, "A"], [`${N}`, "9"],
  );
  const PUNCTUATION = rules([`[${L}${N}][${L}${N}${M}]*`, "w"]);
  const SPACED_ONCE = rules(APOSTROPHES, [String.raw`[${SPACES}\v]+`, " "], ["^ | $", ""]);

  function looks(token) {
    const spaced = replace(token.normalize("NFC"), SPACED_ONCE);
    const word = replace(spaced.toLowerCase(), WORD);
    return [word, ...[BEGINNING, ENDING].map((r) => replace(word, r)), replace(spaced, SHAPE), replace(spaced, PUNCTUATION)];
  }

  function groupsOf(word) {
    const letters = ["<", ...[...word].slice(0, 64), ">"], ids = [];
    for (const n of [2, 3, 4]) {
      for (let i = 0; i + n <= letters.length; i++) ids.push(groupId(letters.slice(i, i + n).join("")));
    }
    return ids;
  }

  // FarmHash's Fingerprint64 of at most 16 bytes, and its place among 4096.
  function groupId(text) {
    const s = new TextEncoder().encode(text), n = s.length, u64 = (v) => BigInt.asUintN(64, v);
    const k0 = 0xc3a5c85c97cb3127n, k2 = 0x9ae16a3b2f90404fn, by = u64(k2 + 2n * BigInt(n));
    const fetch = (at, size) => s.slice(at, at + size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const rotate = (v, shift) => u64((v >> shift) | (v << (64n - shift)));
    const mixed = (u, v, m) => {
      const a = u64((u ^ v) * m), b = u64((v ^ a ^ (a >> 47n)) * m);
      return u64((b ^ (b >> 47n)) * m);
    };
    let hash;
    if (n >= 8) {
      const a = u64(fetch(0, 8) + k2), b = fetch(n - 8, 8);
      hash = mixed(u64(rotate(b, 37n) * by + a), u64((rotate(a, 25n) + b) * by), by);
    } else if (n >= 4) {
      hash = mixed(BigInt(n) + (fetch(0, 4) << 3n), fetch(n - 4, 4), by);
    } else {
      const byte = (i) => BigInt(s[i]);
      const v = u64((byte(0) + (byte(n >> 1) << 8n)) * k2) ^ u64((BigInt(n) + (byte(n - 1) << 2n)) * k0);
      hash = u64((v ^ (v >> 47n)) * k2);
    }
    return Number(hash % 4096n) + 1;
  }

  const tokensOf = (sentence) => (typeof sentence === "string" ? sentence.split(/[\s\x1c-\x1f\x85]+/).filter((t) => t) : sentence);

  function ner(learned, sentences) {
    const rows = sentences.map((sentence) => tokensOf(sentence).map(looks)), found = {};
    Object.entries(learned.vocabularies).forEach(([part, known], place) => {
      const ids = idsOf(known);
      found[part] = pad(rows.map((row) => ids(row.map((look) => look[place]))));
    });
    const groups = rows.map((row) => row.map((look) => groupsOf(look[0])));
    found.groups = padGroups(groups);
    if (learned.letters) {
      const ids = idsOf(learned.letters), spelled = (token) => ids([...token.normalize("NFC")].slice(0, 24));
      found.letters = padGroups(sentences.map((sentence) => tokensOf(sentence).map(spelled)));
    }
    return found;
  }

  function padGroups(rows) {
    const most = Math.max(1, ...rows.flat().map((ids) => ids.length));
    return pad(rows.map((row) => row.map((ids) => [...ids, ...Array(most - ids.length).fill(0)])), 0, "int32", [most]);
  }

  // Translation: words and punctuation marks, and letters where a word is not known.
  const SPACE = "▁", SIGN = String.raw`\p{L}\p{M}\p{N}`;
  const SPACED = rules(
    [String.raw`[${SPACES}\p{Z}${SPACE}]+`, SPACE],
    [`^${SPACE}?(.*?)${SPACE}?$`, `${SPACE}$1`],
    [`^${SPACE}$`, ""],
    [`${SPACE}?(?:[${SIGN}]+|[^${SIGN}${SPACE}])|${SPACE}`, "$& "],
  );
  const splitWords = (sentence) => parts(replace(sentence.normalize("NFC").toLowerCase(), SPACED));

  // Parts of words: of all neighbours that together are a token, the earliest is joined, again and again.
  function joined(parts, ranks) {
    for (;;) {
      let best = Infinity, place = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const rank = ranks.get(parts[i] + parts[i + 1]);
        if (rank < best) [best, place] = [rank, i];
      }
      if (place < 0) return parts;
      parts.splice(place, 2, parts[place] + parts[place + 1]);
    }
  }

  function translation(learned, sentences) {
    const ranks = new Map(learned.source_tokens.map((token, rank) => [token, rank])), ids = idsOf(learned.source_tokens, 4);
    const spelled = (sentence) => splitWords(sentence).flatMap((word) => (ranks.has(word) ? [word] : [...word]));
    const words = (sentence) => tokensOf(sentence.normalize("NFC").replaceAll(SPACE, " ").toLowerCase());
    const subwords = (sentence) => words(sentence).flatMap((word) => joined([SPACE, ...word], ranks));
    const split = learned.tokenizer === "subwords" ? subwords : spelled;
    return {source: pad(sentences.map((sentence) => [...ids(split(sentence)), 3]))};
  }

  function music(learned, rhythms) {
    return {x: pad(rhythms.map((rhythm) => learned.rhythms.map((known) => +(known === rhythm))), 0, "float32")};
  }

  // DNA, tracks, films, tables.
  const BASES = Object.fromEntries([..."ACGTRYSWKMBDHVN"].map((letter, place) => [letter, place + 1]));
  BASES.U = BASES.T;

  const dna = (_, texts) => ({letters: pad(texts.map((t) => [...t.replace(/\s/gu, "").toUpperCase()].map((b) => BASES[b])))});
  const track = (_, tracks) => ({film: pad(tracks, -1, "float32", [2])});

  const film = (learned, films) => ({film: pad(films, 0, "float32", learned.shape)});

  // Sounds: frames, or, of a model with a rate, samples from -1 to 1.
  function speech(learned, sounds) {
    const heard = (step) => (typeof step === "number" ? step !== 0 : step.some((value) => value !== 0));
    const trimmed = sounds.map((sound) => [...sound].slice(0, [...sound].findLastIndex(heard) + 1));
    const frames = learned.rate === null ? trimmed : trimmed.map((s) => logMel(s, learned.rate, learned.mean.length));
    const r = Math.fround, spread = learned.variance.map((v) => r(Math.sqrt(r(v))));
    const scaled = (frame) => [...frame].map((x, i) => r(r(r(x) - r(learned.mean[i])) / spread[i]));
    return {frames: pad(frames.map((sound) => sound.map(scaled)), -1e4, "float32", [spread.length])};
  }

  // x⟨t⟩ = log(M |F(w ∗ s⟨t⟩)|² + 10⁻⁶): how loud each band of the mel scale is, every hundredth of a second.
  function logMel(sound, rate, bands) {
    const round = (x) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)); // halves to the even, as Python does
    const span = round(0.025 * rate), step = round(0.01 * rate), size = 2 ** Math.ceil(Math.log2(span));
    const range = (n, f) => Array.from({length: n}, (_, i) => f(i)), half = size / 2, turn = 2 * Math.PI;
    const left = Math.floor((size - span) / 2), w = range(span, (n) => 0.5 - 0.5 * Math.cos((turn * n) / (span - (span % 2))));
    const cos = range(size, (n) => Math.cos((turn * n) / size)), sin = range(size, (n) => Math.sin((turn * n) / size));
    const mel = (hertz) => 1127 * Math.log(1 + hertz / 700), low = mel(60), wide = (mel(rate / 2) - low) / (bands + 1);
    const M = range(half + 1, (k) => {
      const place = (mel((k * rate) / size) - low) / wide; // the peak of band b is at b + 1
      return range(bands, (b) => Math.max(0, 1 - Math.abs(place - b - 1)));
    });
    return range(Math.ceil(sound.length / step), (t) => {
      const s = w.map((weight, n) => weight * (sound[t * step + left + n] || 0)), x = Array(bands).fill(0);
      for (let k = 0; k <= half; k++) {
        let re = 0, im = 0;
        s.forEach((value, n) => {
          re += value * cos[(k * (n + left)) % size];
          im += value * sin[(k * (n + left)) % size];
        });
        M[k].forEach((weight, b) => (x[b] += weight * (re * re + im * im)));
      }
      return x.map((power) => Math.log(power + 1e-6));
    });
  }

  function table(learned, rows) {
    const missing = (value) => value === null || value === undefined || value === "" || Number.isNaN(value);
    const numbers = ([name, mean, deviation]) => (row) => [missing(row[name]) ? 0 : (row[name] - mean) / deviation];
    const words = ([name, known]) => (row) => known.map((word) => +(word === row[name]));
    const columns = [...learned.numbers.map(numbers), ...learned.words.map(words)];
    return {x: pad(rows.map((row) => columns.flatMap((column) => column(row))), 0, "float32")};
  }

  function idsOf(known, first = 2, unknown = 1) {
    const places = new Map(known.map((word, place) => [word, place + first]));
    return (words) => words.map((word) => places.get(word) ?? unknown);
  }

  // Rows of different lengths as one tensor, of one step at least; `rest` is the shape of a step.
  function pad(rows, value = 0, type = "int32", rest = []) {
    const time = Math.max(1, ...rows.map((row) => row.length)), size = rest.reduce((a, b) => a * b, 1);
    const data = new (type === "int32" ? Int32Array : Float32Array)(rows.length * time * size).fill(value);
    rows.forEach((row, place) => data.set(row.flat(Infinity), place * time * size));
    return {type, dims: [rows.length, time, ...rest], data};
  }

  const READERS = {
    SentimentPreprocessor: sentiment, NerPreprocessor: ner, TranslationPreprocessor: translation,
    MusicPreprocessor: music, DnaPreprocessor: dna, TrackPreprocessor: track, FramePreprocessor: film,
    SpeechPreprocessor: speech, TablePreprocessor: table,
  };
  const inputs = (learned, examples) => READERS[learned.kind](learned, examples);
  return {inputs, wordsOf, stemsOf, splitWords, looks, groupsOf, tokensOf};
})();

if (typeof module !== "undefined") module.exports = read;
