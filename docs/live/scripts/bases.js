// What the DNA preset takes: letters of the IUPAC for bases. Refuses anything else in the words of seqzoo.

const LETTERS = "ACGTRYSWKMBDHVNU";
const SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const NO_LETTER = new RegExp(`[^${LETTERS}${LETTERS.toLowerCase()}${SPACE}]`, "u");
const LINE_ENDS = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

// The letters without white space; throws an Error of three lines where something else is among them.
export function basesOf(text) {
  const found = NO_LETTER.exec(text);
  if (!found) return text.replace(new RegExp(`[${SPACE}]+`, "gu"), "");
  if (found[0] === ">") {
    const header = text.slice(found.index).split(LINE_ENDS)[0];
    throw refused(
      "bases alone, without the header of a FASTA file",
      `${clipped(quoted(header), 60)} in row 0, at [${found.index}]`,
      "leave the header's line out, and give each sequence a row of its own",
    );
  }
  throw refused(
    `letters of the IUPAC for bases, ${LETTERS}, large or small`,
    `${quoted(found[0])} in row 0, at [${found.index}]`,
    "leave gaps out, and write N for a base that is not known",
  );
}

const refused = (expected, received, toDo) => new Error(`Expected: ${expected}.\nReceived: ${received}.\nTo do: ${toDo}.`);

const clipped = (text, width) => ([...text].length <= width ? text : [...text].slice(0, width - 1).join("") + "…");

// A string as Python shows it.
export function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", [quote]: `\\${quote}`};
  const coded = (c) => {
    const code = c.codePointAt(0), hex = (width) => code.toString(16).padStart(width, "0");
    return code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
  };
  const inside = [...text].map((c) => named[c] ?? (/[\p{C}\p{Z}]/u.test(c) && c !== " " ? coded(c) : c));
  return quote + inside.join("") + quote;
}
