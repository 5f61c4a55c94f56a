import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { SECTOR_BYTES } from "./cell.ts";
import { JoinedChecksum } from "./joined-checksum.ts";

test("the checksums of cells make that of the whole row", () => {
  const joined = new JoinedChecksum();
  const row: Buffer[] = [];
  for (let cell = 0; cell < 200; cell++) {
    const sectors = (cell % 8) + 1;
    const bytes = randomBytes(sectors * SECTOR_BYTES);
    const seed = randomBytes(4).readUInt32LE();
    const checksum = crc32(bytes, seed);
    const stored = Buffer.alloc(4);
    stored.writeUInt32LE(checksum);
    row.push(bytes, stored);
    joined.addCell(sectors, checksum, seed);
    expect(joined.value).toBe(crc32(Buffer.concat(row)));
  }
});
