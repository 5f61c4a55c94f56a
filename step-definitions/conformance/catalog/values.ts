const LONG = 1024 * 1024;

/** What a server writes into its catalog, at the edges: sizes of disks, and texts that people and plugins gave. */
export const values: Readonly<Record<string, { readonly balance?: number; readonly text?: string | null }>> =
  {
    "the size of the largest disk": { balance: 2 ** 50 },
    "the largest exact number": { balance: Number.MAX_SAFE_INTEGER },
    "the smallest exact number": { balance: Number.MIN_SAFE_INTEGER },
    zero: { balance: 0 },
    "no text": { text: null },
    "an empty text": { text: "" },
    "a text with quotes": { text: `it's "so"; drop table account; --` },
    "a text with a line end and a backslash": { text: "a\\\n\tb\r\n" },
    "a text in many scripts": { text: "Ærø 北京 🦀 e\u0301 \u{10FFFD}" },
    "spaces at both ends": { text: "  two  " },
    "a number as text": { text: "007" },
    "a long text": { text: "0123456789abcdef".repeat(LONG / 16) },
  };
